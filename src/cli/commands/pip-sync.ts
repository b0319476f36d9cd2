import { sync } from "#operations";
import { indexOptions, linkOptions, pythonOption } from "../arguments/common.ts";
import { buildOptions, sourceFolderOption } from "../arguments/builds.ts";
import type { Command } from "../command.ts";
import { buildsOf } from "./building.ts";
import { requirementOptions, resolutionOf, resolutionOptions } from "./installing.ts";
import { indexesOf, linkModeOf } from "./sources.ts";
import { tellInstall } from "../output/installed.ts";

export const command: Command = {
  summary: "Make the environment exactly what pinned requirements say",
  description: "Installs what is missing, changes what differs and removes the rest. pip, setuptools and wheel stay.",
  arguments: [{ name: "FILE", help: "Requirements files, as `pen pip compile` writes them.", required: true, repeated: true }],
  options: [
    ...requirementOptions.filter(({ name }) => name === "constraint"),
    { name: "requirement", short: "r", kind: "list", metavar: "FILE", help: "A further requirements file.", hidden: true },
    { name: "dry-run", kind: "flag", help: "Only say what would be done." },
    { name: "require-hashes", kind: "flag", help: "Every requirement must have a hash." },
    { name: "force-reinstall", aliases: ["reinstall"], kind: "flag", help: "Install anew even what is there." },
    { name: "allow-empty-requirements", kind: "flag", help: "Let empty files empty the environment." },
    { name: "target", short: "t", kind: "value", metavar: "DIR", help: "Work on a plain folder instead of an environment." },
    { name: "prefix", kind: "value", metavar: "DIR", help: "Work on a folder laid out like an installation." },
    { name: "overwrite", kind: "flag", help: "Let a package take over a file that another one owns." },
    ...resolutionOptions.filter(({ name }) => name !== "override" && name !== "exclude" && name !== "resolution"),
    ...buildOptions,
    sourceFolderOption,
    pythonOption,
    ...linkOptions,
    ...indexOptions,
  ],
  examples: [
    ["pen pip sync requirements.txt", "exactly these, nothing else"],
    ["pen pip sync requirements.txt dev-requirements.txt", "two files together"],
  ],
  async run(context) {
    const { parsed } = context;
    const started = Date.now();
    const dryRun = parsed.flag("dry-run");
    const python = {
      ...resolutionOf({
        ...parsed,
        list: (name) => (name === "override" || name === "exclude" ? [] : parsed.list(name)),
        value: (name) => (name === "resolution" ? undefined : parsed.value(name)),
      }),
    };
    const outcome = await sync({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      ...python,
      requirementFiles: [...parsed.arguments, ...parsed.list("requirement")],
      python: parsed.value("python"),
      target: parsed.value("target"),
      prefix: parsed.value("prefix"),
      dryRun,
      requireHashes: parsed.flag("require-hashes"),
      forceReinstall: parsed.flag("force-reinstall"),
      allowEmpty: parsed.flag("allow-empty-requirements"),
      overwrite: parsed.flag("overwrite"),
      linkMode: linkModeOf(parsed),
      compileBytecode: parsed.flag("compile-bytecode"),
      builds: buildsOf(context),
      indexes: indexesOf(parsed),
    });
    await tellInstall(context, outcome, { started, dryRun });
  },
};
