import {
  copyFile,
  isExecutableFile,
  isFolder,
  isPenError,
  listFolder,
  makeFolder,
  pathExists,
  readBytes,
  readLink,
  readTextIfAny,
  realPath,
  removeFile,
  rename,
  statusOf,
  symbolicLink,
  syncFile,
  temporaryBeside,
  writeNew,
  type Host,
  dirname,
  isAbsolute,
  join,
} from "#foundation";
import type { Interpreter } from "#python";
import { activationScripts } from "./activation.ts";
import { environmentContents } from "./contents.ts";
import type { Entry } from "./entries.ts";
import { renewedConfig } from "./config-renewal.ts";
import { executableAliases } from "./layout.ts";
import { inheritedRoots } from "./inheritance.ts";
import { readPyvenvConfig } from "./pyvenv-config.ts";
import type { PyvenvConfig } from "./types.ts";

/** One thing to put right in an environment's own files. Absolute paths; `why` sorts it for those who tell of it. */
export interface Mending {
  readonly path: string;
  readonly why: "python" | "name" | "stale-name" | "copy" | "folder" | "file" | "config" | "activation-missing" | "activation-stale";
  readonly change:
    | { readonly kind: "folder" }
    | { readonly kind: "link"; readonly target: string }
    | { readonly kind: "copy"; readonly source: string }
    | { readonly kind: "file"; readonly text: string }
    | { readonly kind: "remove" };
}

/**
 * What in the environment at `root`, made by any tool, differs from what it takes to work with `interpreter`: the names of its Python,
 * `pyvenv.cfg` (only the keys that are wrong), its folders, and activation scripts that are missing or name another place. Changes
 * nothing. Errors: FILE_SYSTEM; TARGET_UNSUPPORTED and INVALID_CONFIG for a Python that no `pyvenv.cfg` can name.
 */
export function findMendings(
  root: string,
  { host, interpreter, copies }: { readonly host: Host; readonly interpreter: Interpreter; readonly copies?: boolean },
): Mending[] {
  if (host.platform === "win32") return [];
  const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
  const { entries } = environmentContents({
    host,
    interpreter,
    systemSitePackages: config?.get("include-system-site-packages")?.toLowerCase() === "true",
    prompt: config?.get("prompt"),
    inherits: config === undefined ? [] : inheritedRoots(config),
    copies: copies ?? ["python", "python3"].some((name) => statusOf(join(root, "bin", name))?.kind === "file"),
    vcsIgnore: false,
  });
  const isOwn = config === undefined || config.get("pen") !== undefined;
  const judging = { root, interpreter, isOwn, stale: new Set(staleActivation(root)), scripts: expectedScripts(root, config) };
  const mendings = entries.flatMap((entry) => mendingFor(entry, judging) ?? []);
  return [...mendings, ...staleNames(root, interpreter)];
}

interface Judging {
  readonly root: string;
  readonly interpreter: Interpreter;
  /** pen made it, so that all that pen makes belongs there. */
  readonly isOwn: boolean;
  readonly stale: ReadonlySet<string>;
  /** The activation scripts that belong there, relative to the root. */
  readonly scripts: ReadonlySet<string>;
}

function mendingFor(entry: Entry, judging: Judging): Mending | undefined {
  const path = join(judging.root, entry.path);
  const status = statusOf(path);
  switch (entry.kind) {
    case "folder":
      // Folders for headers are empty until a package brings some.
      if (status !== undefined || (!judging.isOwn && entry.path.startsWith("include"))) return undefined;
      return { path, why: "folder", change: { kind: "folder" } };
    case "link":
      if (entry.path === "lib64") return lib64Mending(path, entry.target, judging);
      if (leadsTo(path, judging.interpreter)) return undefined;
      if (status === undefined && isNotMissed(entry, judging)) return undefined;
      return { path, why: entry.path === "bin/python" ? "python" : "name", change: { kind: "link", target: entry.target } };
    case "copy":
      if (status === undefined && isNotMissed(entry, judging)) return undefined;
      return status?.kind === "file" && sameBytes(path, entry.source)
        ? undefined
        : { path, why: "copy", change: { kind: "copy", source: entry.source } };
    case "file":
      if (entry.path === "pyvenv.cfg") return configMending(path, entry.text, judging);
      if (entry.path.startsWith("bin/")) return activationMending(path, entry, judging);
      return status === undefined ? { path, why: "file", change: { kind: "file", text: entry.text } } : undefined;
    case "courtesy":
      return undefined;
  }
}

/** Other tools, and older releases of venv, make fewer names and copy no library. */
function isNotMissed({ path }: Entry, { isOwn }: Judging): boolean {
  return !isOwn && path !== "bin/python" && path !== "bin/python3";
}

/** Not every tool makes it: only what is there and leads nowhere is put right. */
function lib64Mending(path: string, target: string, { isOwn }: Judging): Mending | undefined {
  const status = statusOf(path);
  const wrong = status === undefined ? isOwn : status.kind === "link" && !pathExists(path);
  return wrong ? { path, why: "name", change: { kind: "link", target } } : undefined;
}

function leadsTo(path: string, interpreter: Interpreter): boolean {
  return isExecutableFile(path) && realPath(path) === interpreter.realExecutable;
}

function sameBytes(a: string, b: string): boolean {
  return statusOf(a)?.size === statusOf(realPath(b))?.size && Buffer.compare(readBytes(a), readBytes(b)) === 0;
}

function configMending(path: string, fresh: string, { interpreter }: Judging): Mending | undefined {
  const text = readTextIfAny(path);
  const wanted = text === undefined ? fresh : renewedConfig(text, interpreter);
  return wanted === text ? undefined : { path, why: "config", change: { kind: "file", text: wanted } };
}

/** What every tool makes. virtualenv makes what a person chooses: there only the main one is missed, and only where others are. */
function expectedScripts(root: string, config: PyvenvConfig | undefined): ReadonlySet<string> {
  const names = activationScripts().map(([name]) => name);
  const standing = names.filter((name) => pathExists(join(root, "bin", name)));
  const isChosen = config?.get("virtualenv") !== undefined;
  // uv leaves out what cannot find its own place.
  const withoutCsh = config?.get("uv") !== undefined && config.get("relocatable") !== undefined;
  const usual = ["activate", ...(withoutCsh ? [] : ["activate.csh"]), "activate.fish"];
  const isOwn = config === undefined || config.get("pen") !== undefined;
  const expected = isChosen ? (standing.length > 1 ? ["activate"] : []) : isOwn ? names : usual;
  return new Set(expected.map((name) => `bin/${name}`));
}

function activationMending(path: string, entry: Entry & { kind: "file" }, { stale, scripts }: Judging): Mending | undefined {
  const change = { kind: "file", text: entry.text } as const;
  if (stale.has(path)) return { path, why: "activation-stale", change };
  return pathExists(path) || !scripts.has(entry.path) ? undefined : { path, why: "activation-missing", change };
}

/** Names of Pythons in `bin` that are left from another version, and lead nowhere or to this one. */
function staleNames(root: string, interpreter: Interpreter): Mending[] {
  const folder = join(root, "bin");
  const wanted = new Set(["python", ...executableAliases(interpreter)]);
  const names = isFolder(folder) ? listFolder(folder) : [];
  return names.flatMap(({ name, kind }): Mending[] => {
    const path = join(folder, name);
    if (kind !== "link" || wanted.has(name) || !/^(?:python|pypy|graalpy)\d[\d.]*t?$/.test(name)) return [];
    // One that leads to `python` goes where that goes; one that a person made to another Python stays.
    const follows = !readLink(path).includes("/");
    return follows || !isExecutableFile(path) || leadsTo(path, interpreter)
      ? [{ path, why: "stale-name", change: { kind: "remove" } }]
      : [];
  });
}

const recordedPlace = [
  /^[ \t]*(?:export[ \t]+)?VIRTUAL_ENV=(?:'(\/[^'\n]*)'|"(\/[^"\n$`]*)"|(\/[^\s'"$`;]*))[ \t]*$/m,
  /^[ \t]*set -gx VIRTUAL_ENV[ \t]+(?:'(\/[^'\n]*)'|"(\/[^"\n$]*)"|(\/[^\s'"$]*))[ \t]*$/m,
  /^[ \t]*setenv VIRTUAL_ENV[ \t]+(?:'(\/[^'\n]*)'|"(\/[^"\n$`]*)"|(\/[^\s'"$`]*))[ \t]*$/m,
];

/** Activation scripts (absolute) that name another place than the one where they stand: the environment was moved, renamed or copied. */
function staleActivation(root: string): string[] {
  const folder = join(root, "bin");
  const texts = activationScripts().flatMap(([name]) => {
    const path = join(folder, name);
    const text = statusOf(path)?.kind === "file" ? textOf(path) : undefined;
    return text === undefined ? [] : [{ path, text }];
  });
  const places = texts.flatMap(({ text }) =>
    recordedPlace.flatMap((pattern) => {
      const match = pattern.exec(text);
      return match?.[1] ?? match?.[2] ?? match?.[3] ?? [];
    }),
  );
  const others = [...new Set(places)].filter((place) => !samePlace(place, root));
  return texts.flatMap(({ path, text }) => (others.some((place) => text.includes(place)) ? [path] : []));
}

function textOf(path: string): string | undefined {
  try {
    return readTextIfAny(path);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}

function samePlace(a: string, b: string): boolean {
  if (a.replace(/\/+$/, "") === b) return true;
  return isAbsolute(a) && pathExists(a) && realPath(a) === realPath(b);
}

/** Which paths {@link applyMendings} replaces and which it makes. */
export function mendedPaths(mendings: readonly Mending[]): {
  readonly replaced: readonly string[];
  readonly created: readonly string[];
  readonly newFolders: readonly string[];
} {
  const standing = ({ path }: Mending): boolean => statusOf(path) !== undefined;
  const folders = mendings.filter(({ change }) => change.kind === "folder").map(({ path }) => path);
  const others = mendings.filter(({ change }) => change.kind !== "folder");
  return {
    replaced: others.filter(standing).map(({ path }) => path),
    created: others.filter((one) => !standing(one) && !folders.includes(dirname(one.path))).map(({ path }) => path),
    newFolders: folders.filter((path) => !folders.includes(dirname(path))),
  };
}

/**
 * Puts everything right, each file by one rename. `stage` gives the path at which one is made first, on the same file system; default beside it. Errors:
 * FILE_SYSTEM; to be undone by the caller.
 */
export function applyMendings(mendings: readonly Mending[], stage: (path: string) => string = temporaryBeside): void {
  for (const { path, change } of mendings) {
    const temporary = stage(path);
    switch (change.kind) {
      case "folder":
        makeFolder(path);
        continue;
      case "remove":
        removeFile(path);
        continue;
      case "file":
        writeNew(temporary, change.text, (statusOf(path)?.kind === "file" ? statusOf(path)?.mode : undefined) ?? 0o644);
        syncFile(temporary);
        break;
      case "link":
        symbolicLink(change.target, temporary);
        break;
      case "copy":
        copyFile(change.source, temporary);
        break;
    }
    rename(temporary, path);
  }
}
