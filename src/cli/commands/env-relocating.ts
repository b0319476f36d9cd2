import { printableLine } from "#foundation";
import type { RelocationReport } from "#operations";
import type { ArgumentSpec } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";

/** The two arguments of commands that make an environment of another one. */
export const relocationArguments: readonly ArgumentSpec[] = [
  { name: "ENV", help: "A path, or the name of an environment that is kept by name.", required: true },
  { name: "NEW", help: "Where nothing stands yet; for an environment kept by name, its new name.", required: true },
];

const meanings: Readonly<Record<RelocationReport["changed"][number]["kind"], string>> = {
  script: "finds its Python beside it now",
  activation: "finds its own place now",
  link: "is a relative link now",
  "path-file": "has relative paths now",
  config: "names the new place",
  origin: "names the new place",
  editable: "names the new place",
  project: "names the new place",
};

/** The lists of a report for people: what was changed, and what still holds the old place. */
export function drawnRelocation({ to, changed, stale }: RelocationReport, { colour, verbose }: CommandContext): string {
  const shown = (path: string): string => printableLine(path.startsWith(`${to}/`) ? path.slice(to.length + 1) : path);
  const limit = verbose > 0 ? Infinity : 12;
  const lines = changed.slice(0, limit).map(({ path, kind }) => ` ${colour.green("~")} ${shown(path)} ${colour.dim(meanings[kind])}\n`);
  if (changed.length > limit) lines.push(colour.dim(`   and ${changed.length - limit} more (-v shows them)\n`));
  for (const { path, why } of stale) lines.push(` ${colour.red("!")} ${shown(path)}: ${printableLine(why)}\n`);
  return lines.join("");
}

/** The same for programs. */
export function relocationJson({ from, to, changed, stale }: RelocationReport): {
  from: string;
  to: string;
  changed: { path: string; kind: string }[];
  stale: { path: string; why: string }[];
} {
  return { from, to, changed: changed.map(({ path, kind }) => ({ path, kind })), stale: stale.map(({ path, why }) => ({ path, why })) };
}

/** A shell in which the environment is active still has the old place in its variables. */
export function tellShell({ from, to }: RelocationReport, { host, terminal }: CommandContext): void {
  if (host.env["VIRTUAL_ENV"] !== from) return;
  terminal.err(`It is active in this shell under its old place. Type: deactivate, then activate it anew in ${printableLine(to)}\n`);
}
