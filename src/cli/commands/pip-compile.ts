import { compile } from "#operations";
import { indexOptions, pythonOption } from "../arguments/common.ts";
import { buildOptions } from "../arguments/builds.ts";
import type { Command } from "../command.ts";
import { tellLock } from "../output/lock.ts";
import { buildsOf } from "./building.ts";
import { requirementOptions, resolutionOf, resolutionOptions } from "./installing.ts";
import { indexesOf } from "./sources.ts";

export const command: Command = {
  summary: "Solve requirements and pin the answer",
  description: "What the output file pins already stays, unless --upgrade says otherwise.",
  arguments: [{ name: "FILE", help: "Requirements files (`requirements.in`); `-` is standard input.", required: true, repeated: true }],
  options: [
    { name: "output-file", short: "o", kind: "value", metavar: "FILE", help: "Write the answer here; without it, to standard output." },
    {
      name: "format",
      kind: "value",
      metavar: "FORMAT",
      choices: ["requirements.txt", "pylock.toml"],
      help: "By default told by the name of the output file.",
    },
    { name: "upgrade", short: "U", kind: "flag", help: "Move everything to the newest that fits." },
    { name: "upgrade-package", short: "P", kind: "list", metavar: "NAME", help: "Move only this package." },
    { name: "no-deps", kind: "flag", help: "Pin only what is named." },
    { name: "universal", kind: "flag", help: "Solve for every platform, and for this Python and newer." },
    { name: "generate-hashes", kind: "flag", help: "Put the hashes of all files beside each version." },
    { name: "no-annotate", kind: "flag", help: "Leave out who needs a package." },
    { name: "no-header", kind: "flag", help: "Leave out the command line at the top." },
    { name: "no-strip-extras", kind: "flag", help: "Keep extras in the answer." },
    { name: "emit-index-url", kind: "flag", help: "Write the index URLs into the answer." },
    ...requirementOptions.filter(({ name }) => name === "constraint"),
    ...resolutionOptions,
    ...buildOptions,
    pythonOption,
    ...indexOptions,
  ],
  examples: [
    ["pen pip compile requirements.in -o requirements.txt", "pin everything"],
    ["pen pip compile --generate-hashes requirements.in -o requirements.txt", "with hashes"],
    ["pen pip compile -P django requirements.in -o requirements.txt", "move one package"],
  ],
  async run(context) {
    const { parsed } = context;
    const options = resolutionOf({ ...parsed, list: (name) => (name === "requirement" ? parsed.arguments : parsed.list(name)) });
    const header = parsed.flag("no-header")
      ? undefined
      : `This file was made by pen with the following command:\n   ${["pen pip compile", ...process.argv.slice(4)].join(" ")}`;
    const report = await compile({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      ...options,
      python: parsed.value("python"),
      format: parsed.value("format") as "requirements.txt" | "pylock.toml" | undefined,
      outputFile: parsed.value("output-file"),
      universal: parsed.flag("universal"),
      upgrade: parsed.flag("upgrade"),
      upgradePackages: parsed.list("upgrade-package"),
      noDependencies: parsed.flag("no-deps"),
      generateHashes: parsed.flag("generate-hashes"),
      annotations: !parsed.flag("no-annotate"),
      header,
      stripExtras: !parsed.flag("no-strip-extras"),
      emitIndexUrls: parsed.flag("emit-index-url"),
      builds: buildsOf(context),
      indexes: indexesOf(parsed),
    });
    tellLock(context, report, "Pinned");
  },
};
