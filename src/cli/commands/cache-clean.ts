import { cleanCache } from "#operations";
import type { Command } from "../command.ts";
import { sizeText } from "../output/sizes.ts";

export const command: Command = {
  summary: "Remove everything from the store",
  description:
    "Environments keep working: their files stay as long as they link them. Only environments made with --link-mode symlink need the store.",
  arguments: [],
  options: [],
  examples: [["pen cache clean", "remove everything from the store"]],
  async run(context) {
    const { wheels, bytes } = await cleanCache({ host: context.host, onEvent: context.emit });
    if (context.json) context.result({ wheels, bytes });
    else context.terminal.out(`Removed ${wheels} wheels, ${sizeText(bytes)}.\n`);
  },
};
