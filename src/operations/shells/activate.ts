import { isFolder, PenError, printableLine, statusOf, type Host, join } from "#foundation";
import {
  activationFile,
  activationLine,
  isEnvironment,
  locateEnvironment,
  scriptsFolderIn,
  shellNamed,
  shellNames,
  type ShellName,
} from "#venv";
import { environmentFolder, notFoundHint } from "../environments/environment-names.ts";
import { rememberEnvironment } from "../environments/environment-entry.ts";
import { readSettings, type OperationOptions } from "../settings.ts";

export interface ActivationOptions extends OperationOptions {
  /** The environment's folder, or its name where pen keeps it by name; default is the project's (`.venv` here or above), and without one the active one. */
  readonly path?: string | undefined;
  /** Name of the shell; default is the person's own (`SHELL`). */
  readonly shell?: string | undefined;
}

export interface Activation {
  /** The environment. */
  readonly root: string;
  readonly shell: ShellName;
  /** The activation script. */
  readonly script: string;
  /** What the shell has to evaluate. */
  readonly line: string;
}

/** The script that activates an environment in a shell. Nothing is started. Errors: `USAGE`, `ENV_NOT_FOUND`, `ENV_BROKEN`. */
export async function planActivation(options: ActivationOptions = {}): Promise<Omit<Activation, "line">> {
  const settings = readSettings(options);
  const { host } = settings;
  const shell = chosenShell(options.shell, host);
  const root = chosenRoot(options.path, host);
  const script = join(root, scriptsFolderIn(root), activationFile(shell));
  if (statusOf(script) === undefined) {
    if (shell === "cmd") {
      throw new PenError("TARGET_UNSUPPORTED", `${printableLine(root)} has no activation script for cmd`, {
        why: "cmd runs on Windows alone, and this environment is for another system.",
        hint: "Name another shell: pen activate --shell bash",
        data: { path: script },
      });
    }
    throw new PenError("ENV_BROKEN", `${printableLine(root)} has no activation script for ${shell}`, {
      why: `There is no ${printableLine(script)}: another tool may have made this environment.`,
      hint: "Lay pen's own scripts over it, which keeps what is installed: pen venv --allow-existing DIR",
      data: { path: script },
    });
  }
  rememberEnvironment(root, settings);
  return { root, shell, script };
}

/** The line that a shell has to evaluate to activate. Errors: those of {@link planActivation}, `TARGET_UNSUPPORTED`. */
export async function activate(options: ActivationOptions = {}): Promise<Activation> {
  const planned = await planActivation(options);
  return { ...planned, line: activationLine(planned.shell, planned.script) };
}

function chosenShell(text: string | undefined, host: Host): ShellName {
  const shell = shellNamed(text ?? host.env["SHELL"] ?? "");
  if (shell !== undefined) return shell;
  const named = text ?? host.env["SHELL"];
  throw new PenError("USAGE", named ? `pen does not know the shell ${printableLine(named)}` : "Which shell it is for is not known", {
    ...(named ? {} : { why: "The variable SHELL is not set." }),
    hint: `Name one with --shell: ${shellNames.join(", ")}.`,
  });
}

function chosenRoot(path: string | undefined, host: Host): string {
  const { VIRTUAL_ENV: active, ...env } = host.env;
  const root = path === undefined ? (locateEnvironment({ ...host, env }) ?? active) : environmentFolder(path, host);
  if (root !== undefined && isFolder(root) && isEnvironment(root)) return root;
  throw new PenError(
    "ENV_NOT_FOUND",
    root === undefined ? "There is no virtual environment here" : `${printableLine(root)} is no virtual environment`,
    {
      why:
        root === undefined ? `There is no .venv in ${printableLine(host.cwd)} or a folder above.` : "It has no pyvenv.cfg, or no Python.",
      hint: path === undefined ? "Make one: pen venv" : notFoundHint(path, host, "Make one: pen venv"),
    },
  );
}
