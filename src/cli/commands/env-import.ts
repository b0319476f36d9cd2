import { printableLine } from "#foundation";
import { importEnvironment } from "#operations";
import { indexOptions, linkOptions } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { durationText } from "../output/sizes.ts";
import { indexesOf, linkModeOf } from "./sources.ts";

export const command: Command = {
  summary: "Make an environment from a lock",
  description:
    "Exactly the packages of the lock, each checked by its hash; wheels that the store has need no index. Made of a pylock.toml, or of requirements that pin everything.",
  arguments: [
    { name: "FILE", help: "pylock.toml or requirements.txt.", required: true },
    { name: "NEW", help: "Where nothing stands yet.", required: true },
  ],
  options: [
    {
      name: "python",
      short: "p",
      kind: "value",
      metavar: "PYTHON",
      variable: "PEN_PYTHON",
      help: "Which Python; default: the one that the lock is for.",
    },
    ...linkOptions.filter(({ name }) => name === "link-mode"),
    ...indexOptions,
  ],
  examples: [
    ["pen env import pylock.toml .venv", "the environment of the lock"],
    ["pen env import --offline -p 3.12 pylock.toml trial", "from the store alone"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    const started = Date.now();
    const [file = "", to = ""] = parsed.arguments;
    const { environment, python, packages } = await importEnvironment({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      file,
      to,
      python: parsed.value("python"),
      linkMode: linkModeOf(parsed),
      indexes: indexesOf(parsed),
    });
    if (context.json) context.result({ environment, python, packages: packages.map((one) => ({ ...one })) });
    else if (context.quiet === 0) {
      const count = `${packages.length} package${packages.length === 1 ? "" : "s"}`;
      terminal.out(`Made ${printableLine(environment)}: Python ${python} with ${count}, in ${durationText(Date.now() - started)}.\n`);
    }
  },
};
