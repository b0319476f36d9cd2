import { PenError, printableLine } from "#foundation";
import { pylockHere } from "#operations";
import { specifiersText } from "#standards";
import type { Command } from "../command.ts";
import { changeOptions, splitList } from "../pipenv/common.ts";
import { baseOptions } from "../pipenv/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Write the lock as pylock.toml, or check the one that is there",
  description: "Without options it tells what pylock.toml stands beside the Pipfile.",
  arguments: [],
  options: [
    { name: "generate", kind: "flag", help: "Write Pipfile.lock as pylock.toml." },
    { name: "from-pyproject", kind: "flag", help: "Solve pyproject.toml and write the answer: its dependencies, extras and groups." },
    { name: "validate", kind: "flag", help: "Fail when there is no pylock.toml, or one that breaks PEP 751." },
    { name: "output", short: "o", kind: "value", metavar: "FILE", help: "Write here instead of beside the Pipfile." },
    { name: "dev-groups", kind: "value", metavar: "NAMES", help: "The dependency groups that [dev-packages] becomes; default dev." },
    ...baseOptions,
  ],
  examples: [["pen pipenv pylock --generate", "for tools that read PEP 751"]],
  async run(context) {
    const { parsed, terminal } = context;
    const from = parsed.flag("generate") ? "lock" : parsed.flag("from-pyproject") ? "pyproject" : undefined;
    const named = splitList(parsed.value("dev-groups"));
    const report = await pylockHere({
      ...changeOptions(context),
      from,
      path: parsed.value("output"),
      groups: named.length > 0 ? named : undefined,
    });
    if (report === undefined && parsed.flag("validate"))
      throw new PenError("INVALID_LOCK", "No pylock.toml found.", { hint: "Make one: pen pipenv pylock --generate" });
    if (context.json) {
      context.result({ path: report?.path ?? null, written: report?.written ?? false, packages: report?.lock.packages.length ?? 0 });
      return;
    }
    if (report === undefined) {
      terminal.out("No pylock.toml found.\nMake one from Pipfile.lock: pen pipenv pylock --generate\n");
      return;
    }
    const { lock, path, written } = report;
    const head = written
      ? `Generated pylock.toml at ${printableLine(path)}`
      : parsed.flag("validate")
        ? "Valid pylock.toml"
        : `pylock.toml: ${printableLine(path)}`;
    const python = lock.requiresPython === undefined ? [] : [`  Requires Python: ${specifiersText(lock.requiresPython)}`];
    const extras = (lock.extras?.length ?? 0) === 0 ? [] : [`  Extras: ${(lock.extras ?? []).join(", ")}`];
    const groups = (lock.dependencyGroups?.length ?? 0) === 0 ? [] : [`  Dependency Groups: ${(lock.dependencyGroups ?? []).join(", ")}`];
    const lines = written ? [head] : [head, `  Packages: ${lock.packages.length}`, ...python, ...extras, ...groups];
    terminal.out(`${lines.join("\n")}\n`);
  },
};
