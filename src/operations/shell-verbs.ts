/** The verbs for commands and shells inside an environment, each loaded when it is first called. */
import type { OperationOptions } from "./settings.ts";
import type { Activation, ActivationOptions } from "./shells/activate.ts";
import type { RunOptions, RunPlan } from "./shells/run.ts";
import type { ShellOptions, ShellPlan } from "./shells/shell.ts";
import type { ProjectTrust, Trust } from "./shells/trust.ts";

/** What to start so that a command runs inside the environment. Errors: `ENV_NOT_FOUND`, `PROCESS_FAILED`. */
export async function planRun(options: RunOptions): Promise<RunPlan> {
  const verb = await import("./shells/run.ts");
  return verb.planRun(options);
}

/** Runs a command inside the environment in place of this process. */
export async function run(options: RunOptions): Promise<never> {
  const verb = await import("./shells/run.ts");
  return verb.run(options);
}

/** The line that a shell has to evaluate to activate an environment. Errors: `USAGE`, `ENV_NOT_FOUND`, `ENV_BROKEN`, `TARGET_UNSUPPORTED`. */
export async function activate(options: ActivationOptions = {}): Promise<Activation> {
  const verb = await import("./shells/activate.ts");
  return verb.activate(options);
}

/** What to start for an interactive shell inside an environment. Errors: as `activate`, and `PROCESS_FAILED`. */
export async function planShell(options: ShellOptions = {}): Promise<ShellPlan> {
  const verb = await import("./shells/shell.ts");
  return verb.planShell(options);
}

/** Starts that shell in place of this process. */
export async function shell(options: ShellOptions = {}): Promise<never> {
  const verb = await import("./shells/shell.ts");
  return verb.shell(options);
}

/** The text that a shell evaluates to activate environments on entering their projects. Errors: `USAGE`. */
export async function shellHook(name: string): Promise<string> {
  const verb = await import("./shells/hook.ts");
  return verb.shellHook(name);
}

/** The environment of the folder one is in, and whether the hook may activate it. */
export async function projectTrust(options: OperationOptions = {}): Promise<ProjectTrust | undefined> {
  const verb = await import("./shells/trust.ts");
  return verb.projectTrust(options);
}

/** Remembers whether the hook may activate an environment. Gives its folder. Errors: `ENV_NOT_FOUND`. */
export async function setTrust(options: OperationOptions & { readonly path?: string | undefined; readonly trust: Trust }): Promise<string> {
  const verb = await import("./shells/trust.ts");
  return verb.setTrust(options);
}
