import { requirementsOfProject } from "#operations";
import type { Command } from "../command.ts";
import { splitList } from "../pipenv/common.ts";

export const command: Command = {
  forProjects: true,
  summary: "Print the lock as a requirements file",
  arguments: [],
  options: [
    { name: "dev", kind: "flag", help: "With the packages of [dev-packages]." },
    { name: "dev-only", kind: "flag", help: "The packages of [dev-packages] alone." },
    { name: "hash", kind: "flag", help: "With hashes." },
    { name: "exclude-markers", kind: "flag", help: "Without environment markers." },
    { name: "exclude-index", kind: "flag", help: "Without the lines of the indexes." },
    { name: "categories", kind: "value", metavar: "NAMES", help: "These tables of the Pipfile." },
    { name: "from-pipfile", kind: "flag", help: "Only what the Pipfile itself names." },
    { name: "no-lock", kind: "flag", help: "The versions that the Pipfile asks for." },
    {
      name: "pypi-mirror",
      kind: "value",
      metavar: "URL",
      variable: "PIPENV_PYPI_MIRROR",
      help: "An index that stands in for the first one.",
    },
  ],
  examples: [["pen pipenv requirements --hash > requirements.txt", "for pip"]],
  async run(context) {
    const { parsed } = context;
    const named = splitList(parsed.value("categories"));
    const usual = parsed.flag("dev-only") ? ["dev-packages"] : parsed.flag("dev") ? ["dev-packages", "packages"] : ["packages"];
    const lines = await requirementsOfProject({
      host: context.host,
      onEvent: context.emit,
      categories: named.length > 0 ? named : usual,
      hashes: parsed.flag("hash"),
      markers: !parsed.flag("exclude-markers"),
      indexes: !parsed.flag("exclude-index"),
      named: parsed.flag("from-pipfile"),
      unlocked: parsed.flag("no-lock"),
      mirror: parsed.value("pypi-mirror"),
    });
    if (context.json) context.result({ lines });
    else context.terminal.out(lines.map((line) => `${line}\n`).join(""));
  },
};
