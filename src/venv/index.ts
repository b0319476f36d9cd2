/**
 * venv: virtual environments on disk (PEP 405). Enters: an `Interpreter` and a place, or the folder of an environment that any tool
 * made. Leaves: an `Environment` with its folders. Knows layout, `pyvenv.cfg`, activation scripts and which folders are never touched.
 */
export type { Environment, EnvironmentPaths, PyvenvConfig } from "./types.ts";
export { createEnvironment } from "./creation.ts";
export type { CreateEnvironmentOptions } from "./creation.ts";
export { openEnvironment, tryOpenEnvironmentCached } from "./opening.ts";
export type { OpenOptions } from "./opening.ts";
export { locateEnvironment } from "./discovery.ts";
export { holdsInstallation, isEnvironment } from "./safety.ts";
export { environmentPaths } from "./layout.ts";
export type { LayoutInterpreter } from "./layout.ts";
export { formatPyvenvConfig, parsePyvenvConfig, readPyvenvConfig } from "./pyvenv-config.ts";
export { activationFile, activationLine, shellNamed, shellNames } from "./shells.ts";
export type { ShellName } from "./shells.ts";
export { shellStart } from "./shell-start.ts";
export { hookScript, hookShells } from "./hooks.ts";
