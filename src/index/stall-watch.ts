/** Ends a request in which nothing moves. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly stalled: () => boolean;
  /** Something moved. With `graceMs`, silence is allowed for so much longer. */
  touch(graceMs?: number): void;
  stop(): void;
}

/** Starts to wait: after `stallMs` without a touch, or when `outer` aborts, the signal aborts. */
export function startWatch(stallMs: number, outer: AbortSignal | undefined): Watch {
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
  const cancel = () => controller.abort(outer?.reason);
  outer?.addEventListener("abort", cancel, { once: true });
  return {
    signal: controller.signal,
    stalled: () => stalled,
    touch: (graceMs = 0) => void (last = performance.now() + graceMs),
    stop: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", cancel);
      // Also lets go of a body that nobody read.
      controller.abort(new Error("done"));
    },
  };
}
