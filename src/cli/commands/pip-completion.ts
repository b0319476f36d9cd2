import { PenError } from "#foundation";
import type { Command } from "../command.ts";
import { root } from "../commands.ts";
import { bashCompletion, completionPlaces, fishCompletion, zshCompletion } from "../completions.ts";

const writers = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
const shells = ["bash", "zsh", "fish"] as const;

export const command: Command = {
  summary: "Print the completion script for a shell, with pip's switches",
  arguments: [],
  options: [
    { name: "bash", short: "b", kind: "flag", help: "For bash." },
    { name: "zsh", short: "z", kind: "flag", help: "For zsh." },
    { name: "fish", short: "f", kind: "flag", help: "For fish." },
    {
      name: "powershell",
      short: "p",
      kind: "flag",
      help: "Refused: there is none.",
      hidden: true,
      refused: { why: "pen completes words in bash, zsh and fish.", hint: "Take one of: --bash, --zsh, --fish" },
    },
  ],
  examples: [['eval "$(pip completion --bash)"', "in ~/.bashrc, where pen is started as pip"]],
  async run(context) {
    const shell = shells.findLast((name) => context.parsed.flag(name));
    if (shell === undefined)
      throw new PenError("NOTHING_NAMED", "You must pass --bash or --fish or --zsh", {
        hint: 'Type for example: eval "$(pip completion --bash)"',
      });
    const pip = root.commands["pip"];
    if (pip === undefined || !("commands" in pip)) throw new PenError("INTERNAL", "The commands of pip are gone");
    // Under its own name the words begin at the commands of pip.
    const isPip = context.calledAs.startsWith("pip");
    const script = writers[shell](await completionPlaces(isPip ? pip : root), isPip ? context.calledAs : "pen");
    if (context.json) context.result({ shell, script });
    else context.terminal.out(script);
  },
};
