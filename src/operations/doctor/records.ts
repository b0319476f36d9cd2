import { isPenError, pathExists, readBytes, sha256Hex, isAbsolute, posix } from "#foundation";
import type { InstalledDistribution } from "#installer";
import type { RecordEntry } from "#standards";
import { versionOf, writtenName } from "../packages/distributions.ts";
import type { DoctorProblem } from "./types.ts";
import { are, repairHint, some } from "./words.ts";

/** What is wrong with the files of one distribution. Absolute paths. */
export interface DamagedDistribution {
  readonly distribution: InstalledDistribution;
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  /** There is no RECORD, or none that can be read. */
  readonly unreadable: boolean;
}

/** All installed files against RECORD. */
export interface RecordSurvey {
  readonly damaged: readonly DamagedDistribution[];
  /** Files that two distributions claim, by `A and B`. */
  readonly doubled: ReadonlyMap<string, readonly string[]>;
  /** Distributions that are there more than once, by name. */
  readonly twice: ReadonlyMap<string, readonly InstalledDistribution[]>;
}

/**
 * Reads every installed file below `root`. Lets others have their turn between two distributions, so that `signal` can end it. A file that two
 * claim counts as changed only when it is neither's.
 */
export async function surveyRecords(
  root: string,
  installed: readonly InstalledDistribution[],
  signal?: AbortSignal,
): Promise<RecordSurvey> {
  const owners = new Map<string, InstalledDistribution>();
  const doubled = new Map<string, string[]>();
  const damaged: DamagedDistribution[] = [];
  for (const distribution of installed) {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    const damage = damageOf(root, distribution);
    if (damage !== undefined) damaged.push(damage);
    const rows = rowsOf(distribution);
    if (rows === undefined || rows === "unreadable") continue;
    for (const { path } of rows) {
      const full = isBytecode(path) ? undefined : placeOfRow(root, distribution.location, path);
      const other = full === undefined ? undefined : owners.get(full);
      if (full === undefined || other?.name === distribution.name) continue;
      if (other === undefined) owners.set(full, distribution);
      else {
        const pair = `${writtenName(other)} and ${writtenName(distribution)}`;
        doubled.set(pair, [...(doubled.get(pair) ?? []), full]);
      }
    }
  }
  return { damaged: withoutDoubled(damaged, doubled), doubled, twice: repeated(installed) };
}

/** What is wrong with the files of one distribution; undefined when nothing is. */
export function damageOf(root: string, distribution: InstalledDistribution): DamagedDistribution | undefined {
  const rows = rowsOf(distribution);
  if (rows === undefined) return undefined;
  if (rows === "unreadable") return { distribution, missing: [], changed: [], unreadable: true };
  const { missing, changed } = compare(root, distribution, rows);
  return missing.length + changed.length === 0 ? undefined : { distribution, missing, changed, unreadable: false };
}

/** Of a file that two claim only one can be as installed. */
function withoutDoubled(damaged: readonly DamagedDistribution[], doubled: ReadonlyMap<string, readonly string[]>): DamagedDistribution[] {
  const shared = new Set([...doubled.values()].flat());
  if (shared.size === 0) return [...damaged];
  return damaged
    .map((one) => ({ ...one, changed: one.changed.filter((path) => !shared.has(path)) }))
    .filter(({ missing, changed, unreadable }) => unreadable || missing.length + changed.length > 0);
}

function repeated(installed: readonly InstalledDistribution[]): Map<string, InstalledDistribution[]> {
  const byName = new Map<string, InstalledDistribution[]>();
  for (const one of installed) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  return new Map([...byName].filter(([, same]) => same.length > 1));
}

/** The problems of a survey. */
export function recordProblems(root: string, { damaged, doubled, twice }: RecordSurvey): DoctorProblem[] {
  const problems = damaged.flatMap((one): DoctorProblem[] => [
    ...(one.unreadable ? [unreadableProblem(root, one)] : []),
    ...(one.missing.length > 0 ? [fileProblem(root, one, "file-missing")] : []),
    ...(one.changed.length > 0 ? [fileProblem(root, one, "file-changed")] : []),
  ]);
  for (const [pair, paths] of doubled)
    problems.push({
      code: "file-doubled",
      what: `${some(paths, "file")} ${are(paths)} claimed by two packages: ${pair}`,
      why: "The one that was installed last wrote over the other's; removing one takes the file from both.",
      hint: "Remove one of the two, and install the other again.",
      subjects: paths,
      package: null,
    });
  for (const [name, same] of twice)
    problems.push({
      code: "installed-twice",
      what: `${name} is installed ${same.length} times: ${same.map(versionOf).join(" and ")}`,
      why: "Another tool left the old version behind; which of its files are in place nobody knows.",
      hint: repairHint(root),
      subjects: same.map(({ path }) => path),
      package: name,
    });
  return problems;
}

/** The rows of RECORD, `"unreadable"` for a broken or missing one, undefined where there need be none. */
export function rowsOf(distribution: InstalledDistribution): readonly RecordEntry[] | "unreadable" | undefined {
  if (distribution.kind !== "wheel") return undefined;
  try {
    const rows = distribution.record();
    // A linked one whose RECORD went with the store is told of as that.
    return rows ?? (distribution.linked ? undefined : "unreadable");
  } catch (error) {
    if (!isPenError(error)) throw error;
    return "unreadable";
  }
}

/** Bytecode is Python's own to write; virtualenv lists it, and its folders, before there is any. */
export const isBytecode = (row: string): boolean => row.endsWith(".pyc") || row.endsWith("__pycache__");

/** RECORD itself is not among the files of a package that is linked. */
function compare(
  root: string,
  { location, path: info }: InstalledDistribution,
  rows: readonly RecordEntry[],
): { readonly missing: string[]; readonly changed: string[] } {
  const missing: string[] = [];
  const changed: string[] = [];
  for (const { path, hash, size } of rows) {
    const full = isBytecode(path) ? undefined : placeOfRow(root, location, path);
    if (full === undefined || full === `${info}/RECORD`) continue;
    if (!pathExists(full)) {
      missing.push(full);
      continue;
    }
    if (hash?.algorithm !== "sha256") continue;
    const bytes = readIfAllowed(full);
    if (bytes === undefined) continue;
    const same =
      (size === undefined || size === bytes.length) && Buffer.from(sha256Hex(bytes), "hex").toString("base64url") === hash.digest;
    if (!same) changed.push(full);
  }
  return { missing, changed };
}

/** The absolute place of a row; undefined for rows that lead out of the environment, which are nobody's to judge. */
export function placeOfRow(root: string, location: string, row: string): string | undefined {
  const full = posix.normalize(isAbsolute(row) ? row : `${location}/${row}`);
  return full.startsWith(`${root}/`) ? full : undefined;
}

function readIfAllowed(path: string): Uint8Array | undefined {
  try {
    return readBytes(path);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}

function fileProblem(root: string, damaged: DamagedDistribution, code: "file-missing" | "file-changed"): DoctorProblem {
  const { distribution } = damaged;
  const name = `${writtenName(distribution)} ${versionOf(distribution)}`;
  const gone = code === "file-missing";
  const paths = gone ? damaged.missing : damaged.changed;
  return {
    code,
    what: `${some(paths, "file")} of ${name} ${are(paths)} ${gone ? "missing" : "not as installed"}`,
    why: gone
      ? "Its RECORD lists what is not there: something deleted it."
      : "Its hash is not the one in RECORD: something wrote into it after it was installed.",
    hint: repairHint(root),
    subjects: paths,
    package: distribution.name,
  };
}

function unreadableProblem(root: string, { distribution }: DamagedDistribution): DoctorProblem {
  return {
    code: "record-unreadable",
    what: `The RECORD of ${writtenName(distribution)} ${pathExists(`${distribution.path}/RECORD`) ? "cannot be read" : "is missing"}`,
    why: "Without it nobody knows which files are its own.",
    hint: repairHint(root),
    subjects: [`${distribution.path}/RECORD`],
    package: distribution.name,
  };
}
