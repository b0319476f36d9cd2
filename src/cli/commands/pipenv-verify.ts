import { verifyProject } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  forProjects: true,
  summary: "Tell whether Pipfile.lock is that of the Pipfile",
  arguments: [],
  options: [],
  examples: [["pen pipenv verify", "status 0 when it is, else 1"]],
  async run(context) {
    const status = await verifyProject({ host: context.host, onEvent: context.emit });
    if (context.json) context.result({ status });
    else if (status === "fresh") context.terminal.out("Pipfile.lock is up-to-date.\n");
    else context.terminal.err("Pipfile.lock is out-of-date. Run $ pipenv lock to update.\n");
    return status === "fresh" ? 0 : 1;
  },
};
