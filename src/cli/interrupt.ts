import { PenError } from "#foundation";

/** Ctrl-C and a polite kill abort the work, which then undoes itself; a second one ends the program at once. */
export function listenForInterrupt(): { readonly signal: AbortSignal; status(): number | undefined; stop(): void } {
  const controller = new AbortController();
  let status: number | undefined;
  const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const handlers = Object.entries(statuses).map(([name, code]) => {
    const handler = (): void => {
      if (status !== undefined) process.exit(code);
      status = code;
      // Whatever waits on and does not listen is ended: a transaction that was cut off is undone by the next command.
      setTimeout(() => process.exit(code), 1500).unref();
      controller.abort(new PenError("CANCELLED", "Interrupted", { why: "Everything is as it was before." }));
    };
    process.on(name, handler);
    return [name, handler] as const;
  });
  return {
    signal: controller.signal,
    status: () => status,
    stop: () => handlers.forEach(([name, handler]) => process.off(name, handler)),
  };
}
