import { inspect } from "#operations";
import { pipHabits, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { jsonText } from "../output/json.ts";

export const command: Command = {
  summary: "Everything about the environment, as JSON",
  arguments: [],
  options: [
    { name: "local", short: "l", kind: "flag", help: "Only the environment's own packages, which is what pen always shows." },
    { name: "path", kind: "list", metavar: "DIR", help: "Look into this folder instead of the environment." },
    { name: "user", kind: "flag", help: "Only what is in your own site-packages, which an environment never shows.", hidden: true },
    pythonOption,
    ...pipHabits,
  ],
  examples: [["pen pip inspect", "pip's report, format version 1"]],
  async run(context) {
    const { parsed } = context;
    const all = await inspect({ host: context.host, onEvent: context.emit, python: parsed.value("python"), paths: parsed.list("path") });
    const report = parsed.flag("user") ? { ...all, installed: [] } : all;
    if (context.json) context.result(report);
    else context.terminal.out(jsonText(report, 2));
  },
};
