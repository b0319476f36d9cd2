import { PenError, printableLine } from "#foundation";
import { installProject } from "#operations";
import type { Command } from "../command.ts";
import { changingOptions, noSyncOption, prereleaseOption, projectOptions, tablesOf } from "../short-forms/options.ts";
import { tellChange } from "../short-forms/telling.ts";

export const command: Command = {
  forProjects: true,
  summary: "Add packages to the project: to its Pipfile, its lock and its environment",
  description:
    "What is locked already stays at its version, unless what is added needs another one. All or nothing: when it fails, Pipfile, lock and environment are as they were. In a folder without a Pipfile one is made.",
  arguments: [{ name: "PACKAGE", help: "Packages, as pip takes them: names, versions, extras, markers, folders, URLs.", repeated: true }],
  options: [
    { name: "dev", short: "d", kind: "flag", help: "To [dev-packages]." },
    { name: "to", kind: "list", metavar: "CATEGORY", help: "To this table of the Pipfile, whatever it is called; may be repeated." },
    { name: "editable", short: "e", kind: "list", metavar: "PATH", help: "Add a project that is worked on." },
    {
      name: "requirement",
      short: "r",
      aliases: ["requirements"],
      kind: "value",
      metavar: "FILE",
      help: "Add what a requirements file lists.",
    },
    {
      name: "index",
      short: "i",
      kind: "value",
      metavar: "NAME",
      help: "The source that they come from, and no other: its name in the Pipfile, or the URL of an index, which becomes one.",
    },
    noSyncOption,
    prereleaseOption,
    ...changingOptions,
  ],
  examples: [
    ["pen add flask", "the newest that fits"],
    ['pen add "flask[async]>=3" --to web', "into the table [web]"],
    ["pen add --dev pytest", "for development"],
    ["pen add -e ./lib", "a folder that is worked on"],
  ],
  async run(context) {
    const { parsed } = context;
    const editables = parsed.list("editable");
    if (parsed.arguments.length + editables.length === 0 && parsed.value("requirement") === undefined)
      throw new PenError("NOTHING_NAMED", "Nothing was named that is to be added", { hint: "Type for example: pen add flask" });
    const named = tablesOf(parsed.list("to"));
    const dev = parsed.flag("dev") ? ["dev-packages"] : [];
    const into = [...new Set([...named, ...dev])];
    const tables = into.length > 0 ? into : ["packages"];
    const started = Date.now();
    const report = await installProject({
      ...projectOptions(context),
      packages: parsed.arguments,
      editables,
      into: tables,
      categories: [...new Set(["packages", ...tables])],
      index: parsed.value("index"),
      requirementsFile: parsed.value("requirement"),
      sync: !parsed.flag("no-sync"),
      coolDownDays: 3,
    });
    if (report.began && !context.json && context.quiet === 0) context.terminal.err(`Wrote ${printableLine(report.project.pipfile.path)}\n`);
    await tellChange(context, report, started);
  },
};
