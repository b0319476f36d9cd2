import { printableLine } from "#foundation";
import { moveEnvironment } from "#operations";
import type { Command } from "../command.ts";
import { drawnRelocation, relocationArguments, relocationJson, tellShell } from "./env-relocating.ts";

export const command: Command = {
  summary: "Move or rename an environment",
  description:
    "Also those that python -m venv, virtualenv and uv made: what holds the old place is changed and listed, and finds its own place from then on. Cut off at any moment, one whole environment stands at the old place or at the new.",
  arguments: relocationArguments,
  options: [],
  examples: [
    ["pen env move venv .venv", "rename it"],
    ["pen env move .venv ../other/.venv", "to another project"],
    ["pen env move science physics", "an environment that is kept by name"],
  ],
  async run(context) {
    const [environment = "", to = ""] = context.parsed.arguments;
    const report = await moveEnvironment({ host: context.host, onEvent: context.emit, signal: context.signal, environment, to });
    if (context.json) {
      context.result(relocationJson(report));
      return;
    }
    if (context.quiet === 0) {
      context.terminal.out(drawnRelocation(report, context));
      context.terminal.out(`Moved to ${printableLine(report.to)}.\n`);
    }
    tellShell(report, context);
  },
};
