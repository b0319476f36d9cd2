import { listEnvironments } from "#operations";
import type { Command } from "../command.ts";
import { drawEnvironments } from "../output/environments.ts";
import { sizeText } from "../output/sizes.ts";

export const command: Command = {
  summary: "List the environments of this machine",
  description:
    "Those that pen put packages into, those here, and those of virtualenvwrapper, pipenv, poetry, hatch, uv, pipx, pyenv and conda. Own is what deleting one gives back; shared is linked to the store or to other environments. Used is when something was installed, or when pyvenv.cfg or an activation script was read; most systems note reading once a day only.",
  arguments: [],
  options: [{ name: "no-size", kind: "flag", help: "Do not measure; the first time that takes a look at every file." }],
  examples: [
    ["pen env list", "those used last come first"],
    ["pen env list --json", "for programs"],
  ],
  async run(context) {
    const environments = await listEnvironments({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      sizes: !context.parsed.flag("no-size"),
    });
    if (context.json) {
      context.result(
        environments.map((environment) => ({ ...environment, size: environment.size === null ? null : { ...environment.size } })),
      );
      return;
    }
    if (environments.length === 0) {
      context.terminal.out("No environment was found. Make one: pen venv\n");
      return;
    }
    context.terminal.out(drawEnvironments(environments, { colour: context.colour, now: context.host.now() }));
    const own = environments.reduce((sum, { size }) => sum + (size?.own ?? 0), 0);
    if (!context.parsed.flag("no-size")) context.terminal.out(`\n${environments.length} environments, ${sizeText(own)} of their own\n`);
  },
};
