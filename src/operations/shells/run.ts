import { becomeProcess, PenError, printableLine, delimiter } from "#foundation";
import { openContext, type OperationOptions } from "../context.ts";
import { findProgram } from "./programs.ts";
import { environmentDestination, findEnvironment, settle } from "../environment.ts";

export interface RunOptions extends OperationOptions {
  readonly command: readonly string[];
  readonly python?: string | undefined;
}

export interface RunPlan {
  /** Absolute path of the program. */
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What to start so that a command runs inside the environment: as after activation, `PATH` begins with the environment's
 * scripts, `VIRTUAL_ENV` names it and `PYTHONHOME` is gone. Errors: `ENV_NOT_FOUND`, `PROCESS_FAILED` for an unknown command.
 */
export async function planRun(options: RunOptions): Promise<RunPlan> {
  const context = openContext(options);
  const { host } = context;
  const environment = await findEnvironment(context, options);
  await settle(context, environmentDestination(environment).target);
  const path = `${environment.paths.scripts}${host.env["PATH"] ? `${delimiter}${host.env["PATH"]}` : ""}`;
  const { PYTHONHOME: _home, ...inherited } = host.env;
  const env = { ...inherited, PATH: path, VIRTUAL_ENV: environment.root };
  const [command = "python", ...args] = options.command;
  const found = findProgram(command, path.split(delimiter), host.cwd);
  if (found === undefined) {
    throw new PenError("PROCESS_FAILED", `There is no command ${printableLine(command)} in the environment or on PATH`, {
      why: `Looked in ${printableLine(environment.paths.scripts)} and the folders of PATH.`,
      hint: `If a package brings it, install that first: pen pip install ${printableLine(command)}`,
      data: { command },
    });
  }
  return { path: found, argv: [command, ...args], env };
}

/** Runs a command inside the environment in place of this process. */
export async function run(options: RunOptions): Promise<never> {
  const { path, argv, env } = await planRun(options);
  return becomeProcess(path, argv, env);
}
