/**
 * venv: virtual environments on disk (PEP 405). Enters: an `Interpreter` and a place, or the folder of an environment that any tool
 * made. Leaves: an `Environment` with its folders. Knows layout, `pyvenv.cfg`, activation scripts and which folders are never touched.
 */
export type { Environment, EnvironmentPaths, PyvenvConfig } from "./types.ts";
export type { ActivatorName } from "./activators.ts";
export { checkPlace, createEnvironment, isLeftUnseeded } from "./creation.ts";
export { makeFresh } from "./fresh.ts";
export type { CreateEnvironmentOptions } from "./fresh.ts";
export { openEnvironment, tryOpenEnvironmentCached } from "./opening.ts";
export type { OpenOptions } from "./opening.ts";
export { editedConfig } from "./config-editing.ts";
export {
  checkInheritable,
  inheritanceFile,
  inheritanceObstacle,
  inheritanceText,
  inheritedFolder,
  inheritedRoots,
  inheritedSitePackages,
  inheritsKey,
} from "./inheritance.ts";
export { locateEnvironment } from "./discovery.ts";
export { holdsInstallation, isEnvironment, scriptsFolderIn } from "./safety.ts";
export { foldersAbove, environmentPaths, executableAliases } from "./layout.ts";
export type { LayoutInterpreter } from "./layout.ts";
export { formatPyvenvConfig, parsePyvenvConfig, readPyvenvConfig } from "./pyvenv-config.ts";
export { activationFile, activationLine, shellNamed, shellNames } from "./shells.ts";
export type { ShellName } from "./shells.ts";
export { shellStart } from "./shell-start.ts";
export { hookScript, hookShells } from "./hooks.ts";
export { isPythonOf, pinnedScripts, relocateScripts, updateRecords } from "./relocation.ts";
export type { RelocationPaths } from "./relocation.ts";
export { makeRelocatable, recordedRoots, replaceOldRoots } from "./own-paths.ts";
export type { RelocatedFile, StaleFile } from "./own-paths.ts";
export { relocatableScript, scriptPython } from "./script-heads.ts";
export { applyMendings, findMendings, mendedPaths } from "./mending.ts";
export type { Mending } from "./mending.ts";
