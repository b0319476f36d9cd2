import { PenError, readTextIfAny, dirname } from "#foundation";
import { tryNormalizeName, type NormalizedName } from "#standards";
import { penFolderName } from "./layout.ts";
import type { InstallTarget } from "./types.ts";

/** What `symlink` mode made for one distribution. Linked distributions have no RECORD in the environment: this list stands for it. */
export interface LinkedEntry {
  /** Absolute path of the RECORD in the store, for commands that show the files. */
  readonly record: string;
  /** Every link and file, relative to the root of the target. */
  readonly paths: readonly string[];
}

/** By the name of the dist-info folder. */
export type LinkedList = Readonly<Record<string, LinkedEntry>>;

/**
 * Where `symlink` mode puts its links: beside site-packages and on `sys.path` by a `.pth` file, never in site-packages itself.
 * Whatever another tool writes into site-packages so lands in real folders and cannot reach the store through a linked one.
 */
export function linkedFolder(target: InstallTarget): string {
  return `${dirname(target.paths.purelib)}/linked-packages`;
}

/** The `.pth` file that puts {@link linkedFolder} on `sys.path`; its name sorts before those of packages, whose lines may need it. */
export function linkedPathFile(target: InstallTarget): string {
  return `${target.paths.purelib}/00_linked_packages.pth`;
}

export function linkedListFile(target: InstallTarget): string {
  return `${target.root}/${penFolderName}/linked.json`;
}

/** Reads the list; empty when there is none. Errors: ENV_BROKEN when it cannot be understood. */
export function readLinkedList(target: InstallTarget): LinkedList {
  const path = linkedListFile(target);
  const text = readTextIfAny(path);
  if (text === undefined) return {};
  try {
    const value = JSON.parse(text) as unknown;
    if (isLinkedList(value)) return value;
  } catch {
    // Told below.
  }
  throw new PenError("ENV_BROKEN", `${path} is damaged`, {
    why: "It lists the files of packages that were installed with --link-mode symlink.",
    hint: "Make the environment anew.",
    data: { path },
  });
}

function isLinkedList(value: unknown): value is LinkedList {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry: Partial<LinkedEntry> | null) => {
    if (typeof entry !== "object" || entry === null) return false;
    return typeof entry.record === "string" && Array.isArray(entry.paths) && entry.paths.every((path) => typeof path === "string");
  });
}

/** A distribution that `symlink` mode installed, by the list of its links: also one whose links or store entry are gone. */
export interface LinkedDistribution {
  readonly name: NormalizedName;
  readonly version: string;
  /** The name of its `.dist-info` folder. */
  readonly distInfo: string;
  /** Absolute, in the store. */
  readonly record: string;
  /** Absolute paths of its links and files. */
  readonly paths: readonly string[];
}

/** All of them. Errors: ENV_BROKEN. */
export function linkedDistributions(target: InstallTarget): LinkedDistribution[] {
  return Object.entries(readLinkedList(target)).flatMap(([key, { record, paths }]) => {
    const stem = key.replace(/\.dist-info$/, "");
    const at = stem.lastIndexOf("-");
    const name = tryNormalizeName(stem.slice(0, at));
    const version = stem.slice(at + 1);
    return name === undefined ? [] : [{ name, version, distInfo: key, record, paths: paths.map((path) => `${target.root}/${path}`) }];
  });
}
