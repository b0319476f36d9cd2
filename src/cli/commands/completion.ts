import { PenError, printableLine, basename } from "#foundation";
import type { Command } from "../command.ts";
import { root } from "../commands.ts";
import { bashCompletion, completionPlaces, fishCompletion, zshCompletion } from "../completions.ts";

const writers = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

const isShell = (name: string): name is keyof typeof writers => name in writers;

export const command: Command = {
  summary: "Print the completion script for your shell",
  arguments: [{ name: "SHELL", help: "bash, zsh or fish; default is the shell you use." }],
  options: [],
  examples: [
    ['eval "$(pen completion bash)"', "in ~/.bashrc (zsh alike)"],
    ["pen completion fish | source", "in config.fish"],
  ],
  async run(context) {
    const shell = context.parsed.arguments[0] ?? basename(context.host.env["SHELL"] ?? "");
    if (!isShell(shell)) {
      throw new PenError("USAGE", `There is no completion for ${shell === "" ? "your shell" : printableLine(shell)}`, {
        hint: "Name one: pen completion bash, zsh or fish.",
      });
    }
    const script = writers[shell](await completionPlaces(root));
    if (context.json) context.result({ shell, script });
    else context.terminal.out(script);
  },
};
