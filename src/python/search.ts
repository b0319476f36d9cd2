import { PenError, createLimiter, realPath, type Host } from "#foundation";
import { allCandidates, managedFolders, openCandidates, type Candidate, type SearchPlaces } from "./candidates.ts";
import { configOf } from "./environment-config.ts";
import { couldFit, fitOf, isOpen } from "./fit.ts";
import { inspectForSearch } from "./inspect.ts";
import { isAllowed, passesOf, type Pass, type PythonPreference } from "./preference.ts";
import { requestText, type PythonRequest } from "./request.ts";
import type { Interpreter } from "./types.ts";

/** A request that leaves open where the Python stands. */
export type SoughtPython = Exclude<PythonRequest, { readonly kind: "path" }>;

export interface FindOptions extends SearchPlaces {
  readonly host: Host;
  /** pen's cache folder; see `inspectInterpreter`. */
  readonly cacheFolder: string;
  /** Milliseconds until an interpreter that does not answer is killed; default 10 s. */
  readonly timeoutMs?: number;
  /** Ends the search with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether managed Pythons are taken, and when. Default: as they come. */
  readonly preference?: PythonPreference;
  /** Told of every candidate that was passed over because it does not work. */
  readonly onSkipped?: (path: string, error: PenError) => void;
}

/** So many interpreters are asked at once when all are wanted. */
const parallel = 4;

/**
 * All working interpreters, each once, in the order in which pen looks. `python`, `python3` and `python3.12` of one installation are
 * one; so are shims and the version they stand for. Broken ones are passed over (`onSkipped`) and remembered.
 */
export async function findInterpreters(options: FindOptions): Promise<Interpreter[]> {
  const limiter = createLimiter(parallel);
  const files = new Set<string>();
  const answers: Array<Promise<Interpreter | undefined>> = [];
  for await (const candidate of allCandidates(options)) {
    const identity = fileIdentity(candidate.path);
    if (files.has(identity)) continue;
    files.add(identity);
    answers.push(limiter.run(() => ask(candidate, options)));
  }
  const seen = new Set<string>();
  const found: Interpreter[] = [];
  for (const interpreter of await Promise.all(answers)) {
    if (interpreter === undefined || seen.has(installationKey(interpreter))) continue;
    seen.add(installationKey(interpreter));
    found.push(interpreter);
  }
  return found;
}

/** What the usual places have for a request that is no path. Errors: PYTHON_NOT_FOUND with the list of those that exist. */
export async function searchInterpreter(request: SoughtPython | undefined, options: FindOptions): Promise<Interpreter> {
  const passes = passesOf(options.preference);
  const wanted = request ?? anyPython;
  for (const pass of passes) {
    const found = await search(wanted, options, pass);
    if (found !== undefined) return found;
  }
  const folders = managedFolders(options.host);
  const existing = await findInterpreters(options);
  throw notFound(
    wanted,
    existing.filter((one) => isAllowed(one, passes.at(-1) ?? "any", folders)),
    options.preference,
  );
}

/** A path is taken at its word, unless it leads to what the person ruled out. */
export function checkPreference(interpreter: Interpreter, { host, preference }: FindOptions): Interpreter {
  if (preference !== "only-managed" && preference !== "only-system") return interpreter;
  if (isAllowed(interpreter, passesOf(preference)[0] ?? "any", managedFolders(host))) return interpreter;
  throw new PenError("PYTHON_NOT_FOUND", `${interpreter.executable} is ${preference === "only-managed" ? "no" : "a"} managed Python`, {
    why: preference === "only-managed" ? "Only managed Pythons were allowed." : "Managed Pythons were ruled out.",
    hint: "Name another Python, or leave that option away.",
    data: { path: interpreter.executable },
  });
}

async function search(wanted: PythonRequest, options: FindOptions, pass: Pass): Promise<Interpreter | undefined> {
  const files = new Set<string>();
  const folders = pass === "any" ? [] : managedFolders(options.host);
  let second: Interpreter | undefined;
  for await (const candidate of isOpen(wanted)
    ? openCandidates(options)
    : allCandidates(options, wanted.kind === "release" ? wanted.release : undefined)) {
    if (!couldFit(wanted, candidate.hint)) continue;
    const identity = fileIdentity(candidate.path);
    if (files.has(identity)) continue;
    files.add(identity);
    const interpreter = await ask(candidate, options);
    const fit = interpreter === undefined || !isAllowed(interpreter, pass, folders) ? "no" : fitOf(wanted, interpreter);
    if (interpreter !== undefined && fit === "first") return interpreter;
    if (fit === "second") second ??= interpreter;
  }
  return second;
}

const anyPython: PythonRequest = {
  kind: "any",
  implementation: undefined,
  freeThreaded: false,
  debug: false,
  pointerBits: undefined,
  arch: undefined,
};

/** What a candidate says of itself; undefined when it does not work, which `onSkipped` is told. */
export async function ask(candidate: Candidate, options: FindOptions): Promise<Interpreter | undefined> {
  const entry = await inspectForSearch(candidate.path, { ...options, source: candidate.source });
  if (entry.kind === "interpreter") return entry.interpreter;
  options.onSkipped?.(candidate.path, entry.error);
  return undefined;
}

/** Two names of one file are one interpreter, unless they belong to different environments. */
export function fileIdentity(path: string): string {
  try {
    return `${realPath(path)}\0${configOf(path) ?? ""}`;
  } catch {
    return path;
  }
}

/** Copies under other names (Windows, `--copies`) are one installation, too; a debug build beside the normal one is not. */
function installationKey(interpreter: Interpreter): string {
  const { prefix, basePrefix, implementation, version, freeThreaded, debug } = interpreter;
  const folder = (path: string) => {
    try {
      return realPath(path);
    } catch {
      return path;
    }
  };
  return [folder(prefix), folder(basePrefix), implementation, version, freeThreaded, debug].join("\0");
}

function notFound(request: PythonRequest, existing: readonly Interpreter[], preference?: PythonPreference): PenError {
  const lines = existing.map((one) => `  ${one.version}${one.freeThreaded ? "t" : ""}  ${one.executable}`);
  const old = request.kind === "release" && (request.release[0] ?? 3) < 3 ? " pen works with Python 3.6 and newer." : "";
  const kind =
    preference === "only-managed" ? "managed Python" : preference === "only-system" ? "Python outside of managed ones" : "Python";
  return new PenError(
    "PYTHON_NOT_FOUND",
    isOpen(request) ? `There is no ${kind} on this machine` : `No ${kind} here fits ${requestText(request)}`,
    {
      why: lines.length === 0 ? `pen found no working ${kind} at all.${old}` : `pen found these:${old}\n${lines.join("\n")}`,
      hint:
        lines.length === 0
          ? "Install Python, or name its executable with --python PATH."
          : "Ask for one of those, or install the other and run the command again.",
      data: { request: requestText(request), found: existing.map((one) => ({ version: one.version, path: one.executable })) },
    },
  );
}
