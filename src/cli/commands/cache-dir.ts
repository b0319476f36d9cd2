import { cacheDir } from "#foundation";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Show where the store is",
  arguments: [],
  options: [],
  examples: [["pen cache dir", "PEN_CACHE_DIR or --cache-dir move it"]],
  run(context) {
    const folder = cacheDir(context.host);
    if (context.json) context.result({ path: folder });
    else context.terminal.out(`${folder}\n`);
    return Promise.resolve();
  },
};
