import {
  isExecutableFile,
  isPenError,
  listFolder,
  pathExists,
  readLink,
  realPath,
  statusOf,
  type FileStatus,
  dirname,
  join,
  resolve,
} from "#foundation";
import { pinnedScripts } from "#venv";
import type { DoctorProblem } from "./types.ts";
import { are, repairHint, some } from "./words.ts";
import { shellWord } from "../shells/shell-word.ts";

interface Walk {
  readonly dangling: string[];
  readonly looping: string[];
  /** Only the topmost of each tree. */
  readonly foreign: string[];
}

/**
 * Links that lead nowhere or in a circle, and files of another owner than the environment's folder. `passed` says of which paths somebody else
 * tells.
 */
export async function treeProblems(
  root: string,
  passed: (path: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<DoctorProblem[]> {
  const found: Walk = { dangling: [], looping: [], foreign: [] };
  const owner = statusOrNone(realPath(root))?.owner ?? 0;
  const waiting = [root];
  let count = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    // Signals get their turn between folders.
    if ((count += 1) % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    for (const { name, kind } of entriesOf(folder)) {
      const path = `${folder}/${name}`;
      const status = statusOrNone(path);
      // A file with several names may be the store's, which another user may share.
      const isForeign = status !== undefined && status.owner !== owner && (kind !== "file" || status.links === 1);
      if (isForeign) found.foreign.push(path);
      if (kind === "folder" && !isForeign) waiting.push(path);
      if (kind === "link" && !pathExists(path) && !passed(path)) (leadsInCircle(path) ? found.looping : found.dangling).push(path);
    }
  }
  return [...linkProblems(found), ...ownerProblems(root, found.foreign, owner)];
}

function linkProblems({ dangling, looping }: Walk): DoctorProblem[] {
  const problems: DoctorProblem[] = [];
  if (dangling.length > 0)
    problems.push({
      code: "dangling-link",
      what: `${some(dangling, "link")} ${dangling.length === 1 ? "leads" : "lead"} to what is not there`,
      why: "Its target was moved or deleted: whatever needs it does not work.",
      hint: `Put back what it leads to, or remove it: rm ${shellWord(dangling[0] ?? "")}`,
      subjects: dangling,
      package: null,
    });
  if (looping.length > 0)
    problems.push({
      code: "looping-link",
      what: `${some(looping, "link")} ${looping.length === 1 ? "leads" : "lead"} in a circle`,
      why: "Links that lead to each other end nowhere.",
      hint: `Remove it: rm ${shellWord(looping[0] ?? "")}`,
      subjects: looping,
      package: null,
    });
  return problems;
}

function ownerProblems(root: string, paths: readonly string[], owner: number): DoctorProblem[] {
  if (paths.length === 0) return [];
  return [
    {
      code: "foreign-owner",
      what: `${some(paths, "file")} ${are(paths)} of another user than the environment`,
      why: "A command was run as another user, often by sudo. You may not change or remove what it made.",
      hint: `sudo chown -R --no-dereference ${owner} ${shellWord(root)}`,
      subjects: paths,
      package: null,
    },
  ];
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
function statusOrNone(path: string): FileStatus | undefined {
  try {
    return statusOf(path);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}

/** A script in `bin` that starts another Python than the one beside it, or a name of that which is not there. */
export interface ForeignScript {
  readonly path: string;
  readonly python: string;
}

/** Finds them, in whatever form pip, virtualenv, uv and other installers write the first lines. */
export function foreignScripts(scripts: string): ForeignScript[] {
  if (statusOf(scripts)?.kind !== "folder") return [];
  const hasPython = isExecutableFile(join(scripts, "python"));
  return readableScripts(scripts).filter(({ python }) => {
    if (!samePlace(dirname(python), scripts)) return true;
    return hasPython && !isExecutableFile(python);
  });
}

function readableScripts(scripts: string): ForeignScript[] {
  try {
    return pinnedScripts(scripts);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return []; // One that may not be read.
    throw error;
  }
}

/** The problem that foreign scripts make; none without any. */
export function shebangProblems(root: string, foreign: readonly ForeignScript[]): DoctorProblem[] {
  const [first] = foreign;
  if (first === undefined) return [];
  const paths = foreign.map(({ path }) => path);
  return [
    {
      code: "foreign-shebang",
      what: `${some(paths, "script")} ${are(paths)} for another Python: ${first.python}`,
      why: isExecutableFile(first.python)
        ? "It runs with the packages of that Python. The environment was copied, or the script was."
        : "That Python is not there, so it cannot start: the environment was moved or renamed.",
      hint: repairHint(root),
      subjects: paths,
      package: null,
    },
  ];
}

function samePlace(a: string, b: string): boolean {
  if (a === b) return true;
  return pathExists(a) && pathExists(b) && realPath(a) === realPath(b);
}
