import { becomeProcess } from "#foundation";
import { openContext } from "../context.ts";
import { planShell, type ShellOptions, type ShellPlan } from "../shells/shell.ts";
import { projectVariables } from "./project-run.ts";
import { readyEnvironment } from "./ready-environment.ts";
import { openProject } from "./project.ts";

/**
 * What to start for a shell with the project's environment active, and the variables of its `.env`. The environment is made where there is none. Errors: those
 * of `planShell` and of making it.
 */
async function planProjectShell(options: ShellOptions & { readonly python?: string | undefined } = {}): Promise<ShellPlan> {
  const context = openContext(options);
  const project = openProject({ ...options, entries: false });
  const { environment } = await readyEnvironment(context, project, options.python);
  // The shell's own start-up files set PATH; what activates afterwards puts the environment in front of it.
  const { PATH: _path, VIRTUAL_ENV: _root, ...variables } = projectVariables(context, project, environment.root);
  const host = { ...context.host, env: { ...context.host.env, ...variables } };
  return planShell({ ...options, host, path: environment.root });
}

/** Starts it in place of this process. */
export async function shellInProject(options: ShellOptions & { readonly python?: string | undefined } = {}): Promise<never> {
  const { path, argv, env } = await planProjectShell(options);
  return becomeProcess(path, argv, env);
}
