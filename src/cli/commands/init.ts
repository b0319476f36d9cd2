import { PenError, printableLine } from "#foundation";
import { initProject } from "#operations";
import type { Command } from "../command.ts";
import { tellMade } from "../short-forms/telling.ts";

export const command: Command = {
  forProjects: true,
  summary: "Begin a project here: a Pipfile, and its environment",
  description:
    "The Pipfile gets a cool-down period of three days: versions that are younger are not locked, since most that are malicious are found and withdrawn within that time.",
  arguments: [],
  options: [
    {
      name: "python",
      short: "p",
      kind: "value",
      metavar: "PYTHON",
      help: "The Python that the project is for; default the first one there is.",
    },
    { name: "index", short: "i", kind: "value", metavar: "URL", help: "The package index of the project; default the public one." },
    {
      name: "cool-down",
      kind: "value",
      number: true,
      metavar: "DAYS",
      help: "Another cool-down period than 3 days; 0: none, for an index that does not say when files were uploaded.",
    },
  ],
  examples: [
    ["pen init", "with the first Python there is"],
    ["pen init --python 3.12", "with this one"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    const days = Number(parsed.value("cool-down") ?? 3);
    if (!Number.isInteger(days) || days < 0)
      throw new PenError("USAGE", "--cool-down takes a whole number of days", { hint: "Type for example: pen init --cool-down 7" });
    const { project, environment } = await initProject({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      python: parsed.value("python"),
      index: parsed.value("index"),
      coolDownDays: days === 0 ? undefined : days,
    });
    const { pipfile, root } = project;
    if (context.json) {
      const { place, made } = environment;
      const python = environment.environment.interpreter.version;
      return context.result({ project: root, pipfile: pipfile.path, environment: place.root, made, python });
    }
    if (context.quiet > 0) return;
    terminal.err(`Wrote ${printableLine(pipfile.path)}\n`);
    tellMade(context, environment);
    terminal.err("Add packages next: pen add PACKAGE\n");
  },
};
