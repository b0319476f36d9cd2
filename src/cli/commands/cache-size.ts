import type { Command } from "../command.ts";
import { cacheSize } from "#operations";
import { sizeText } from "../output/sizes.ts";

export const command: Command = {
  summary: "Show how much the store holds",
  arguments: [],
  options: [],
  examples: [["pen cache size", "wheels and bytes"]],
  async run(context) {
    const { wheels, bytes } = await cacheSize({ host: context.host, onEvent: context.emit });
    if (context.json) context.result({ wheels, bytes });
    else context.terminal.out(`${wheels} wheels, ${sizeText(bytes)}\n`);
  },
};
