import { printableLine } from "#foundation";
import { setEnvironment, type EnvironmentKey } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Change a setting of an environment",
  description:
    "system-site-packages on|off: whether it sees the packages of its Python. prompt TEXT: what the shell shows while it is active. inherits ENV[:ENV…]: whose packages it sees after its own. An empty text takes a setting back. What else pyvenv.cfg says stays.",
  arguments: [
    { name: "ENV", help: "The environment: its folder or its name.", required: true },
    { name: "KEY", help: "system-site-packages, prompt or inherits.", required: true },
    { name: "VALUE", help: "on or off; a text; environments between colons.", required: true },
  ],
  options: [],
  examples: [
    ["pen env set .venv system-site-packages on", "see the packages of its Python, too"],
    ["pen env set .venv prompt shop", "show (shop) while it is active"],
    ["pen env set .venv inherits ../base/.venv", "see the packages of another environment, too"],
    ["pen env set .venv inherits ''", "see only its own again"],
  ],
  async run(context) {
    const [environment = "", key = "", value = ""] = context.parsed.arguments;
    const changed = await setEnvironment({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      environment,
      key: key as EnvironmentKey,
      value,
    });
    if (context.json) return context.result({ ...changed });
    if (context.quiet > 0) return;
    const shown = (text: string | null): string => (text === null ? "nothing" : printableLine(text));
    const what = changed.before === changed.after ? "is" : `was ${shown(changed.before)}, and is now`;
    context.terminal.out(`${printableLine(changed.environment)}: ${key} ${what} ${shown(changed.after)}.\n`);
  },
};
