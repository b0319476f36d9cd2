/** Ends a request in which nothing moves. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly stalled: () => boolean;
  /** Something moved. With `graceMs`, silence is allowed for so much longer. */
  touch(graceMs?: number): void;
  stop(): void;
}

/** Starts to wait: after `stallMs` without a touch, or when one of `outer` aborts, the signal aborts. */
export function startWatch(stallMs: number, outer: ReadonlyArray<AbortSignal | undefined>): Watch {
  const controller = new AbortController();
  let last = performance.now();
  let stalled = false;
  let timer: ReturnType<typeof setTimeout>;
  const check = () => {
    const left = stallMs - (performance.now() - last);
    if (left > 0) return void (timer = setTimeout(check, left + 1));
    stalled = true;
    controller.abort(new Error("stalled"));
  };
  timer = setTimeout(check, stallMs);
  const cancel = (event: Event) => controller.abort((event.target as AbortSignal).reason);
  for (const signal of outer) signal?.addEventListener("abort", cancel, { once: true });
  return {
    signal: controller.signal,
    stalled: () => stalled,
    touch: (graceMs = 0) => void (last = performance.now() + graceMs),
    stop: () => {
      clearTimeout(timer);
      for (const signal of outer) signal?.removeEventListener("abort", cancel);
      // Also lets go of a body that nobody read.
      controller.abort(new Error("done"));
    },
  };
}
