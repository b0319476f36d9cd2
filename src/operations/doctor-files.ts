import { dirname, isAbsolute, join, posix, resolve } from "node:path";
import {
  isExecutableFile,
  isPenError,
  listFolder,
  pathExists,
  readBytes,
  readLink,
  readRange,
  realPath,
  sha256Hex,
  statusOf,
} from "#foundation";
import type { InstalledDistribution } from "#installer";
import type { RecordEntry } from "#standards";
import { versionOf, writtenName } from "./distributions.ts";
import type { DoctorProblem } from "./doctor-types.ts";
import { shellWord } from "./shell-word.ts";

/** Links of the environment that lead nowhere or in a circle; those in `bin` that are its Python are told of elsewhere. */
export function linkProblems(root: string): DoctorProblem[] {
  const dangling: string[] = [];
  const looping: string[] = [];
  for (const path of linksBelow(root)) {
    if (pathExists(path) || isInterpreterName(path)) continue;
    (leadsInCircle(path) ? looping : dangling).push(path);
  }
  const problems: DoctorProblem[] = [];
  if (dangling.length > 0)
    problems.push({
      code: "dangling-link",
      what: `${some(dangling, "link")} to what is not there`,
      why: "Its target was moved or deleted: whatever needs it does not work.",
      hint: `Install the package that it belongs to again, or remove it: rm ${shellWord(dangling[0] ?? "")}`,
      subjects: dangling,
    });
  if (looping.length > 0)
    problems.push({
      code: "looping-link",
      what: `${some(looping, "link")} in a circle`,
      why: "Links that lead to each other end nowhere.",
      hint: `Remove it: rm ${shellWord(looping[0] ?? "")}`,
      subjects: looping,
    });
  return problems;
}

const interpreterName = /\/bin\/(?:python|pypy|graalpy)[\d.]*t?$/;
const isInterpreterName = (path: string): boolean => interpreterName.test(path);

function* linksBelow(root: string): Generator<string> {
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const { name, kind } of entriesOf(folder)) {
      const path = `${folder}/${name}`;
      if (kind === "folder") waiting.push(path);
      if (kind === "link") yield path;
    }
  }
}

function entriesOf(folder: string): ReturnType<typeof listFolder> {
  try {
    return listFolder(folder);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return []; // What cannot be looked into cannot be judged.
    throw error;
  }
}

function leadsInCircle(path: string): boolean {
  const seen = new Set<string>();
  for (let at = path; statusOrNone(at)?.kind === "link"; at = resolve(dirname(at), readLink(at))) {
    if (seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}

/** A folder of the path may itself be a circle. */
function statusOrNone(path: string): ReturnType<typeof statusOf> {
  try {
    return statusOf(path);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}

/** Scripts in `bin` that start another Python than the one beside them. */
export function shebangProblems(root: string, scripts: string): DoctorProblem[] {
  const foreign: string[] = [];
  let other = "";
  for (const { name, kind } of statusOf(scripts)?.kind === "folder" ? listFolder(scripts) : []) {
    const path = join(scripts, name);
    const python = kind === "file" ? pythonOfScript(path) : undefined;
    if (python === undefined || samePlace(dirname(python), scripts)) continue;
    foreign.push(path);
    other = python;
  }
  if (foreign.length === 0) return [];
  return [
    {
      code: "foreign-shebang",
      what: `${some(foreign, "script")} for another Python: ${other}`,
      why: isExecutableFile(other)
        ? "It runs with the packages of that Python. The environment was copied, or the script was."
        : "That Python is not there, so it cannot start: the environment was moved or renamed.",
      hint: `Install the packages that bring them again: pen pip install --python ${shellWord(root)} --force-reinstall NAME`,
      subjects: foreign,
    },
  ];
}

/** The Python that the first line names, or the second where it is too long for the first; undefined for what names none by its whole path. */
function pythonOfScript(path: string): string | undefined {
  const text = startOf(path);
  const direct = /^#![ \t]*(\/[^\r\n]*?\/(?:python|pypy|graalpy)[\d.]*t?w?)(?:[ \t][^\r\n]*)?(?:\r?\n|$)/.exec(text)?.[1];
  if (direct !== undefined) return direct;
  return /^#!\/bin\/sh\r?\n'''exec' "?(\/[^"\r\n]*?\/(?:python|pypy|graalpy)[\d.]*t?)"? "\$0"/.exec(text)?.[1];
}

function startOf(path: string): string {
  try {
    return new TextDecoder().decode(readRange(path, 0, Math.min(4096, statusOf(path)?.size ?? 0)));
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return "";
    throw error;
  }
}

function samePlace(a: string, b: string): boolean {
  if (a === b) return true;
  return pathExists(a) && pathExists(b) && realPath(a) === realPath(b);
}

/** Installed files against RECORD: missing, changed, claimed by two, and distributions that are there twice. */
export function recordProblems(root: string, installed: readonly InstalledDistribution[]): DoctorProblem[] {
  const owners = new Map<string, InstalledDistribution>();
  const problems: DoctorProblem[] = [];
  const doubled = new Map<string, string[]>();
  for (const distribution of installed) {
    const rows = rowsOf(distribution);
    if (rows === undefined) continue;
    if (rows === "unreadable") {
      problems.push(unreadable(root, distribution));
      continue;
    }
    const [missing, changed] = compare(root, distribution, rows);
    if (missing.length > 0) problems.push(fileProblem("file-missing", { root, distribution, paths: missing }));
    if (changed.length > 0) problems.push(fileProblem("file-changed", { root, distribution, paths: changed }));
    for (const { path } of rows) {
      const full = path.endsWith(".pyc") ? undefined : placeOf(root, distribution.location, path);
      const other = full === undefined ? undefined : owners.get(full);
      if (full === undefined || other?.name === distribution.name) continue;
      if (other === undefined) owners.set(full, distribution);
      else {
        const pair = `${writtenName(other)} and ${writtenName(distribution)}`;
        doubled.set(pair, [...(doubled.get(pair) ?? []), full]);
      }
    }
  }
  for (const [pair, paths] of doubled)
    problems.push({
      code: "file-doubled",
      what: `${some(paths, "file")} claimed by two packages: ${pair}`,
      why: "The one that was installed last wrote over the other's; removing one takes the file from both.",
      hint: "Remove one of the two, and install the other again.",
      subjects: paths,
    });
  return [...problems, ...twice(root, installed)];
}

function rowsOf(distribution: InstalledDistribution): readonly RecordEntry[] | "unreadable" | undefined {
  try {
    return distribution.record();
  } catch (error) {
    if (!isPenError(error)) throw error;
    return "unreadable";
  }
}

/** Bytecode is Python's own to write. RECORD itself is not among the files of a package that is linked. */
function compare(
  root: string,
  { location, path: info }: InstalledDistribution,
  rows: readonly RecordEntry[],
): readonly [missing: string[], changed: string[]] {
  const missing: string[] = [];
  const changed: string[] = [];
  for (const { path, hash, size } of rows) {
    const full = path.endsWith(".pyc") ? undefined : placeOf(root, location, path);
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
  return [missing, changed];
}

/** Undefined for rows that lead out of the environment, which are nobody's to judge. */
function placeOf(root: string, location: string, row: string): string | undefined {
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

interface Fault {
  readonly root: string;
  readonly distribution: InstalledDistribution;
  readonly paths: readonly string[];
}

function fileProblem(code: "file-missing" | "file-changed", { root, distribution, paths }: Fault): DoctorProblem {
  const name = `${writtenName(distribution)} ${versionOf(distribution)}`;
  const gone = code === "file-missing";
  return {
    code,
    what: `${some(paths, "file")} of ${name} ${paths.length === 1 ? "is" : "are"} ${gone ? "missing" : "not as installed"}`,
    why: gone
      ? "Its RECORD lists what is not there: something deleted it."
      : "Its hash is not the one in RECORD: something wrote into it after it was installed.",
    hint: reinstall(root, distribution),
    subjects: paths,
  };
}

const reinstall = (root: string, distribution: InstalledDistribution): string =>
  `pen pip install --python ${shellWord(root)} --force-reinstall --no-deps ${shellWord(`${writtenName(distribution)}==${versionOf(distribution)}`)}`;

function unreadable(root: string, distribution: InstalledDistribution): DoctorProblem {
  return {
    code: "record-unreadable",
    what: `The RECORD of ${writtenName(distribution)} cannot be read`,
    why: "Without it nobody knows which files are its own.",
    hint: reinstall(root, distribution),
    subjects: [`${distribution.path}/RECORD`],
  };
}

function twice(root: string, installed: readonly InstalledDistribution[]): DoctorProblem[] {
  const names = [...new Set(installed.map(({ name }) => name))];
  return names.flatMap((name) => {
    const same = installed.filter((one) => one.name === name);
    if (same.length < 2) return [];
    return [
      {
        code: "installed-twice" as const,
        what: `${name} is installed ${same.length} times: ${same.map(versionOf).join(" and ")}`,
        why: "Another tool left the old version behind; which of its files are in place nobody knows.",
        hint: `pen pip install --python ${shellWord(root)} --force-reinstall ${shellWord(name)}`,
        subjects: same.map(({ path }) => path),
      },
    ];
  });
}

/** `A link (a)`, `3 links (a, …)`. */
function some(paths: readonly string[], word: string): string {
  const first = posix.basename(paths[0] ?? "");
  return paths.length === 1 ? `A ${word} (${first})` : `${paths.length} ${word}s (${first}, …)`;
}
