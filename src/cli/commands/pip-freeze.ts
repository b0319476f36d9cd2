import { printable } from "#foundation";
import { freeze } from "#operations";
import { pipHabits, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "List what is installed as requirements",
  arguments: [],
  options: [
    {
      name: "requirement",
      short: "r",
      aliases: ["requirements"],
      kind: "list",
      metavar: "FILE",
      help: "Keep the order and the comments of this file; may be repeated.",
    },
    { name: "local", short: "l", kind: "flag", help: "Only the environment's own packages, which is what pen always shows.", hidden: true },
    { name: "user", kind: "flag", help: "Only what is in your own site-packages, which an environment never shows.", hidden: true },
    { name: "all", kind: "flag", help: "Also pip, and what pip counts as its tools." },
    { name: "exclude-editable", kind: "flag", help: "Leave packages in development mode out." },
    { name: "exclude", kind: "list", metavar: "NAME", help: "Leave this package out." },
    { name: "path", kind: "list", metavar: "DIR", help: "Look into this folder instead of the environment." },
    pythonOption,
    ...pipHabits,
  ],
  examples: [["pen pip freeze > requirements.txt", "write down what is there"]],
  async run(context) {
    const { parsed } = context;
    const lines = parsed.flag("user")
      ? []
      : await freeze({
          host: context.host,
          onEvent: context.emit,
          python: parsed.value("python"),
          paths: parsed.list("path"),
          exclude: parsed.list("exclude"),
          all: parsed.flag("all"),
          requirementFiles: parsed.list("requirement"),
          editable: parsed.flag("exclude-editable") ? "exclude" : undefined,
        });
    if (context.json) context.result(lines);
    else context.terminal.out(printable(lines.map((line) => `${line}\n`).join("")));
  },
};
