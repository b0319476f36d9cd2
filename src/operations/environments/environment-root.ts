import { isPenError } from "#foundation";
import { isEnvironment, locateEnvironment } from "#venv";
import { environmentOrPython } from "./environment-names.ts";
import { readSettings, type OperationOptions } from "../settings.ts";

export interface EnvironmentRootOptions extends OperationOptions {
  /** An environment, or the Python in one. */
  readonly python?: string | undefined;
}

/** The folder of the environment that a command with these options would work in; undefined where there is none. Starts no Python, and reads next to nothing. */
export function environmentRoot(options: EnvironmentRootOptions = {}): string | undefined {
  const { host } = readSettings(options);
  try {
    if (options.python === undefined) return locateEnvironment(host, {});
    const named = environmentOrPython(options.python, host);
    return isEnvironment(named) ? named : locateEnvironment(host, { python: named });
  } catch (error) {
    if (isPenError(error)) return undefined;
    throw error;
  }
}
