import { printableLine } from "#foundation";
import { exportEnvironment } from "#operations";
import { indexOptions } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { indexesOf } from "./sources.ts";

export const command: Command = {
  summary: "Write what is in an environment as a lock",
  description:
    "Every package with its version and the hash of the very wheel where pen installed it, else with those that the index publishes. `pen env import` makes the same environment of it.",
  arguments: [{ name: "ENV", help: "A path, or the name of an environment; default .venv." }],
  options: [
    {
      name: "format",
      kind: "value",
      metavar: "FORMAT",
      choices: ["pylock", "requirements"],
      help: "pylock (PEP 751, default) or requirements; by default told by the output file's name.",
    },
    { name: "output", short: "o", aliases: ["output-file"], kind: "value", metavar: "FILE", help: "Write it to a file, in one step." },
    ...indexOptions,
  ],
  examples: [
    ["pen env export .venv -o pylock.toml", "the lock of the environment here"],
    ["pen env export science --format requirements", "as requirements, on standard output"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    const format = parsed.value("format");
    const { environment, lock, text, written, unhashed } = await exportEnvironment({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      environment: parsed.arguments[0] ?? ".venv",
      format: format === "pylock" || format === "requirements" ? format : undefined,
      outputFile: parsed.value("output"),
      indexes: indexesOf(parsed),
    });
    if (context.json) {
      const packages = lock.packages.map(({ name, version }) => ({ name, version: version ?? null }));
      context.result({ environment, written: written ?? null, packages, unhashed: [...unhashed], text });
    } else if (written === undefined) terminal.out(text);
    else if (context.quiet === 0)
      terminal.out(`Wrote ${printableLine(written)}: ${lock.packages.length} package${lock.packages.length === 1 ? "" : "s"}.\n`);
  },
};
