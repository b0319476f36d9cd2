import { guardStatus } from "#operations";
import type { Command } from "../command.ts";
import { drawGuard } from "../output/guard.ts";
import { guardJson } from "./guard-report.ts";

export const command: Command = {
  summary: "Show which Pythons refuse `pip install` outside an environment, and by what",
  description: "Changes nothing. The exit status is 1 when a Python here would let pip install into it.",
  arguments: [],
  options: [],
  examples: [
    ["pen guard status", "every Python of this machine"],
    ["pen guard status --json", "for programs"],
  ],
  async run(context) {
    const report = await guardStatus({ host: context.host, onEvent: context.emit, signal: context.signal });
    if (context.json) context.result(guardJson(report));
    else {
      context.terminal.out(drawGuard(report, context.colour));
      if (!report.on && context.quiet === 0) context.terminal.out("Turn it on: pen guard on\n");
    }
    return report.guarded ? 0 : 1;
  },
};
