import { excerpt, PenError } from "#foundation";
import type { Interpreter } from "./types.ts";
import { archOf } from "./fit.ts";

/** One clause of a version specifier, as virtualenv reads it: `>=3.10`, `==3.*`, `<3.14rc1`. */
export interface SpecClause {
  readonly operator: "===" | "==" | "~=" | "!=" | "<=" | ">=" | "<" | ">";
  /** The numbers as written, one to three. */
  readonly release: readonly number[];
  readonly prerelease: readonly [stage: "a" | "b" | "rc", number: number] | undefined;
  readonly wildcard: boolean;
}

/** What `virtualenv -p` asks for. Undefined means: not asked. */
export interface VirtualenvSpec {
  readonly text: string;
  /** In the letters that were written; `py` and `python` are no implementation, `graalvm` is `graalpy`. */
  readonly implementation: string | undefined;
  /** Up to three numbers. */
  readonly release: readonly number[];
  readonly freeThreaded: boolean | undefined;
  readonly debug: true | undefined;
  readonly pointerBits: 32 | 64 | undefined;
  /** The processor, in the spelling that virtualenv makes of it: `arm64`, `x86_64`. */
  readonly machine: string | undefined;
  readonly clauses: readonly SpecClause[] | undefined;
  /** A path, or a name that is looked for on PATH. */
  readonly path: string | undefined;
}

const modifiers = String.raw`(t)?(d|(?:-dbg|-debug)(?=-|$))?(?:-(32|64))?(?:-([a-zA-Z0-9_.]+))?$`;
const plainPattern = new RegExp(String.raw`^([a-zA-Z]+)?([0-9.]+)?${modifiers}`);
const specifierPattern = new RegExp(String.raw`^(?:([A-Za-z]+)\s*)?((?:===|==|~=|!=|<=|>=|<|>).*?)${modifiers}`, "s");
const clausePattern = /^(===|==|~=|!=|<=|>=|<|>)\s*(.+)$/s;
const versionPattern = /^(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:(a|b|rc)(\d{1,9}))?$/;

const machines: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  aarch64: "arm64",
  i386: "x86",
  i486: "x86",
  i586: "x86",
  i686: "x86",
  powerpc: "ppc",
  powerpc64: "ppc64",
  powerpc64le: "ppc64le",
  sparcv9: "sparc64",
};
const normalMachine = (name: string): string => machines[name.toLowerCase()] ?? name.toLowerCase();

/** No request is longer than a path may be. */
const longest = 4096;

/**
 * Reads a request in the words of virtualenv 21 (`-p`, `VIRTUALENV_PYTHON`):
 *
 *     spec    = absolute path | [letters] [version] [modifiers] | [letters] specifiers [modifiers] | name or relative path
 *     version = 3 | 311 | 3.11 | 3.11.7
 *     modifiers = [t] [d | -dbg | -debug] [-32 | -64] [-machine]
 *
 * What is none of the others is a path. Nothing is looked up. Throws PYTHON_NOT_FOUND for a specifier with a mistake in it, and for
 * text that no path can be.
 */
export function parseVirtualenvSpec(text: string): VirtualenvSpec {
  if (text.length > longest || text.includes("\0")) throw noSpec(text, "It is no path that a file can have.");
  if (/^(?:\/|[A-Za-z]:[\\/])/.test(text)) return pathSpec(text);
  return plainSpec(text) ?? specifierSpec(text) ?? pathSpec(text);
}

function noSpec(text: string, why: string): PenError {
  return new PenError("PYTHON_NOT_FOUND", `${excerpt(text)} names no Python`, {
    why,
    hint: "Ask for a version (3.12, 311, 3.13t), an implementation (pypy3.10, cpython3.12-64), specifiers ('>=3.10,<3.13') or a path.",
  });
}

const pathSpec = (text: string): VirtualenvSpec => ({
  text,
  implementation: undefined,
  release: [],
  freeThreaded: undefined,
  debug: undefined,
  pointerBits: undefined,
  machine: undefined,
  clauses: undefined,
  path: text,
});

function plainSpec(text: string): VirtualenvSpec | undefined {
  const match = plainPattern.exec(text);
  if (match === null) return undefined;
  const [, letters, version, threaded, debug, bits, machine] = match;
  const release = version === undefined ? [] : releaseOf(version);
  if (release === undefined) return undefined;
  return {
    ...pathSpec(text),
    ...traitsOf({ letters, debug, bits, machine }),
    release,
    freeThreaded: version === undefined ? undefined : threaded !== undefined,
    path: undefined,
  };
}

function traitsOf(found: {
  letters: string | undefined;
  debug: string | undefined;
  bits: string | undefined;
  machine: string | undefined;
}): Pick<VirtualenvSpec, "implementation" | "debug" | "pointerBits" | "machine"> {
  const { letters, debug, bits, machine } = found;
  const open = letters === "py" || letters === "python";
  return {
    implementation: open ? undefined : letters === "graalvm" ? "graalpy" : letters,
    debug: debug === undefined ? undefined : true,
    pointerBits: bits === undefined ? undefined : bits === "32" ? 32 : 64,
    machine: machine === undefined ? undefined : normalMachine(machine),
  };
}

/** `3.11.7`; one number of several digits is a wheel tag's: `311` is 3.11. Undefined when it is no version. */
function releaseOf(version: string): readonly number[] | undefined {
  const parts = version.split(".").filter((part) => part !== "");
  const [first = ""] = parts;
  if (parts.length === 0 || parts.length > 3 || parts.some((part) => part.length > 9)) return undefined;
  if (parts.length > 1) return parts.map(Number);
  const digits = String(Number(first));
  return digits.length > 1 ? [Number(digits.slice(0, 1)), Number(digits.slice(1))] : [Number(digits)];
}

function specifierSpec(text: string): VirtualenvSpec | undefined {
  const match = specifierPattern.exec(text.trim());
  if (match === null) return undefined;
  const [, letters, specifiers = "", threaded, debug, bits, machine] = match;
  const clauses = specifiers
    .split(",")
    .filter((item) => item.trim() !== "")
    .map((item) => clauseOf(item.trim()));
  if (clauses.some((clause) => clause === undefined)) throw noSpec(text, "The version specifier has a mistake in it.");
  return {
    ...pathSpec(text),
    ...traitsOf({ letters, debug, bits, machine }),
    freeThreaded: threaded === undefined ? undefined : true,
    clauses: clauses.filter((clause) => clause !== undefined),
    path: undefined,
  };
}

function clauseOf(item: string): SpecClause | undefined {
  const [, operator, written = ""] = clausePattern.exec(item) ?? [];
  if (operator === undefined) return undefined;
  const wildcard = written.trim().endsWith(".*");
  const match = versionPattern.exec(wildcard ? written.trim().slice(0, -2) : written.trim());
  if (match === null) return undefined;
  const [, major, minor, micro, stage, serial] = match;
  const release = [major, minor, micro].flatMap((part) => (part === undefined ? [] : [Number(part)]));
  return {
    operator: operator as SpecClause["operator"],
    release,
    prerelease: stage === undefined ? undefined : [stage as "a" | "b" | "rc", Number(serial)],
    wildcard,
  };
}

/** What a specification is compared with. */
export type SpecInterpreter = Pick<
  Interpreter,
  "implementation" | "versionInfo" | "freeThreaded" | "debug" | "pointerBits" | "tagTarget" | "markers"
>;

/** True when the interpreter is what was asked for; a path in the specification is not looked at. */
export function specHolds(spec: VirtualenvSpec, interpreter: SpecInterpreter): boolean {
  const { versionInfo } = interpreter;
  if (spec.implementation !== undefined && spec.implementation.toLowerCase() !== interpreter.implementation) return false;
  if (spec.pointerBits !== undefined && spec.pointerBits !== interpreter.pointerBits) return false;
  if (spec.machine !== undefined && spec.machine !== normalMachine(archOf(interpreter))) return false;
  if (spec.freeThreaded !== undefined && spec.freeThreaded !== interpreter.freeThreaded) return false;
  if (spec.debug !== undefined && !interpreter.debug) return false;
  if (spec.release.some((part, at) => versionInfo[at] !== part)) return false;
  return (spec.clauses ?? []).every((clause) => clauseHolds(clause, versionInfo));
}

const stages: Readonly<Record<string, "a" | "b" | "rc">> = { alpha: "a", beta: "b", candidate: "rc" };
const stageOrder = ["a", "b", "rc"];

type Candidate = readonly [number, number, number, stage: number, serial: number];
/** Behind every stage of a pre-release. */
const finished = stageOrder.length;

/**
 * Compares in as many numbers as the clause has: 3.12.4 is `==3.12` and `<=3.12` and not `>3.12`, which is how people mean a Python and
 * not how PEP 440 has it. Whether a Python is a pre-release matters when the clause names three numbers or one itself.
 */
export function clauseHolds(clause: SpecClause, version: Interpreter["versionInfo"]): boolean {
  const { operator, release, prerelease, wildcard } = clause;
  const count = release.length;
  const stage = stages[version[3]];
  const early = stage !== undefined && (count === 3 || prerelease !== undefined);
  const numbers = (parts: readonly (number | string)[]) => [0, 1, 2].map((at) => (at < count ? Number(parts[at] ?? 0) : 0));
  const [a = 0, b = 0, c = 0] = numbers(version);
  const candidate: Candidate = [a, b, c, early ? stageOrder.indexOf(stage) : finished, early ? version[4] : 0];
  const [x = 0, y = 0, z = 0] = release;
  const wanted: Candidate = [x, y, z, prerelease === undefined ? finished : stageOrder.indexOf(prerelease[0]), prerelease?.[1] ?? 0];
  if (wildcard) return wildcardHolds(operator, [a, b, c].slice(0, count).join() === [x, y, z].slice(0, count).join());
  const order = compare(candidate, wanted);
  switch (operator) {
    case "==":
    case "===":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "<":
      // A pre-release of the very version that is the bound does not come before it (PEP 440).
      return order < 0 && !(early && prerelease === undefined && a === x && b === y && c === z);
    case "~=": {
      const prefix = Math.max(count - 1, 1);
      return order >= 0 && [a, b, c].slice(0, prefix).join() === [x, y, z].slice(0, prefix).join();
    }
  }
}

function wildcardHolds(operator: SpecClause["operator"], same: boolean): boolean {
  return operator === "==" ? same : operator === "!=" && !same;
}

function compare(a: Candidate, b: Candidate): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const implementationNames: Readonly<Record<Interpreter["implementation"], string>> = {
  cpython: "CPython",
  pypy: "PyPy",
  graalpy: "GraalPy",
  other: "Python",
};

/** The interpreter in virtualenv's short form: `CPython3.13.0.final.0-64-x86_64`. */
export function virtualenvSpecText(interpreter: SpecInterpreter): string {
  const build = `${interpreter.freeThreaded ? "t" : ""}${interpreter.debug ? "d" : ""}`;
  const name = implementationNames[interpreter.implementation];
  return `${name}${interpreter.versionInfo.join(".")}${build}-${interpreter.pointerBits}-${normalMachine(archOf(interpreter))}`;
}
