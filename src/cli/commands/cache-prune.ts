import { pruneCache } from "#operations";
import type { Command } from "../command.ts";
import { sizeText } from "../output/sizes.ts";

export const command: Command = {
  summary: "Remove leftovers and what no environment uses",
  description:
    "Environments keep working: their files stay as long as they link them. Only environments made with --link-mode symlink need the store.",
  arguments: [],
  options: [],
  examples: [["pen cache prune", "remove leftovers and what no environment uses"]],
  async run(context) {
    const { wheels, bytes } = await pruneCache({ host: context.host, onEvent: context.emit });
    if (context.json) context.result({ wheels, bytes });
    else context.terminal.out(`Removed ${wheels} wheels, ${sizeText(bytes)}.\n`);
  },
};
