import {
  dataDir,
  isFolder,
  isPenError,
  isProcessAlive,
  isTemporaryName,
  listFolder,
  makeFolders,
  readTextIfAny,
  removeFile,
  temporaryOwner,
  writeAtomic,
  type Host,
  join,
} from "#foundation";
import type { IniChange } from "./ini.ts";

/** What the guard changed, or was about to change, written down before it is done. */
export interface GuardState {
  /** `pen guard on` was called, and `off` not since. */
  readonly on: boolean;
  readonly configs: ReadonlyArray<{
    readonly path: string;
    /** The file was not there before. */
    readonly isNew: boolean;
    /** Folders that were made for it, the deepest first. */
    readonly folders: readonly string[];
    readonly change: IniChange;
  }>;
  readonly markers: readonly string[];
}

const none: GuardState = { on: false, configs: [], markers: [] };

const stateFile = (host: Host): string => join(dataDir(host), "guard.json");

/** What is remembered; nothing when it cannot be understood. */
export function readGuardState(host: Host): GuardState {
  try {
    const value = JSON.parse(readTextIfAny(stateFile(host)) ?? "null") as Partial<Record<keyof GuardState, unknown>> | null;
    if (typeof value !== "object" || value === null) return none;
    return {
      on: value.on === true,
      configs: listOf(value.configs).filter(isConfig),
      markers: listOf(value.markers).filter((path) => typeof path === "string"),
    };
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) throw error;
    return none; // Half a file: the lines and markers say themselves that they are pen's.
  }
}

/** Forced to the disk: it is what undoes the changes that come next. Lines of pip's file may hold passwords, so it is for the owner alone. */
export function writeGuardState(host: Host, state: GuardState): void {
  makeFolders(dataDir(host));
  writeAtomic(stateFile(host), `${JSON.stringify({ version: 1, ...state }, undefined, 1)}\n`, { mode: 0o600, durable: true });
}

export function removeGuardState(host: Host): void {
  removeFile(stateFile(host));
}

/** Removes the files in the making that a killed process left in a folder. */
export function removeLeftovers(folder: string): void {
  if (!isFolder(folder)) return;
  for (const { name, kind } of listFolder(folder))
    if (kind === "file" && isTemporaryName(name) && !isProcessAlive(temporaryOwner(name))) removeFile(join(folder, name));
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function isConfig(value: unknown): value is GuardState["configs"][number] {
  if (typeof value !== "object" || value === null) return false;
  const { path, isNew, folders, change } = value as Record<string, unknown>;
  if (typeof path !== "string" || typeof isNew !== "boolean" || !Array.isArray(folders) || typeof change !== "object" || change === null)
    return false;
  const { edits } = change as Record<string, unknown>;
  return folders.every((folder) => typeof folder === "string") && Array.isArray(edits) && edits.every(isEdit);
}

function isEdit(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { section, before } = value as Record<string, unknown>;
  return typeof section === "string" && (before === null || typeof before === "string");
}
