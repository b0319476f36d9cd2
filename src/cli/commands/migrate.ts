import { printable, printableLine, basename } from "#foundation";
import { migrateProject } from "#operations";
import { pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { fetchingOptions } from "./installing.ts";
import { fetchingOf } from "./sources.ts";

export const command: Command = {
  forProjects: true,
  summary: "Make a Pipfile of another tool's project, or a pyproject.toml of a Pipfile",
  description:
    "From requirements files (with those for development, constraints, hashes, editable folders and indexes), from poetry's or uv's pyproject.toml, comments included. What was read stays; nothing is overwritten without --force.",
  arguments: [{ name: "FOLDER", help: "The project; default the folder here." }],
  options: [
    {
      name: "from",
      kind: "value",
      metavar: "KIND",
      choices: ["requirements", "poetry", "uv", "pyproject", "pipfile"],
      help: "What to migrate from; default told by the files that are there. From pipfile a pyproject.toml is made, from all others a Pipfile.",
    },
    {
      name: "requirement",
      short: "r",
      aliases: ["requirements"],
      kind: "list",
      metavar: "FILE",
      help: "A requirements file of [packages].",
    },
    { name: "dev", short: "d", kind: "list", metavar: "FILE", help: "A requirements file of [dev-packages]." },
    { name: "force", kind: "flag", help: "Replace what is there." },
    { name: "dry-run", kind: "flag", help: "Print the file instead of writing it." },
    { name: "lock", kind: "flag", help: "Lock the new Pipfile too, keeping the versions of poetry.lock or uv.lock where they fit." },
    pythonOption,
    ...fetchingOptions,
  ],
  examples: [
    ["pen migrate", "a Pipfile from what this project has"],
    ["pen migrate --dry-run", "look at it first"],
    ["pen migrate -r base.txt --dev test.txt", "files with other names"],
    ["pen migrate --lock", "and lock it, with the versions of poetry.lock or uv.lock"],
    ["pen migrate --from pipfile", "a pyproject.toml with dependency groups"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    const from = parsed.value("from") as "requirements" | "poetry" | "uv" | "pyproject" | "pipfile" | undefined;
    const report = await migrateProject({
      host: context.host,
      onEvent: context.emit,
      folder: parsed.arguments[0],
      from,
      requirementFiles: parsed.list("requirement"),
      devFiles: parsed.list("dev"),
      force: parsed.flag("force"),
      dryRun: parsed.flag("dry-run"),
      lock: parsed.flag("lock"),
      python: parsed.value("python"),
      fetching: fetchingOf(parsed),
      signal: context.signal,
    });
    const { pins, ...rest } = report;
    if (context.json) return context.result({ ...rest, read: [...rest.read], notes: [...rest.notes], pins: Object.fromEntries(pins) });
    if (!report.written) terminal.out(printable(report.text));
    if (context.quiet > 0) return;
    const names = report.read.map((path) => printableLine(basename(path))).join(", ");
    if (report.written) terminal.err(`Wrote ${printableLine(basename(report.path))} from ${names}.\n`);
    for (const note of report.notes) terminal.err(`${colour.yellow("note")}: ${printableLine(note)}\n`);
    if (report.written && basename(report.path) === "Pipfile" && !parsed.flag("lock")) terminal.err("Lock it next: pen lock\n");
  },
};
