import {
  isFolder,
  listFolder,
  pathExists,
  PenError,
  printableLine,
  readText,
  setTime,
  statusOf,
  writeAtomic,
  writeNew,
  basename,
  isAbsolute,
  join,
  relative,
  resolve,
} from "#foundation";
import { linkedFolder, readInstalled, type InstalledDistribution, type InstallTarget } from "#installer";
import { formatRecord } from "#standards";
import { inheritedFolder, isPythonOf, pinnedScripts, relocateScripts, type Environment } from "#venv";
import { copyTree, placeFile } from "./tree.ts";
import { editableLocation } from "../packages/distributions.ts";

/** What of an environment's packages lies somewhere else and could not come along. */
interface Outside {
  readonly what: string;
  readonly place: string;
}

/** Refuses an environment with packages that lie elsewhere: a bundle without them would fail on the other machine. Throws TARGET_UNSUPPORTED. */
export function refuseOutside(environment: Environment, target: InstallTarget, installed: readonly InstalledDistribution[]): void {
  if (environment.config.get("include-system-site-packages")?.toLowerCase() === "true") {
    throw new PenError("TARGET_UNSUPPORTED", "An environment that sees the packages of its Python cannot be bundled", {
      why: "Its pyvenv.cfg says include-system-site-packages = true: which of those packages it needs nobody can tell.",
      hint: "Make one without --system-site-packages, with all that it needs in it.",
    });
  }
  const editables = installed.flatMap((one) => {
    const place = editableLocation(one);
    return place === undefined ? [] : [{ what: one.name, place }];
  });
  const outside: Outside[] = [...editables, ...pathFileEntries(environment, target)];
  if (outside.length === 0) return;
  const lines = outside.map(({ what, place }) => `  ${printableLine(what)}: ${printableLine(place)}`);
  throw new PenError("TARGET_UNSUPPORTED", "The environment uses what lies outside of it", {
    why: `A bundle would not have it:\n${lines.join("\n")}`,
    hint: "Install these as plain packages (for an editable one: build a wheel and install that), then bundle again.",
    data: { outside: outside.map(({ what, place }) => ({ what, place })) },
  });
}

function pathFileEntries({ root, paths }: Environment, target: InstallTarget): Outside[] {
  const library = paths.purelib;
  return listFolder(library).flatMap(({ name, kind }) => {
    if (!name.endsWith(".pth") || kind !== "file") return [];
    return readText(join(library, name))
      .split(/\r?\n/)
      .flatMap((line) => {
        const text = line.trim();
        const parent = inheritedFolder(text);
        if (parent !== undefined) return [{ what: name, place: parent }];
        if (text === "" || text.startsWith("#") || /^import[ \t]/.test(line)) return [];
        const place = isAbsolute(text) ? text : resolve(library, text);
        const inside = [library, linkedFolder(target), root].some((folder) => place === folder || place.startsWith(`${folder}/`));
        return inside || !pathExists(place) ? [] : [{ what: name, place }];
      });
  });
}

const cache = /(?:^|\/)__pycache__$/;
const interpreterName = /^(?:python|pypy|graalpy)[\d.]*t?$/;
const activator = /^(?:de)?activate(?:[._].*)?$/i;
/** What stands at the top of an environment and is not of any package. */
const own: ReadonlySet<string> = new Set(
  "bin lib lib64 pyvenv.cfg .gitignore CACHEDIR.TAG .pen .lock .project site-packages Scripts".split(" "),
);

/**
 * Copies the environment's packages, scripts and data files into the bundle; `library` is the folder of packages of the bundled Python.
 * What is linked into the store becomes files. Gives the names of scripts that start another Python and would not run elsewhere.
 */
export function stagePackages(
  environment: Environment,
  stage: string,
  { library, target }: { library: string; target: InstallTarget },
): string[] {
  const { root, paths } = environment;
  const skip = (path: string): boolean => cache.test(path) || path === "00_linked_packages.pth";
  copyTree(paths.purelib, library, { skip });
  if (isFolder(linkedFolder(target))) copyTree(linkedFolder(target), library, { skip: (path) => cache.test(path) });
  for (const distribution of readInstalled(target)) if (distribution.linked) writeRecord(distribution, library);
  const packages = new Set([paths.purelib, linkedFolder(target)]);
  copyRest(join(root, "lib"), join(stage, "lib"), packages);
  for (const { name, kind } of listFolder(root)) {
    if (own.has(name) || name.startsWith(".pen")) continue;
    if (kind === "folder") copyTree(join(root, name), join(stage, name), { skip: (path) => cache.test(path) });
    else if (kind === "file") placeFile(join(root, name), join(stage, name));
  }
  const scripts = join(stage, "bin");
  const copied: string[] = [];
  for (const { name, kind } of listFolder(paths.scripts)) {
    if (interpreterName.test(name) || activator.test(name) || /^lib(?:python|pypy)/.test(name) || kind === "folder" || kind === "other")
      continue;
    if (!pathExists(join(paths.scripts, name))) continue;
    placeFile(join(paths.scripts, name), join(scripts, name));
    copied.push(name);
  }
  relativePathFiles(environment, stage, library);
  return settleScripts(environment, stage, library);
}

/** What packages put into `lib` beside the folder of packages. */
function copyRest(from: string, to: string, packages: ReadonlySet<string>): void {
  if (!isFolder(from)) return;
  const isPackages = (path: string): boolean => packages.has(join(from, path)) || /^lib(?:python|pypy)[\w.-]*\.so/.test(path);
  copyTree(from, to, { skip: (path) => cache.test(path) || isPackages(path) });
}

function writeRecord(distribution: InstalledDistribution, library: string): void {
  const rows = distribution.record();
  const path = join(library, distribution.path.slice(distribution.location.length + 1), "RECORD");
  if (rows === undefined || statusOf(path) !== undefined) return;
  writeNew(path, formatRecord(rows));
  setTime(path, statusOf(join(distribution.path, "METADATA"))?.mtimeMs ?? 0);
}

/** A `.pth` line into the environment itself leads into the bundle, wherever it stands. */
function relativePathFiles(environment: Environment, stage: string, library: string): void {
  const { root, paths } = environment;
  const placeOf = (line: string): string | undefined => {
    if (line.startsWith(`${paths.purelib}/`)) return join(library, line.slice(paths.purelib.length + 1));
    return line.startsWith(`${root}/`) ? join(stage, line.slice(root.length + 1)) : undefined;
  };
  for (const { name, kind } of listFolder(library)) {
    const path = join(library, name);
    if (kind !== "file" || !name.endsWith(".pth")) continue;
    const text = readText(path);
    const lines = text.split("\n").map((line) => {
      const place = placeOf(line);
      return place === undefined ? line : relative(library, place);
    });
    if (lines.join("\n") === text) continue;
    const time = statusOf(path)?.mtimeMs ?? 0;
    writeAtomic(path, lines.join("\n"));
    setTime(path, time);
  }
}

function settleScripts(environment: Environment, stage: string, library: string): string[] {
  const scripts = join(stage, "bin");
  const times = new Map(listFolder(scripts).map(({ name }) => [name, statusOf(join(scripts, name))?.mtimeMs ?? 0] as const));
  const paths = { purelib: library, platlib: library, scripts };
  relocateScripts(paths, isPythonOf([environment.root]));
  for (const [name, time] of times) if (statusOf(join(scripts, name))?.kind === "file") setTime(join(scripts, name), time);
  return pinnedScripts(scripts).map(({ path }) => basename(path));
}
