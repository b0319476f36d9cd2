import { os } from "./builtins.ts";

/** Runs at most `most` of the given works at once; the rest wait in the order they came. */
export interface Limiter {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createLimiter(most: number): Limiter {
  let running = 0;
  const waiting: Array<() => void> = [];
  return {
    run: async (work) => {
      if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}

/** How many processors this process may use; at least 1. */
export function processorCount(): number {
  return Math.max(1, os().availableParallelism());
}
