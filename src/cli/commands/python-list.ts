import { printableLine } from "#foundation";
import { describeInterpreter, listPythons } from "#operations";
import type { Command } from "../command.ts";
import { columnsTable } from "../output/table.ts";

export const command: Command = {
  summary: "List the Pythons of this machine",
  arguments: [],
  options: [],
  examples: [
    ["pen python list", "all of them, in the order in which pen would take them"],
    ["pen python list --json", "for programs"],
  ],
  async run(context) {
    const found = await listPythons({ host: context.host, onEvent: context.emit, signal: context.signal });
    if (context.json) {
      context.result(found.map((interpreter) => ({ ...describeInterpreter(interpreter) })));
      return;
    }
    const rows = found.map((interpreter) => [
      `${interpreter.implementation}${interpreter.freeThreaded ? " (free-threaded)" : ""}`,
      interpreter.version,
      interpreter.source,
      printableLine(interpreter.executable),
    ]);
    context.terminal.out(rows.length === 0 ? "No Python was found.\n" : columnsTable(["Python", "Version", "Found by", "Path"], rows));
  },
};
