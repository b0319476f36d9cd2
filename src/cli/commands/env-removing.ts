import { printableLine } from "#foundation";
import type { DoomedEnvironment, RemovalReport } from "#operations";
import type { OptionSpec } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";
import { askYes } from "../input.ts";
import { sizeText } from "../output/sizes.ts";

/** Options of commands that delete environments. */
export const removalOptions: readonly OptionSpec[] = [
  { name: "yes", short: "y", kind: "flag", help: "Delete without asking." },
  { name: "dry-run", kind: "flag", help: "Only show what would be deleted." },
];

/** Shows the list, then asks; where nobody can be asked, nothing is deleted without `--yes`. */
export function confirmation({
  parsed,
  terminal,
  json,
  colour,
}: CommandContext): (doomed: readonly DoomedEnvironment[]) => Promise<boolean> {
  return async (doomed) => {
    const dry = parsed.flag("dry-run");
    if (!json) for (const one of doomed) terminal.err(` ${colour.red("-")} ${printableLine(one.path)} (${sizeText(one.own)})\n`);
    if (dry || parsed.flag("yes")) return !dry;
    if (json || !terminal.inIsTerminal) return false;
    return askYes(doomed.length === 1 ? "Delete this environment?" : `Delete these ${doomed.length} environments?`);
  };
}

/** Tells what was done. The status is 1 when something was to be deleted and was not, other than on a dry run. */
export function reportRemoval(context: CommandContext, { environments, kept, done }: RemovalReport): number {
  const { parsed, terminal, quiet } = context;
  const dry = parsed.flag("dry-run");
  const own = environments.reduce((sum, one) => sum + one.own, 0);
  if (context.json) context.result({ environments: environments.map((one) => ({ ...one })), kept: kept.map((one) => ({ ...one })), done });
  else {
    for (const { path, why } of kept) terminal.err(`Kept ${printableLine(path)}: ${why}\n`);
    const count = environments.length === 1 ? "1 environment" : `${environments.length} environments`;
    if (environments.length === 0) terminal.out("Nothing to delete.\n");
    else if (done && quiet === 0) terminal.out(`Deleted ${count}, ${sizeText(own)} of their own.\n`);
    else if (dry) terminal.out(`Would delete ${count}, ${sizeText(own)} of their own.\n`);
    else if (!done) terminal.out(`Nothing was deleted.${terminal.inIsTerminal ? "" : " Add --yes to delete without being asked."}\n`);
  }
  return done || dry || environments.length === 0 ? 0 : 1;
}
