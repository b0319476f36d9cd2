import { prepareProject } from "#operations";
import { auditChoices, runAudit } from "../audit/running.ts";
import type { Command } from "../command.ts";
import { changeOptions } from "../pipenv/common.ts";
import { commonPipenv } from "../pipenv/options.ts";
import { checkSystem, systemOption } from "../pipenv/system.ts";

export const command: Command = {
  forProjects: true,
  summary: "Find packages of the project with known vulnerabilities",
  description: "pen does it by itself, from the OSV database: nothing is installed for it. An environment is made where there is none.",
  arguments: [],
  options: [...auditChoices, ...commonPipenv, systemOption],
  examples: [
    ["pen pipenv audit", "what is installed in the project's environment"],
    ["pen pipenv audit --locked -f json", "what Pipfile.lock pins, for programs"],
    ["pen pipenv audit --fix", "and mend it in the lock and the environment"],
  ],
  async run(context) {
    checkSystem(context);
    const options = changeOptions(context);
    if (!context.parsed.flag("locked")) {
      const { made, place } = await prepareProject(options);
      if (made && context.quiet === 0) context.terminal.err(`Virtualenv location: ${place.root}\n`);
    }
    return runAudit(context, { ...(options.host === undefined ? {} : { host: options.host }), indexes: options.fetching ?? {} });
  },
};
