import { venvOptions } from "../arguments/venv.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Make a virtual environment",
  description: "A folder with its own python, pip and packages; the standard library is shared with the Python it is made from.",
  arguments: [{ name: "DIR", help: "Where; default .venv.", repeated: true }],
  options: venvOptions,
  examples: [
    ["pen venv", "an environment in .venv, with pip"],
    ["pen venv -p 3.12 env", "in env, with Python 3.12"],
    ["pen venv --inherit ../base/.venv", "one that sees the packages of another, too"],
    ["pen venv --upgrade", "lead it to a newer Python of its version"],
    [". .venv/bin/activate", "work in it (source .venv/bin/activate.fish in fish)"],
  ],
  run: async (context) => (await import("./venv-work.ts")).run(context),
};
