import { PenError, printableLine, warn, basename } from "#foundation";
import { compile } from "#operations";
import { buildOptions, sourceFolderOption } from "../arguments/builds.ts";
import { indexOptions, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { tellLock } from "../output/lock.ts";
import { buildsOf } from "./building.ts";
import { requirementOptions, resolutionOf, resolutionOptions } from "./installing.ts";
import { pipIndexesOf, wantingOf, wantingOptions } from "./selecting.ts";

export const command: Command = {
  summary: "Solve requirements and write a pylock.toml",
  description:
    "The lock follows PEP 751: every package with its version, its files and their hashes. It is written in one step, when all went well.",
  arguments: [{ name: "REQUIREMENT", help: "A name with an optional version, a URL, or the path of a wheel.", repeated: true }],
  options: [
    { name: "output", short: "o", kind: "value", metavar: "FILE", help: "The lock; without it pylock.toml here, `-` for standard output." },
    ...requirementOptions,
    { name: "editable", short: "e", kind: "list", metavar: "PATH", help: "A project in development mode." },
    { name: "no-deps", aliases: ["no-dependencies"], kind: "flag", help: "Lock only what is named." },
    { name: "require-hashes", kind: "flag", help: "Every requirement must have a hash." },
    ...wantingOptions,
    ...resolutionOptions,
    ...buildOptions,
    sourceFolderOption,
    pythonOption,
    ...indexOptions,
  ],
  examples: [
    ["pen pip lock -r requirements.txt", "into pylock.toml"],
    ["pen pip lock flask -o pylock.web.toml", "into another file"],
    ["pen pip lock flask -o -", "to standard output"],
  ],
  async run(context) {
    const { parsed, emit } = context;
    const named = ["requirement", "editable", "group", "requirements-from-script"].flatMap((name) => parsed.list(name));
    if (parsed.arguments.length + named.length === 0)
      throw new PenError("NOTHING_NAMED", "Nothing was named to lock", { hint: "Type for example: pen pip lock flask" });
    const output = parsed.value("output") ?? "pylock.toml";
    if (output !== "-" && !/^pylock(\.[^.]+)?\.toml$/.test(basename(output)))
      warn(emit, "lock-name", `${printableLine(output)} is not a valid lock file name: others look for pylock.toml or pylock.NAME.toml.`);
    const report = await compile({
      host: context.host,
      onEvent: emit,
      signal: context.signal,
      ...resolutionOf(parsed),
      ...wantingOf(parsed),
      requirements: parsed.arguments,
      editables: parsed.list("editable"),
      python: parsed.value("python"),
      format: "pylock.toml",
      outputFile: output === "-" ? undefined : output,
      upgrade: true,
      noDependencies: parsed.flag("no-deps"),
      requireHashes: parsed.flag("require-hashes"),
      builds: buildsOf(context),
      indexes: pipIndexesOf(parsed),
    });
    tellLock(context, report, "Locked");
  },
};
