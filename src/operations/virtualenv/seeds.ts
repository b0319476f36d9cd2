import { isFolder, listFolder, resolve } from "#foundation";
import type { Interpreter } from "#python";
import { compareVersions, tryParseWheelFilename, versionText } from "#standards";
import type { IndexOptions } from "../context.ts";

/** `bundle`: the newest one; `embed`: the one that the Python brings along; `none`; or an exact version. */
export type SeedVersion = string;

export interface SeedWishes {
  readonly pip?: SeedVersion | undefined;
  /** Default: `none` from Python 3.12 on, else `bundle`. */
  readonly setuptools?: SeedVersion | undefined;
  /** True: ask the index now. False: do without the index if possible. */
  readonly download?: boolean | undefined;
  /** Folders with wheels that may be taken too; those that do not exist are passed over. */
  readonly extraSearchFolders?: readonly string[];
  /** False: what was chosen once is taken for ever. Default true: the index is asked again after a week. */
  readonly periodicUpdate?: boolean;
}

/** One way to come by the seeds, in the words of `createEnvironment`. */
export interface SeedAttempt {
  readonly seed: readonly string[];
  readonly indexes: IndexOptions;
  readonly seedAge?: number;
}

/** Which seeds are wanted, by name, in the order in which they are shown; `none` is left out. */
export function wantedSeeds(wishes: SeedWishes, interpreter: Pick<Interpreter, "versionInfo">): ReadonlyArray<readonly [string, string]> {
  const [major, minor] = interpreter.versionInfo;
  const setuptools = wishes.setuptools ?? (major === 3 && minor >= 12 ? "none" : "bundle");
  const all = [["pip", wishes.pip ?? "bundle"] as const, ["setuptools", setuptools] as const];
  return all.filter(([, version]) => version !== "none");
}

/**
 * How to come by the seeds, best way first. `--no-download` does without the index as long as it can, and falls back to it, as
 * virtualenv does when it has no wheel.
 */
export function seedAttempts(wishes: SeedWishes, about: { interpreter: Interpreter; indexes: IndexOptions; cwd: string }): SeedAttempt[] {
  const { interpreter, cwd } = about;
  const wanted = wantedSeeds(wishes, interpreter);
  const own = interpreter.ensurepipWheels;
  const embedded = new Map(wanted.flatMap(([name, version]) => (version === "embed" ? [[name, embeddedVersion(name, own)] as const] : [])));
  const folders = searchFolders(wishes, cwd);
  const usesOwn = own !== undefined && [...embedded.values()].some((version) => version !== undefined);
  const indexes: IndexOptions = {
    ...about.indexes,
    findLinks: [...(about.indexes.findLinks ?? []), ...folders, ...(usesOwn ? [own] : [])],
  };
  const seed = wanted.map(([name, version]) => requirementOf(name, version === "embed" ? embedded.get(name) : version));
  const age = wishes.periodicUpdate === false ? { seedAge: Infinity } : {};
  if (wishes.download === true) return [{ seed, indexes: { ...indexes, refresh: true }, seedAge: 0 }];
  // What is asked for exactly and lies in a folder needs no index.
  const isExact = seed.length > 0 && seed.every((requirement) => requirement.includes("=="));
  const local = isExact && (indexes.findLinks ?? []).length > 0 ? [{ seed, indexes: { ...indexes, noIndex: true } }] : [];
  const usual = { seed, indexes, ...age };
  const offline = wishes.download === false ? [{ seed, indexes: { ...indexes, offline: true }, seedAge: Infinity }] : [];
  return [...local, ...offline, usual];
}

/** The folders of `extraSearchFolders` that exist, absolute. */
export function searchFolders(wishes: SeedWishes, cwd: string): string[] {
  return (wishes.extraSearchFolders ?? []).map((folder) => resolve(cwd, folder)).filter(isFolder);
}

const requirementOf = (name: string, version: string | undefined): string =>
  version === undefined || version === "bundle" ? name : `${name}==${version}`;

/** The version that the Python brings along for `ensurepip`; undefined when it brings none. */
function embeddedVersion(name: string, folder: string | undefined): string | undefined {
  if (folder === undefined || !isFolder(folder)) return undefined;
  const wheels = listFolder(folder).flatMap((entry) => {
    const wheel = tryParseWheelFilename(entry.name);
    return wheel?.name === name ? [wheel.version] : [];
  });
  const newest = wheels.sort((a, b) => compareVersions(b, a))[0];
  return newest === undefined ? undefined : versionText(newest);
}
