import { printableLine, relative } from "#foundation";
import type { CompileReport } from "#operations";
import type { CommandContext } from "../command.ts";

/** A lock that was worked out: as JSON, as its text, or in one line where it was written. `done` is the word for that. */
export function tellLock(context: CommandContext, { lock, written, text }: CompileReport, done: "Locked" | "Pinned"): void {
  const { host, terminal } = context;
  if (context.json) {
    const packages = lock.packages.map(({ name, version }) => ({ name, version: version ?? null }));
    context.result({ packages, written: written ?? null, text });
  } else if (written === undefined) terminal.out(text);
  else if (context.quiet === 0) {
    const shown = relative(host.cwd, written);
    terminal.err(`${done} ${lock.packages.length} packages in ${printableLine(shown.startsWith("..") ? written : shown)}.\n`);
  }
}
