import { isProjectMeant, locateProject, projectPython } from "#operations";
import type { Command } from "../command.ts";
import { command as pipTree, showTree } from "./pip-tree.ts";

export const command: Command = {
  ...pipTree,
  forProjects: true,
  description: "In a project with a Pipfile: of its environment. Elsewhere as `pen pip tree`.",
  examples: [
    ["pen tree", "everything, from what nobody else needs"],
    ["pen tree --invert --package markupsafe", "why is it here?"],
  ],
  async run(context) {
    const named = context.parsed.value("python");
    const operation = { host: context.host, onEvent: context.emit };
    if (named !== undefined || !(await isProjectMeant(operation))) return showTree(context, named);
    const { environment } = await locateProject(operation);
    return showTree(context, environment.exists ? environment.root : await projectPython(operation));
  },
};
