import {
  isFolder,
  isPenError,
  PenError,
  printableLine,
  runProcess,
  statusOf,
  targetStatusOf,
  type Host,
  dirname,
  join,
  relative,
} from "#foundation";
import { readInstalled, type InstalledDistribution } from "#installer";
import type { Interpreter } from "#python";
import { normalizeName } from "#standards";
import type { Environment } from "#venv";
import { editableLocation, versionOf, writtenName } from "../packages/distributions.ts";
import { environmentDestination } from "../environment.ts";
import { baseSiteFolders, namesIn, seesBase, userSite, type ExplainedPython } from "./path.ts";
import type { ExplainedModule, ModuleCopy, PathEntry } from "./types.ts";

/**
 * Which copy of a module `import name` takes, and why. Asks the base interpreter (`-I -S`) what is built in and how its extension modules
 * are called; all else is read from folders. Errors: `USAGE` for what can be no module's name, `PYTHON_BROKEN`.
 */
export async function explainModule(name: string, { python, path, host, signal }: ExplainModuleOptions): Promise<ExplainedModule> {
  if (!/^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(name) || name.length > 400) {
    throw new PenError("USAGE", `${printableLine(name)} is no name of a module`, {
      why: "A module's name has letters, digits, underlines, and dots between its parts. It need not be the package's name on the index.",
      hint: "Use the word that stands behind `import`, for example psycopg2 for the package psycopg2-binary.",
    });
  }
  const [top = "", ...rest] = name.split(".");
  const facts = await askImports(python.interpreter, top, { host, signal });
  const owners = new Owners(python.environment);
  const search: Search = { facts, owners, path };
  const inExecutable = executableCopy(facts);
  const onPath = path.flatMap((entry, number) => copiesIn(entry.path, top, { source: entry.source, number, root: entry.path }, search));
  const late = facts.loadedEarly ? onPath.filter(({ entry }) => path[entry ?? 0]?.source !== "start") : onPath;
  const winners = inExecutable === undefined ? winnersOf(late) : [inExecutable];
  const copies = [...(inExecutable === undefined ? [] : [inExecutable]), ...onPath].map((copy) => ({
    ...copy,
    imported: winners.includes(copy),
  }));
  const far = outOfReach(python, host).flatMap((folder) => unreachable(folder, top, search));
  if (rest.length > 0) return submodule(name, { parents: copies.filter(({ imported }) => imported), rest, search });
  return { name, found: winners.length > 0, copies: [...copies, ...far], ...reasonOf(name, { copies, far, path, facts }) };
}

export interface ExplainModuleOptions {
  readonly python: ExplainedPython;
  readonly path: readonly PathEntry[];
  readonly host: Host;
  readonly signal?: AbortSignal | undefined;
}

interface Search {
  readonly path: readonly PathEntry[];
  readonly facts: ImportFacts;
  readonly owners: Owners;
}

interface ImportFacts {
  readonly builtin: boolean;
  readonly frozen: boolean;
  /** `.cpython-312-x86_64-linux-gnu.so`, `.abi3.so`, `.so`. */
  readonly suffixes: readonly string[];
  /** Imported before the script's folder is on `sys.path`. */
  readonly loadedEarly: boolean;
}

const question = `import sys, _imp
from importlib.machinery import EXTENSION_SUFFIXES as e
n = sys.argv[1]
print("\\n".join(["1" if n in sys.builtin_module_names else "0", "1" if _imp.is_frozen(n) else "0"] + e))`;

/** Modules that Python itself imports while it starts. */
const early: ReadonlySet<string> = new Set(
  "_collections_abc _sitebuiltins abc codecs encodings genericpath io marshal ntpath os posixpath site stat sys zipimport".split(" "),
);

async function askImports(
  interpreter: Interpreter,
  name: string,
  { host, signal }: { host: Host; signal?: AbortSignal | undefined },
): Promise<ImportFacts> {
  const env = Object.fromEntries(Object.entries(host.env).filter(([key]) => !/^_?PYTHON|^__PYVENV/i.test(key)));
  const answer = await runProcess(interpreter.baseExecutable, ["-I", "-S", "-c", question, name], {
    env: { ...env, PYTHONIOENCODING: "utf-8" },
    cwd: dirname(interpreter.baseExecutable),
    timeoutMs: 10_000,
    maxOutput: 65_536,
    ...(signal === undefined ? {} : { signal }),
  });
  const [builtin, frozen, ...suffixes] = answer.stdout.split(/\r?\n/).filter((line) => line !== "");
  if (answer.status !== 0 || builtin === undefined) {
    throw new PenError("PYTHON_BROKEN", `${interpreter.baseExecutable} did not say which modules it has`, {
      why: printableLine(answer.stderr.trim().split("\n").at(-1) ?? ""),
      hint: "See the Pythons that work with `pen python list`.",
    });
  }
  return { builtin: builtin === "1", frozen: frozen === "1", suffixes, loadedEarly: early.has(name) };
}

function executableCopy({ builtin, frozen }: ImportFacts): ModuleCopy | undefined {
  if (!builtin && !frozen) return undefined;
  const kind = builtin ? "builtin" : "frozen";
  return { kind, path: null, entry: null, source: "executable", imported: true, reachable: true, distribution: null, version: null };
}

/** Where a search stands on `sys.path`. */
interface Place {
  readonly source: ModuleCopy["source"];
  readonly number: number | null;
  /** The folder of the entry, which RECORD's rows are relative to. */
  readonly root: string;
}

/** What one folder has of the name, in the order in which the import system would try it: at most one that counts, and a namespace portion. */
function copiesIn(folder: string, name: string, place: Place, { facts, owners }: Search): ModuleCopy[] {
  const found = lookIn(folder, name, facts);
  if (found === undefined) return [];
  const owner = owners.of(found.path, place.root);
  return [
    {
      ...found,
      entry: place.number,
      source: place.source,
      imported: false,
      reachable: true,
      distribution: owner === undefined ? null : writtenName(owner),
      version: owner === undefined ? null : versionOf(owner),
    },
  ];
}

function lookIn(
  folder: string,
  name: string,
  { suffixes }: ImportFacts,
): (Pick<ModuleCopy, "kind"> & { readonly path: string }) | undefined {
  const names = new Set(namesIn(folder).filter((one) => one === name || one.startsWith(`${name}.`)));
  if (names.size === 0) return undefined;
  const endings = [...suffixes, ".py", ".pyc"];
  const package_ = names.has(name) && isFolder(join(folder, name));
  if (package_) {
    const init = endings.map((ending) => join(folder, name, `__init__${ending}`)).find(isFile);
    if (init !== undefined) return { kind: "package", path: init };
  }
  const ending = endings.find((one) => names.has(name + one) && isFile(join(folder, name + one)));
  if (ending !== undefined) return { kind: suffixes.includes(ending) ? "extension" : "module", path: join(folder, name + ending) };
  return package_ ? { kind: "namespace", path: join(folder, name) } : undefined;
}

const isFile = (path: string): boolean => targetStatusOf(path)?.kind === "file";

/** The first real module; when there is none, all namespace portions together (PEP 420). */
function winnersOf(copies: readonly ModuleCopy[]): readonly ModuleCopy[] {
  const first = copies.find(({ kind }) => kind !== "namespace");
  return first === undefined ? copies : [first];
}

/** Folders of packages on this machine that this Python does not look into. */
function outOfReach(python: ExplainedPython, host: Host): string[] {
  if (seesBase(python)) return [];
  return [...baseSiteFolders(python.interpreter), userSite(python.interpreter, host)].filter(isFolder);
}

function unreachable(folder: string, name: string, { facts, path }: Search): ModuleCopy[] {
  const owners = new Owners(undefined);
  const place: Place = { source: "base-site-packages", number: null, root: folder };
  return copiesIn(folder, name, place, { facts, owners, path }).map((copy) => ({ ...copy, reachable: false }));
}

function submodule(
  name: string,
  { parents, rest, search }: { parents: readonly ModuleCopy[]; rest: readonly string[]; search: Search },
): ExplainedModule {
  let at = parents;
  for (const [depth, part] of rest.entries()) {
    const parent = name
      .split(".")
      .slice(0, depth + 1)
      .join(".");
    const folders = at.flatMap((copy) => folderOf(copy).map((folder) => ({ folder, copy })));
    const copies = folders.flatMap(({ folder, copy }) => {
      const place: Place = { source: copy.source, number: copy.entry, root: search.path[copy.entry ?? -1]?.path ?? folder };
      return copiesIn(folder, part, place, search);
    });
    const winners = winnersOf(copies);
    if (winners.length === 0) {
      const isPackage = folders.length > 0;
      const why =
        at.length === 0
          ? `There is no ${parent} on sys.path.`
          : isPackage
            ? `${parent} is there, and has no ${part} in its folder.`
            : `${parent} is no package: it has no folder to look in.`;
      return { name, found: false, why, hint: null, copies: at };
    }
    at = copies.map((copy) => ({ ...copy, imported: winners.includes(copy) }));
    if (depth < rest.length - 1) at = at.filter(({ imported }) => imported);
  }
  const parent = name.slice(0, name.lastIndexOf("."));
  return { name, found: true, why: `It is looked for in the folder of ${parent} and nowhere else.`, hint: null, copies: at };
}

function folderOf({ kind, path }: ModuleCopy): string[] {
  if (path === null) return [];
  return kind === "package" ? [dirname(path)] : kind === "namespace" ? [path] : [];
}

interface Case {
  readonly copies: readonly ModuleCopy[];
  readonly far: readonly ModuleCopy[];
  readonly path: readonly PathEntry[];
  readonly facts: ImportFacts;
}

function reasonOf(name: string, { copies, far, path, facts }: Case): Pick<ExplainedModule, "why" | "hint"> {
  const winner = copies.find(({ imported }) => imported);
  if (winner === undefined) {
    if (far.length === 0)
      return { why: "No entry of sys.path has it.", hint: `Install the package that brings it: pen pip install ${name}` };
    return {
      why: "No entry of sys.path has it. A Python outside has one, and this environment does not look there: that is the isolation.",
      hint: `Install it here: pen pip install ${name}`,
    };
  }
  const others = copies.filter(({ imported }) => !imported);
  if (winner.kind === "builtin")
    return { why: "It is part of the executable, which is asked before sys.path: no file can take its place.", hint: null };
  if (winner.kind === "frozen")
    return { why: "The executable carries it, and is asked before sys.path: no file can take its place.", hint: null };
  if (winner.kind === "namespace") return namespaceReason(copies.filter(({ imported }) => imported).length);
  if (others.length === 0) return { why: "It is the only one on sys.path.", hint: null };
  if (facts.loadedEarly && others.some(({ entry }) => path[entry ?? -1]?.source === "start"))
    return { why: "Python imports it while it starts, before the folder of the script is on sys.path.", hint: null };
  return shadowReason(winner, others, path);
}

function namespaceReason(portions: number): Pick<ExplainedModule, "why" | "hint"> {
  const why =
    portions === 1
      ? "A folder without __init__.py: a namespace package (PEP 420), which other entries of sys.path could add to."
      : `${portions} folders without __init__.py: together they are one namespace package (PEP 420).`;
  return { why, hint: null };
}

function shadowReason(
  winner: ModuleCopy,
  others: readonly ModuleCopy[],
  path: readonly PathEntry[],
): Pick<ExplainedModule, "why" | "hint"> {
  const next = others.find(({ kind }) => kind !== "namespace");
  if (next === undefined)
    return { why: "A module or a folder with __init__.py goes before folders without one, wherever these stand.", hint: null };
  const numbered = `entry ${(winner.entry ?? 0) + 1} of sys.path comes before entry ${(next.entry ?? 0) + 1}`;
  const why = `The first one found is taken: ${numbered}.`;
  const isOwn = winner.source === "start" || winner.source === "pythonpath";
  if (!isOwn) return { why, hint: null };
  const hidden = ["standard-library", "extensions"].includes(path[next.entry ?? -1]?.source ?? "")
    ? "a module of the standard library"
    : "an installed package";
  const remedy = winner.source === "start" ? "rename it" : "take its folder out of PYTHONPATH";
  return { why, hint: `This file hides ${hidden}. If that is not meant, ${remedy}.` };
}

/** Finds the distribution that a file belongs to by the RECORDs of the folder it stands in. Reads each folder once. */
class Owners {
  private readonly environment: Environment | undefined;
  private readonly known = new Map<string, readonly InstalledDistribution[]>();

  constructor(environment: Environment | undefined) {
    this.environment = environment;
  }

  of(path: string, folder: string): InstalledDistribution | undefined {
    const row = relative(folder, path);
    const top = row.split("/")[0]?.split(".")[0] ?? "";
    const likely = (one: InstalledDistribution): number => (sameName(one.name, top) ? 0 : 1);
    const here = [...this.installedIn(folder)].sort((a, b) => likely(a) - likely(b));
    return here.find((one) => recordHas(one, row, statusOf(path)?.kind === "folder")) ?? this.editable(path);
  }

  private editable(path: string): InstalledDistribution | undefined {
    if (this.environment === undefined) return undefined;
    const all = this.installedIn(this.environment.paths.purelib);
    return all.find((one) => {
      const project = editableLocation(one);
      return project !== undefined && path.startsWith(`${project}/`);
    });
  }

  private installedIn(folder: string): readonly InstalledDistribution[] {
    let found = this.known.get(folder);
    if (found === undefined) this.known.set(folder, (found = this.read(folder)));
    return found;
  }

  private read(folder: string): readonly InstalledDistribution[] {
    if (!isFolder(folder)) return [];
    const { environment } = this;
    if (environment !== undefined && folder.startsWith(`${dirname(environment.paths.purelib)}/`))
      return readInstalled(environmentDestination(environment).target).filter(({ location }) => location === folder);
    const paths = { purelib: folder, platlib: folder, scripts: folder, data: folder, include: folder };
    return readInstalled({ root: folder, paths, pythonVersion: "" });
  }
}

function sameName(name: string, top: string): boolean {
  try {
    return normalizeName(top) === name;
  } catch {
    return false;
  }
}

function recordHas(distribution: InstalledDistribution, row: string, isBelow: boolean): boolean {
  try {
    const rows = distribution.record() ?? [];
    return rows.some(({ path }) => (isBelow ? path.startsWith(`${row}/`) : path === row));
  } catch (error) {
    if (!isPenError(error)) throw error;
    return false; // Of a distribution without a readable RECORD nothing can be said.
  }
}
