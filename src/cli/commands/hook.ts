import { printableLine, basename } from "#foundation";
import { projectTrust, setTrust, shellHook } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { askYes } from "../input.ts";

export const command: Command = {
  summary: "Let your shell activate a project's environment when you enter its folder",
  description:
    "Prints the hook for a shell, to be evaluated in its start-up file. The first time you enter a folder whose .venv it does not know, it asks whether you trust it.",
  arguments: [
    {
      name: "WHAT",
      help: "bash, zsh, fish, nu or powershell: print the hook. trust, untrust: answer for a folder beforehand, or forget the answer.",
    },
    { name: "DIR", help: "With trust and untrust: the environment or its project; default is here." },
  ],
  options: [],
  examples: [
    ['eval "$(pen hook bash)"', "in ~/.bashrc (zsh alike, in ~/.zshrc)"],
    ["pen hook fish | source", "in ~/.config/fish/config.fish"],
    ["pen hook nu | save -f ~/.config/nushell/autoload/pen.nu", "once, for nushell"],
    ["pen hook trust", "let the hook activate the environment of this folder"],
    ["pen hook untrust", "be asked again"],
  ],
  async run(context) {
    const [what = basename(context.host.env["SHELL"] ?? ""), path] = context.parsed.arguments;
    switch (what) {
      case "enter":
        return enter(context);
      case "trust":
      case "untrust": {
        const root = await setTrust({ host: context.host, path, trust: what === "trust" ? "trusted" : "unknown" });
        if (context.json) context.result({ environment: root, trusted: what === "trust" });
        else if (context.quiet === 0) {
          const said = what === "trust" ? "The hook activates it from now on" : "The hook asks again before it activates it";
          context.terminal.out(`${said}: ${printableLine(root)}\n`);
        }
        return;
      }
      default: {
        const script = await shellHook(what);
        if (context.json) context.result({ shell: what, script });
        else context.terminal.out(script);
      }
    }
  },
};

/** What the hook asks: prints the environment to activate, with a slash behind it so that no end of a name is lost; or nothing. */
async function enter({ host, terminal }: CommandContext): Promise<number> {
  const project = await projectTrust({ host });
  if (project === undefined || project.trust === "refused") return 1;
  if (project.trust === "unknown" && !(await askTrust(project.root, { host, terminal }))) return 1;
  terminal.out(`${project.root}/`);
  return 0;
}

async function askTrust(root: string, { host, terminal }: Pick<CommandContext, "host" | "terminal">): Promise<boolean> {
  if (!terminal.inIsTerminal) {
    terminal.err(
      `pen: the environment ${printableLine(root)} is not activated, as you have not said that you trust it. Type: pen hook trust\n`,
    );
    return false;
  }
  terminal.err(`pen: an environment that is new here:\n  ${printableLine(root)}\n`);
  terminal.err("Activating it runs its scripts, and programs in it come before your own.\n");
  const trusted = await askYes("Do you trust it?");
  await setTrust({ host, path: root, trust: trusted ? "trusted" : "refused" });
  if (!trusted) terminal.err("It is not activated, and you are not asked again. To change that: pen hook trust\n");
  return trusted;
}
