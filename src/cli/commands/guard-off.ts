import { guardOff } from "#operations";
import type { Command } from "../command.ts";
import { drawGuard, drawGuardChanges } from "../output/guard.ts";
import { guardJson } from "./guard-report.ts";

export const command: Command = {
  summary: "Take back what `pen guard on` did",
  description:
    "pip's configuration is as it was, but for what others changed in it meanwhile; the markers that pen put are removed, and no others. Twice does no harm.",
  arguments: [],
  options: [],
  examples: [["pen guard off", "pip installs wherever it did before"]],
  async run(context) {
    const report = await guardOff({ host: context.host, onEvent: context.emit, signal: context.signal });
    if (context.json) context.result(guardJson(report));
    else if (context.quiet === 0) {
      context.terminal.out(drawGuardChanges(report.changes));
      context.terminal.out(drawGuard(report, context.colour));
    }
  },
};
