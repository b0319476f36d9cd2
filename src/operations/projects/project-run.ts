import { becomeProcess, PenError, printableLine, type Host, delimiter, isAbsolute, join } from "#foundation";
import { scriptCommands, type PipfileScript } from "#project";
import { scriptsFolderIn } from "#venv";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";
import { findProgram } from "../shells/programs.ts";
import { shellWord } from "../shells/shell-word.ts";
import type { RunPlan } from "../shells/run.ts";
import { readyEnvironment } from "./ready-environment.ts";
import { openProject, type Project } from "./project.ts";

export interface ProjectRunOptions extends OperationOptions {
  /** The name of a script of the Pipfile, or a command; then its arguments. `NAME=value` words before it are variables for it. */
  readonly command: readonly string[];
  /** Which Python the environment is to have, where it must be made. */
  readonly python?: string | undefined;
}

type Variables = Record<string, string | undefined>;

/** One command of a script: what to start, with variables of its own. */
interface Step {
  readonly words: readonly string[];
  readonly own: Readonly<Record<string, string>>;
}

/**
 * What to start so that a script of the Pipfile, or a command, runs in the project's environment, which is made where there is none. As in
 * pipenv: `$NAME` is filled in within arguments, what is no program is given to the shell. Errors: those of opening the project,
 * `USAGE` for a script whose quotes are not closed, `PROCESS_FAILED` for an unknown command.
 */
export async function planProjectRun(options: ProjectRunOptions): Promise<RunPlan> {
  const context = readSettings(options);
  const project = openProject({ ...options, entries: false });
  const { environment } = await readyEnvironment(context, project, options.python);
  const env = projectVariables(context, project, environment.root);
  const steps = stepsOf(project.pipfile.scripts, options.command);
  const [step] = steps;
  if (step !== undefined && steps.length === 1) return planStep(step, env, context.host);
  // A list of commands is one line for the shell: it stops at the first that fails, with its status.
  const line = steps.map((one) => shellLine(one, env)).join(" && ");
  return { path: shellProgram(env), argv: ["sh", "-c", line], env };
}

/** Runs it in place of this process. */
export async function runInProject(options: ProjectRunOptions): Promise<never> {
  const { path, argv, env } = await planProjectRun(options);
  return becomeProcess(path, argv, env);
}

/** The variables of a command in a project: the present ones, then what activation and pipenv set. */
export function projectVariables({ host }: Pick<Settings, "host">, project: Project, root: string): Variables {
  const { PYTHONHOME: _home, ...env } = host.env;
  const scripts = join(root, scriptsFolderIn(root));
  return {
    ...env,
    PATH: env["PATH"] ? `${scripts}${delimiter}${env["PATH"]}` : scripts,
    VIRTUAL_ENV: root,
    PIPENV_ACTIVE: "1",
    PIPENV_PROJECT_DIR: project.root,
  };
}

function stepsOf(scripts: ReadonlyMap<string, PipfileScript>, command: readonly string[]): Step[] {
  const [name = "", ...args] = command;
  const script = scripts.get(name);
  return script === undefined ? [stepOf(command)] : scriptCommands(name, script, args).map(stepOf);
}

/** Leading `NAME=value` words are variables, as before a command in a shell. */
function stepOf(words: readonly string[]): Step {
  const own: Record<string, string> = {};
  let at = 0;
  for (; at < words.length - 1; at += 1) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(words[at] ?? "") ?? [];
    if (name === undefined || value === undefined) break;
    own[name] = value;
  }
  return { words: words.slice(at), own };
}

function planStep({ words, own }: Step, env: Variables, host: Host): RunPlan {
  const variables = { ...env, ...own };
  const [command = "python", ...rest] = words;
  const args = rest.map((word) => expand(word, variables));
  const path = findProgram(command, (variables["PATH"] ?? "").split(delimiter), host.cwd);
  if (path !== undefined) return { path, argv: [path, ...args], env: variables };
  if (isAbsolute(command) || command.includes("/")) throw unknownCommand(command);
  // Perhaps a word of the shell itself, as `cd` and `export`.
  return { path: shellProgram(variables), argv: ["sh", "-c", [command, ...args].map(shellWord).join(" ")], env: variables };
}

function shellLine({ words, own }: Step, env: Variables): string {
  const [command = "", ...rest] = words;
  const variables = { ...env, ...own };
  const assigned = Object.entries(own).map(([name, value]) => `${name}=${shellWord(value)}`);
  return [...assigned, shellWord(command), ...rest.map((word) => shellWord(expand(word, variables)))].join(" ");
}

/** As Python's `os.path.expandvars`: what is not set stays as it is. */
function expand(word: string, env: Variables): string {
  return word.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain?: string, braced?: string) => env[plain ?? braced ?? ""] ?? whole);
}

function shellProgram(env: Variables): string {
  return findProgram("sh", (env["PATH"] ?? "").split(delimiter), "/") ?? "/bin/sh";
}

function unknownCommand(command: string): PenError {
  return new PenError("PROCESS_FAILED", `There is no program ${printableLine(command)}`, {
    hint: "See what the project has: pen scripts",
    data: { command },
  });
}
