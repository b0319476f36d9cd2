import { os } from "./builtins.ts";

/** Runs at most `most` of the given works at once; of those that wait the weightiest is next, and of equal ones the first that came. */
export interface Limiter {
  run<T>(work: () => Promise<T>, weight?: number): Promise<T>;
}

interface Waiting {
  readonly weight: number;
  go(): void;
}

export function createLimiter(most: number): Limiter {
  let running = 0;
  const waiting: Waiting[] = [];
  const next = (): Waiting | undefined => {
    const first = waiting.reduce((best, { weight }, at) => (weight > (waiting[best]?.weight ?? 0) ? at : best), 0);
    return waiting.splice(first, 1)[0];
  };
  return {
    run: async (work, weight = 0) => {
      if (running >= most) await new Promise<void>((resolve) => waiting.push({ weight, go: resolve }));
      else running += 1;
      try {
        return await work();
      } finally {
        const turn = next();
        if (turn === undefined) running -= 1;
        else turn.go();
      }
    },
  };
}

/** How many processors this process may use; at least 1. */
export function processorCount(): number {
  return Math.max(1, os().availableParallelism());
}
