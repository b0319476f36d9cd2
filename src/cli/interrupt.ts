import { PenError } from "#foundation";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C and a polite kill abort the work, which then undoes itself; a second one ends the program at once. */
export function listenForInterrupt(): { readonly signal: AbortSignal; status(): number | undefined; stop(): void } {
  const controller = new AbortController();
  let status: number | undefined;
  const handler = (name: NodeJS.Signals): void => {
    const code = name === "SIGINT" ? 130 : name === "SIGTERM" ? 143 : 129;
    if (status !== undefined) process.exit(code);
    status = code;
    // Whatever waits on and does not listen is ended: a transaction that was cut off is undone by the next command.
    setTimeout(() => process.exit(code), 1500).unref();
    controller.abort(new PenError("CANCELLED", "Interrupted", { why: "Everything is as it was before." }));
  };
  for (const name of signals) process.on(name, handler);
  return {
    signal: controller.signal,
    status: () => status,
    stop: () => {
      for (const name of signals) process.off(name, handler);
    },
  };
}
