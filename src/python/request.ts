import { PenError, excerpt, isExecutableFile, pathExists, type Host, delimiter, isAbsolute, join, resolve } from "#foundation";
import { parseSpecifiers, specifiersText, type SpecifierSet } from "#standards";
import { canBePath, pathRequest, type PathRequest } from "./request-path.ts";

/** What a request may ask for beside a version. Undefined and false mean: not asked for. */
export interface RequestTraits {
  readonly implementation: "cpython" | "pypy" | "graalpy" | undefined;
  readonly freeThreaded: boolean;
  readonly debug: boolean;
  readonly pointerBits: 32 | 64 | undefined;
  /** As in platform tags: `x86_64`, `aarch64`. */
  readonly arch: string | undefined;
}

/** A parsed request for a Python. */
export type PythonRequest =
  /** `python`, `pypy`: any version. */
  | (RequestTraits & { readonly kind: "any" })
  /** `3`, `3.12`, `3.12.1`, `3.14.0rc2`; `prerelease` is `rc2`, or `dev` for "the newest, finished or not". */
  | (RequestTraits & { readonly kind: "release"; readonly release: readonly number[]; readonly prerelease: string | undefined })
  /** `>=3.10,<3.13`. */
  | (RequestTraits & { readonly kind: "range"; readonly specifiers: SpecifierSet })
  /** An executable, or the folder of an environment or an installation; absolute. */
  | PathRequest;

const implementations: Readonly<Record<string, RequestTraits["implementation"]>> = {
  "": undefined,
  python: undefined,
  py: undefined,
  cpython: "cpython",
  cp: "cpython",
  pypy: "pypy",
  pp: "pypy",
  graalpy: "graalpy",
  graalvm: "graalpy",
  graalpython: "graalpy",
};

const architectures: Readonly<Record<string, string>> = {
  x86_64: "x86_64",
  amd64: "x86_64",
  x64: "x86_64",
  aarch64: "aarch64",
  arm64: "aarch64",
  x86: "i686",
  i386: "i686",
  i686: "i686",
  armv7l: "armv7l",
  armv7: "armv7l",
  ppc64le: "ppc64le",
  powerpc64le: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
  riscv64gc: "riscv64",
  loongarch64: "loongarch64",
};

/** The name that platform tags have for a processor on Linux; unknown names stay, in lower case. */
export function canonicalArch(name: string): string {
  return architectures[name.toLowerCase()] ?? name.toLowerCase();
}

const maxWord = 256;

/**
 * Reads what a person asks for as a Python (`-p`, `--python`):
 *
 *     request        = path | [implementation ["@" | "-"]] [version | specifiers]
 *     implementation = python | py | cpython | cp | pypy | pp | graalpy
 *     version        = 3 | 3.12 | 3.12.1 | 311 | 3.14.0rc2, then `t` (free-threaded), `d` (debug), `-dev`, `-64`, `-aarch64`
 *
 * A word that is none of these is looked up on PATH, then in the working directory. Throws USAGE with the grammar as hint.
 */
export function parseRequest(text: string, host: Host): PythonRequest {
  const trimmed = text.trim();
  if (trimmed === "") throw usage(text, "It is empty.");
  if (!canBePath(text)) throw usage(text, "It is no path that a file can have.");
  const path = pathRequest(text, host);
  if (path !== undefined) return path;
  const parsed = trimmed.length > maxWord ? undefined : parseWord(trimmed);
  if (parsed !== undefined) return parsed;
  const onPath = isFileName(trimmed) ? findOnPath(trimmed, host) : undefined;
  if (onPath !== undefined) return { kind: "path", path: onPath };
  const local = resolve(host.cwd, text);
  if (pathExists(local)) return { kind: "path", path: local };
  throw usage(text, "It is no version and no implementation that pen knows, no program on PATH and no file here.");
}

function usage(text: string, why: string): PenError {
  return new PenError("USAGE", `${excerpt(text)} names no Python`, {
    why,
    hint: "Ask for a version (3, 3.12, 311, 3.12.1, 3.13t, '>=3.10,<3.13'), an implementation (cpython@3.12, pypy3.10, graalpy), a name (python3.11), or the path of an executable, an environment or an installation.",
  });
}

function isFileName(text: string): boolean {
  return /^[\w+. -]+$/.test(text);
}

function findOnPath(name: string, host: Host): string | undefined {
  const names = host.platform === "win32" ? [`${name}.exe`, name] : [name];
  return pathFolders(host)
    .flatMap((folder) => names.map((file) => join(folder, file)))
    .find(isExecutableFile);
}

/** The absolute folders of PATH, each once. A relative entry would let the working directory choose the program. */
export function pathFolders(host: Host): string[] {
  const value = host.env["PATH"] ?? host.env["Path"] ?? "";
  return [...new Set(value.split(host.platform === "win32" ? ";" : delimiter))].filter((folder) => isAbsolute(folder));
}

const versionPattern =
  /^(\d{1,3})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?(?:\.\*)?((?:a|b|rc)\d{1,4})?(t)?(d|-dbg|-debug)?(-dev)?(\+freethreaded)?(\+debug)?(?:-(.+))?$/;

/** A request written as one word without a path; undefined when it is none. Throws USAGE for specifiers with a mistake in them. */
export function parseWord(text: string): PythonRequest | undefined {
  const letters = /^[a-z]*/i.exec(text)?.[0] ?? "";
  const implementation = implementations[letters.toLowerCase()];
  if (implementation === undefined && !(letters.toLowerCase() in implementations)) return undefined;
  const rest = text.slice(letters.length);
  const body = letters !== "" && (rest.startsWith("@") || rest.startsWith("-")) ? rest.slice(1) : rest;
  if (body === "" && rest !== "") return undefined;
  const plain: RequestTraits = { implementation, freeThreaded: false, debug: false, pointerBits: undefined, arch: undefined };
  if (body === "") return { kind: "any", ...plain };
  if (/^[<>=!~]/.test(body)) return { kind: "range", ...plain, specifiers: specifiersOf(body, text) };
  return parseRelease(body, plain);
}

/** True for a word that {@link parseRequest} takes for a version or an implementation, whatever stands on PATH or here. */
export function isRequestWord(text: string): boolean {
  try {
    return text.length <= maxWord && parseWord(text.trim()) !== undefined;
  } catch {
    return true; // A specifier with a mistake in it.
  }
}

function specifiersOf(body: string, text: string): SpecifierSet {
  try {
    return parseSpecifiers(body);
  } catch (error) {
    throw usage(text, error instanceof PenError ? (error.why ?? error.message) : "The version specifiers have a mistake in them.");
  }
}

function parseRelease(body: string, plain: RequestTraits): PythonRequest | undefined {
  const match = versionPattern.exec(body);
  if (match === null) return undefined;
  const [, major = "", minor, micro, stage, t, d, dev, freeThreaded, debug, tail] = match;
  // `311` is how wheel tags write 3.11.
  const release =
    minor === undefined
      ? [major.slice(0, 1), ...(major.length > 1 ? [major.slice(1)] : [])]
      : [major, minor, ...(micro === undefined ? [] : [micro])];
  if (minor !== undefined && major.length > 1) return undefined;
  const machine = tail === undefined ? {} : parseMachine(tail);
  if (machine === undefined) return undefined;
  return {
    kind: "release",
    ...plain,
    ...machine,
    freeThreaded: t !== undefined || freeThreaded !== undefined,
    debug: d !== undefined || debug !== undefined,
    release: release.map(Number),
    prerelease: stage ?? (dev === undefined ? undefined : "dev"),
  };
}

/** `64`, `aarch64`, `64-aarch64`, or the end of a key: `linux-x86_64-gnu`. */
function parseMachine(tail: string): Partial<RequestTraits> | undefined {
  const words = tail.toLowerCase().split("-");
  const pointerBits = words[0] === "32" || words[0] === "64" ? (words[0] === "32" ? 32 : 64) : undefined;
  if (pointerBits !== undefined) words.shift();
  if (words.length > 1 && ["linux", "macos", "windows"].includes(words[0] ?? "")) words.shift();
  if (words.length > 1 && ["gnu", "musl", "none"].includes(words.at(-1) ?? "")) words.pop();
  if (words.length === 0) return { pointerBits };
  const arch = architectures[words[0] ?? ""];
  return words.length > 1 || arch === undefined ? undefined : { pointerBits, arch };
}

/** The request in its canonical spelling; {@link parseRequest} reads it back to an equal value. */
export function requestText(request: PythonRequest): string {
  switch (request.kind) {
    case "path":
      return request.path;
    case "any":
      return request.implementation ?? "python";
    case "range":
      return `${request.implementation === undefined ? "" : `${request.implementation}@`}${specifiersText(request.specifiers)}`;
    case "release":
      return releaseText(request);
  }
}

function releaseText(request: Extract<PythonRequest, { kind: "release" }>): string {
  const dev = request.prerelease === "dev";
  return [
    request.implementation === undefined ? "" : `${request.implementation}@`,
    request.release.join("."),
    dev ? "" : (request.prerelease ?? ""),
    request.freeThreaded ? "t" : "",
    request.debug ? "d" : "",
    dev ? "-dev" : "",
    request.pointerBits === undefined ? "" : `-${request.pointerBits}`,
    request.arch === undefined ? "" : `-${request.arch}`,
  ].join("");
}
