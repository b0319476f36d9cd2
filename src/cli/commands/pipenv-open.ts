import { PenError, printableLine } from "#foundation";
import { explain, prepareProject, runInProject } from "#operations";
import type { Command } from "../command.ts";
import { changeOptions } from "../pipenv/common.ts";
import { commonPipenv } from "../pipenv/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Open an installed module in your editor",
  arguments: [{ name: "MODULE", help: "A module, as it is imported.", required: true }],
  options: commonPipenv,
  examples: [["pen pipenv open flask", "with $EDITOR"]],
  async run(context) {
    const { parsed, host, terminal } = context;
    const name = parsed.arguments[0] ?? "";
    const { environment } = await prepareProject(changeOptions(context));
    const { module } = await explain({ host, environment: environment.root, module: name });
    const place = module?.copies.find(({ imported }) => imported)?.path ?? undefined;
    if (place === undefined) {
      throw new PenError("NOT_INSTALLED", "Module not found!", { why: `The environment has no module ${printableLine(name)}.` });
    }
    if (context.quiet === 0) terminal.out(`Opening '${printableLine(place)}' in your EDITOR.\n`);
    await runInProject({ host, onEvent: context.emit, command: [host.env["EDITOR"] || host.env["VISUAL"] || "vi", place] });
  },
};
