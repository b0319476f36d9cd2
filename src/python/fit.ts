import { specifiersContain, tryParseVersion, type SpecifierSet } from "#standards";
import { canonicalArch, parseWord, type PythonRequest, type RequestTraits } from "./request.ts";
import type { Interpreter, InterpreterSource } from "./types.ts";

/** How well an interpreter answers a request: `second` only counts when nothing is `first`. */
export type Fit = "first" | "second" | "no";

/** What the name of a file or folder promises about the Python in it; names are believed when they say "no", never when they say "yes". */
export interface NameHint {
  readonly implementation: RequestTraits["implementation"];
  readonly release: readonly number[];
  readonly prerelease: string | undefined;
}

/** The sources that a person chose: what they hold is taken as it is, pre-release or not. */
const chosen: ReadonlySet<InterpreterSource> = new Set(["explicit", "active-environment", "project-environment"]);

/** True for a request that leaves everything open. */
export function isOpen(request: PythonRequest): boolean {
  return request.kind === "any" && request.implementation === undefined;
}

/**
 * Compares an interpreter with a request. Second choice are, unless asked for or chosen by the person: pre-releases of
 * Python, free-threaded and debug builds, and other implementations than CPython.
 */
export function fitOf(request: PythonRequest, interpreter: Interpreter): Fit {
  if (request.kind === "path") return "first";
  if (!traitsFit(request, interpreter)) return "no";
  const version = versionFit(request, interpreter);
  if (version === "no" || chosen.has(interpreter.source)) return version === "no" ? "no" : "first";
  // Somebody put it on PATH under the name `python`: for a request that leaves all open, that is a choice of the build.
  if (isOpen(request) && interpreter.source === "path") return version;
  const unasked =
    (interpreter.freeThreaded && !request.freeThreaded) ||
    (interpreter.debug && !request.debug) ||
    (interpreter.implementation !== "cpython" && request.implementation === undefined);
  return unasked ? "second" : version;
}

function traitsFit(request: RequestTraits, interpreter: Interpreter): boolean {
  if (request.implementation !== undefined && request.implementation !== interpreter.implementation) return false;
  if ((request.freeThreaded && !interpreter.freeThreaded) || (request.debug && !interpreter.debug)) return false;
  if (request.pointerBits !== undefined && request.pointerBits !== interpreter.pointerBits) return false;
  return request.arch === undefined || request.arch === archOf(interpreter);
}

/** The processor that the interpreter was built for, as in platform tags. */
export function archOf(interpreter: Pick<Interpreter, "tagTarget" | "markers">): string {
  const { platform } = interpreter.tagTarget;
  return canonicalArch(platform.os === "other" ? interpreter.markers.platform_machine : platform.arch);
}

function versionFit(request: Exclude<PythonRequest, { kind: "path" }>, interpreter: Interpreter): Fit {
  const finished = interpreter.versionInfo[3] === "final";
  switch (request.kind) {
    case "any":
      return finished ? "first" : "second";
    case "range":
      return rangeFit(request.specifiers, interpreter.version);
    case "release": {
      if (!samePrefix(request.release, interpreter.versionInfo.slice(0, 3) as number[])) return "no";
      if (request.prerelease === undefined) return finished ? "first" : "second";
      return request.prerelease === "dev" || interpreter.version.endsWith(request.prerelease) ? "first" : "no";
    }
  }
}

function rangeFit(specifiers: SpecifierSet, text: string): Fit {
  const version = tryParseVersion(text);
  if (version === undefined) return "no";
  if (specifiersContain(specifiers, version)) return "first";
  return specifiersContain(specifiers, version, { prereleases: true }) ? "second" : "no";
}

function samePrefix(asked: readonly number[], known: readonly number[]): boolean {
  return asked.every((part, at) => known[at] === undefined || known[at] === part);
}

/** Reads a hint from `python3.12`, `3.11.7`, `pypy3.10-7.3.12`, `cpython-3.13.0+freethreaded-linux-x86_64-gnu`; undefined for other names. */
export function hintOf(name: string): NameHint | undefined {
  const base = name.replace(/\.exe$/i, "");
  const word = parseHint(base) ?? parseHint(base.replace(/-(?:v?\d[\d.]*|src)$/, ""));
  return word?.kind === "release" ? { implementation: word.implementation, release: word.release, prerelease: word.prerelease } : undefined;
}

function parseHint(name: string): PythonRequest | undefined {
  // GraalPy's folders carry GraalPy's own version.
  return name.length > 128 || /[<>=!~@]/.test(name) || (/^graal/i.test(name) && !/^graalpy3/i.test(name)) ? undefined : parseWord(name);
}

/** False when the name alone rules the candidate out. */
export function couldFit(request: PythonRequest, hint: NameHint | undefined): boolean {
  if (request.kind === "path" || hint === undefined) return true;
  if (request.implementation !== undefined && hint.implementation !== undefined && request.implementation !== hint.implementation)
    return false;
  switch (request.kind) {
    case "any":
      return true;
    case "release":
      return samePrefix(request.release, hint.release);
    case "range": {
      // Two numbers stand for many versions: only a full version can be ruled out.
      const text = hint.prerelease === "dev" || hint.release.length < 3 ? undefined : hint.release.join(".") + (hint.prerelease ?? "");
      return text === undefined || rangeFit(request.specifiers, text) !== "no";
    }
  }
}

/** Negative when `a` promises the newer Python. Pre-releases come after what is finished, and what promises nothing last. */
export function compareHints(a: NameHint | undefined, b: NameHint | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if ((a.prerelease === undefined) !== (b.prerelease === undefined)) return a.prerelease === undefined ? -1 : 1;
  for (let at = 0; at < 3; at += 1) {
    const difference = (b.release[at] ?? -1) - (a.release[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
