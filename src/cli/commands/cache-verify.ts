import { printableLine } from "#foundation";
import { verifyCache } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Prove every stored file by its hash",
  description:
    "Exit status 1 when something is damaged. With --repair damaged wheels are dropped, so that they are fetched again when needed.",
  arguments: [],
  options: [{ name: "repair", kind: "flag", help: "Drop the wheels that are damaged." }],
  examples: [["pen cache verify --repair", "check everything, drop what is damaged"]],
  async run(context) {
    const { problems, wheels, dropped } = await verifyCache({
      host: context.host,
      onEvent: context.emit,
      repair: context.parsed.flag("repair"),
    });
    if (context.json) context.result({ wheels, problems: problems.map((problem) => ({ ...problem })), dropped: [...dropped] });
    else {
      for (const problem of problems)
        context.terminal.out(
          `${problem.kind}: ${printableLine(problem.path)}${problem.wheel === undefined ? "" : ` (${problem.wheel})`}\n`,
        );
      const rest = dropped.length > 0 ? ` ${dropped.length} dropped.` : problems.length > 0 ? " Run again with --repair to drop them." : "";
      context.terminal.out(`${wheels} wheels checked, ${problems.length} problem${problems.length === 1 ? "" : "s"}.${rest}\n`);
    }
    return problems.length > 0 && dropped.length === 0 ? 1 : 0;
  },
};
