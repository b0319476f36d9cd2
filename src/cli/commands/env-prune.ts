import { PenError, printableLine } from "#foundation";
import { pruneEnvironments } from "#operations";
import type { Command } from "../command.ts";
import { confirmation, removalOptions, reportRemoval } from "./env-removing.ts";

export const command: Command = {
  summary: "Delete environments that nobody uses",
  description:
    "Shows what would go and asks. The active environment, that of the project here, those of conda, and those that are programs (uv's tools, pipx) stay. When an environment was last used, `pen env list` shows.",
  arguments: [],
  options: [{ name: "unused", kind: "value", metavar: "AGE", help: "For how long: 90d (default), 12w, 1y." }, ...removalOptions],
  examples: [
    ["pen env prune --unused 90d --dry-run", "what was not used for 90 days"],
    ["pen env prune --unused 1y --yes", "delete what was not used for a year, without asking"],
  ],
  async run(context) {
    const confirm = confirmation(context);
    const options = { host: context.host, onEvent: context.emit, signal: context.signal, confirm };
    return reportRemoval(context, await pruneEnvironments({ ...options, unusedDays: daysOf(context.parsed.value("unused") ?? "90d") }));
  },
};

const units: Readonly<Record<string, number>> = { d: 1, w: 7, y: 365 };

function daysOf(text: string): number {
  const match = /^(\d{1,5})([dwy])$/.exec(text);
  const days = Number(match?.[1]) * (units[match?.[2] ?? ""] ?? Number.NaN);
  if (days > 0) return days;
  throw new PenError("USAGE", `--unused does not understand ${printableLine(text)}`, { hint: "Write days, weeks or years: 90d, 12w, 1y." });
}
