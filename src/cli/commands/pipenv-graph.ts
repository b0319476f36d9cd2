import { PenError } from "#foundation";
import { graphOfProject } from "#operations";
import type { Command } from "../command.ts";
import { jsonText } from "../output/json.ts";
import { graphJson, graphLines, graphTreeJson } from "../pipenv/graph-text.ts";
import { bareOption } from "../pipenv/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Draw who needs what in the project's environment",
  description: "With --json the list that pipdeptree prints, with --json-tree its tree.",
  arguments: [],
  options: [
    bareOption,
    { name: "json-tree", kind: "flag", help: "The tree as JSON." },
    { name: "reverse", kind: "flag", help: "Who needs it, instead of what it needs." },
  ],
  examples: [
    ["pen pipenv graph", "as a tree"],
    ["pen pipenv graph --reverse", "who needs what"],
    ["pen pipenv graph --json-tree", "for programs"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    const [reverse, tree] = [parsed.flag("reverse"), parsed.flag("json-tree")];
    if (context.json && tree) {
      throw new PenError("OPTION_CONFLICT", "Using both --json and --json-tree together is not supported.", {
        hint: "Please select one of the two options.",
      });
    }
    const packages = await graphOfProject({ host: context.host, onEvent: context.emit });
    if (context.json || tree) terminal.out(jsonText(tree ? graphTreeJson(packages, reverse) : graphJson(packages, reverse), 4));
    else
      terminal.out(
        graphLines(packages, { reverse, bare: parsed.flag("bare") })
          .map((line) => `${line}\n`)
          .join(""),
      );
  },
};
