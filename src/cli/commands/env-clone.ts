import { printableLine } from "#foundation";
import { cloneEnvironment } from "#operations";
import type { Command } from "../command.ts";
import { drawnRelocation, relocationArguments, relocationJson } from "./env-relocating.ts";

export const command: Command = {
  summary: "Copy an environment to another place",
  description:
    "The copy works at its own place. Files that are linked from the store are linked again and take no space; links stay links; the rest is copied. The old environment is only read. Cut off, nothing stands at the new place.",
  arguments: relocationArguments,
  options: [],
  examples: [
    ["pen env clone .venv trial", "try an upgrade in a copy"],
    ["pen env clone science science-next", "of environments that are kept by name"],
  ],
  async run(context) {
    const [environment = "", to = ""] = context.parsed.arguments;
    const report = await cloneEnvironment({ host: context.host, onEvent: context.emit, signal: context.signal, environment, to });
    if (context.json) {
      context.result({ ...relocationJson(report), linked: report.linked, copied: report.copied });
      return;
    }
    if (context.quiet > 0) return;
    context.terminal.out(drawnRelocation(report, context));
    context.terminal.out(`Cloned into ${printableLine(report.to)}: ${report.linked} files linked, ${report.copied} copied.\n`);
  },
};
