import {
  becomeProcess,
  isExecutableFile,
  makeFolders,
  PenError,
  printableLine,
  readTextIfAny,
  warn,
  writeAtomic,
  type Host,
  delimiter,
  isAbsolute,
  join,
} from "#foundation";
import { scriptsFolderIn, shellNamed, shellStart } from "#venv";
import { planActivation, type ActivationOptions } from "./activate.ts";
import { readSettings } from "../settings.ts";

export interface ShellOptions extends ActivationOptions {
  /** Also inside a shell that pen started. */
  readonly anyway?: boolean | undefined;
}

export interface ShellPlan {
  /** Absolute path of the shell. */
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The environment. */
  readonly root: string;
}

/**
 * What to start for an interactive shell with the environment active after the person's own start-up files were read. Start-up files of
 * pen's own, the same for every environment, are put into the cache folder. Errors: those of `planActivation`, `USAGE` inside such a
 * shell, `PROCESS_FAILED` for a shell that is not installed.
 */
export async function planShell(options: ShellOptions = {}): Promise<ShellPlan> {
  const { host, cacheFolder, emit } = readSettings(options);
  const outer = host.env["PEN_SHELL"];
  if (outer && options.anyway !== true) {
    throw new PenError("USAGE", "This shell was started by `pen shell` already", {
      why: `It works in ${printableLine(outer)}. A shell inside a shell is easily forgotten.`,
      hint: "Leave it with `exit` first, or add --anyway.",
    });
  }
  const { root, shell, script } = await planActivation(options);
  const own = host.env["SHELL"] ?? "";
  const path = program(options.shell ?? own, shellNamed(own) === shell ? own : "", host);
  const folder = join(cacheFolder, "shell");
  const start = shellStart(shell, { script, folder, env: host.env });
  if (start.files.length > 0) makeFolders(folder);
  for (const [name, text] of start.files) if (readTextIfAny(join(folder, name)) !== text) writeAtomic(join(folder, name), text);
  if (!start.readsScript) {
    warn(
      emit,
      "shell-variables-only",
      `${shell} cannot be told of a start-up file in ${printableLine(folder)}: PATH and VIRTUAL_ENV are set, but there is no \`deactivate\` and no prompt.`,
    );
  }
  const variables = start.readsScript ? {} : activeVariables(root, host.env);
  return { path, argv: [path, ...start.args], env: { ...host.env, ...variables, ...start.env, PEN_SHELL: root }, root };
}

/** Starts that shell in place of this process. */
export async function shell(options: ShellOptions = {}): Promise<never> {
  const { path, argv, env } = await planShell(options);
  return becomeProcess(path, argv, env);
}

function activeVariables(root: string, env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const path = env["PATH"] ? `${delimiter}${env["PATH"]}` : "";
  return { PATH: `${join(root, scriptsFolderIn(root))}${path}`, VIRTUAL_ENV: root, PYTHONHOME: undefined };
}

/** The person's own program for that shell, when it is one; else the one on PATH. */
function program(name: string, own: string, host: Host): string {
  const names = name === "powershell" ? ["pwsh", "powershell"] : [name];
  const ending = host.platform === "win32" ? ".exe" : "";
  const folders = (host.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  const places = isAbsolute(name) ? [name] : [own, ...names.flatMap((one) => folders.map((folder) => join(folder, `${one}${ending}`)))];
  const found = places.find((place) => place !== "" && isExecutableFile(place));
  if (found !== undefined) return found;
  throw new PenError("PROCESS_FAILED", `The shell ${printableLine(name)} is not installed`, {
    why: "There is no program of that name on PATH.",
    hint: "Name another one: pen shell --shell bash",
  });
}
