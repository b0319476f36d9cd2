import { isFolder, listFolder, pathExists, printableLine, readTextIfAny, type Host, dirname, isAbsolute, join } from "#foundation";
import { linkedDistributions, linkedFolder, readInstalled, type InstalledDistribution } from "#installer";
import type { Interpreter } from "#python";
import type { Environment } from "#venv";
import { brokenByChange, type CheckProblem } from "../packages/check.ts";
import { editableLocation, versionOf, writtenName } from "../packages/distributions.ts";
import { rowsOf } from "./records.ts";
import { bareTarget } from "./skeleton.ts";
import type { DoctorProblem } from "./types.ts";
import { are, repairHint, some } from "./words.ts";
import { environmentDestination } from "../environment.ts";
import { computeSearchPath } from "../explain/path.ts";
import type { PathSource } from "../explain/types.ts";
import { requirementsOf } from "../packages/list.ts";
import { shellWord } from "../shells/shell-word.ts";

/** Requirements of installed packages that do not hold with all that this Python sees: also what the base and inherited environments have. */
export function unmetRequirements(environment: Environment, installed: readonly InstalledDistribution[], host: Host): CheckProblem[] {
  const { interpreter } = environment;
  const seen = computeSearchPath({ environment, interpreter }, host).entries.filter(({ source, exists }) => exists && !passed.has(source));
  const others = seen.flatMap(({ path }) => readInstalled(bareTarget(path)));
  // The first on the path is the one that is imported.
  const versions = new Map([...installed, ...others].reverse().map(({ name, version }) => [name, version]));
  for (const { name, version } of installed) versions.set(name, version);
  const changed = new Set(installed.flatMap((distribution) => requirementsOf(distribution).map(({ name }) => name)));
  return brokenByChange(installed, { versions, changed }, interpreter.markers);
}

const passed: ReadonlySet<PathSource> = new Set(["start", "zip", "standard-library", "extensions"]);

/** Requirements of packages that are missing or do not fit. */
export function requirementProblems(environment: Environment, installed: readonly InstalledDistribution[], host: Host): DoctorProblem[] {
  return unmetRequirements(environment, installed, host).flatMap((problem): DoctorProblem[] => {
    if (problem.kind === "python") return [];
    const { name, version, need, requirement } = problem;
    const missing = problem.kind === "missing";
    return [
      {
        code: missing ? "requirement-missing" : "requirement-conflict",
        what: missing
          ? `${name} ${version} needs ${need}, which is not installed`
          : `${name} ${version} needs ${requirement}, and ${problem.found} is installed`,
        why: missing ? "Importing it may fail." : "It was made for other versions of it.",
        hint: missing ? repairHint(environment.root) : `pen pip install --python ${shellWord(environment.root)} ${shellWord(requirement)}`,
        subjects: [name, need],
        package: name,
      },
    ];
  });
}

/** Packages of `symlink` mode whose entry in the store is gone, or whose links are. */
export function linkedProblems(environment: Environment): DoctorProblem[] {
  return linkedDistributions(environmentDestination(environment).target).flatMap(({ name, version, record, paths }): DoctorProblem[] => {
    const inStore = pathExists(record);
    const gone = paths.filter((path) => !pathExists(path));
    if (inStore && gone.length === 0) return [];
    return [
      {
        code: inStore ? "file-missing" : "store-gone",
        what: inStore
          ? `${some(gone, "link")} of ${name} ${version} ${are(gone)} missing or leading nowhere`
          : `${name} ${version} is not in pen's store any more, and the environment only has links to it`,
        why: inStore
          ? "The environment sees this package by links into pen's store."
          : "It was installed with --link-mode symlink; then the store was cleaned or moved.",
        hint: repairHint(environment.root),
        subjects: inStore ? gone : [dirname(record)],
        package: name,
      },
    ];
  });
}

/** Compiled modules for another Python or processor. */
export function buildProblems({ root, interpreter }: Environment, installed: readonly InstalledDistribution[]): DoctorProblem[] {
  return installed.flatMap((distribution): DoctorProblem[] => {
    const rows = rowsOf(distribution);
    const modules = rows === undefined || rows === "unreadable" ? [] : rows.flatMap(({ path }) => (taggedModule.test(path) ? [path] : []));
    if (modules.length === 0 || modules.some((path) => fits(path, interpreter))) return [];
    return [
      {
        code: "wheel-unfit",
        what: `${writtenName(distribution)} ${versionOf(distribution)} was built for another Python: ${modules[0]?.split("/").at(-1)}`,
        why: `Python ${interpreter.version} on ${interpreter.markers.platform_machine} cannot load it.`,
        hint: repairHint(root),
        subjects: modules.map((path) => join(distribution.location, path)),
        package: distribution.name,
      },
    ];
  });
}

const taggedModule = /\.(cpython-\d+|pypy\d+-pp\d+)([a-z]*)-(\w+)-linux-\w+\.so$/;

function fits(path: string, { cacheTag, freeThreaded, markers }: Interpreter): boolean {
  const [, tag = "", flags = "", machine = ""] = taggedModule.exec(path) ?? [];
  const isTag = tag === cacheTag || (tag.startsWith("pypy") && tag.startsWith(cacheTag.replace("-", "")));
  return isTag && flags.includes("t") === freeThreaded && machine === markers.platform_machine;
}

/** Projects in development mode that are gone, and lines of `.pth` files that lead nowhere. */
export function pathProblems({ root, paths }: Environment, installed: readonly InstalledDistribution[]): DoctorProblem[] {
  const gone = installed.flatMap((distribution) => {
    const place = editableLocation(distribution);
    return place === undefined || pathExists(place) ? [] : [{ distribution, place }];
  });
  const places = new Set(gone.map(({ place }) => place));
  return [
    ...gone.map(({ distribution, place }): DoctorProblem => {
      const name = writtenName(distribution);
      return {
        code: "project-gone",
        what: `The project of ${name} is not there any more: ${printableLine(place)}`,
        why: "It was installed in development mode, so that the environment only has the way to its folder.",
        hint: `pen pip install --python ${shellWord(root)} -e FOLDER, or: pen pip uninstall --python ${shellWord(root)} ${shellWord(name)}`,
        subjects: [place],
        package: distribution.name,
      };
    }),
    ...danglingPaths(paths.purelib).flatMap(({ file, path }): DoctorProblem[] =>
      [...places].some((place) => path === place || path.startsWith(`${place}/`))
        ? []
        : [
            {
              code: "path-file-dangling",
              what: `${file.split("/").at(-1)} leads to what is not there: ${printableLine(path)}`,
              why: "Python passes it over in silence: what was importable from there is not any more.",
              hint: `Put the folder back, or take the line out of ${file}`,
              subjects: [file, path],
              package: null,
            },
          ],
    ),
  ];
}

function danglingPaths(library: string): Array<{ readonly file: string; readonly path: string }> {
  if (!isFolder(library)) return [];
  const linked = linkedFolder({
    root: library,
    paths: { purelib: library, platlib: library, scripts: "", data: "", include: "" },
    pythonVersion: "",
  });
  return listFolder(library).flatMap(({ name }) => {
    const file = join(library, name);
    if (!name.endsWith(".pth") || name.startsWith(".") || isFolder(file)) return [];
    const lines = (readTextIfAny(file) ?? "").replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
    const wanted = lines.map((line) => line.trimEnd()).filter((line) => line !== "" && !line.startsWith("#") && !/^import[ \t]/.test(line));
    return wanted.flatMap((line) => {
      const path = isAbsolute(line) ? line : join(library, line);
      return line.includes("\0") || path === linked || pathExists(path) ? [] : [{ file, path }];
    });
  });
}

/**
 * What pip left when it was cut off: it gives folders that it is removing a `~` for their first letter. Only those count that are the
 * folder of some package's metadata, or another name of what stands beside them.
 */
export function leftovers({ paths }: Environment): string[] {
  if (!isFolder(paths.purelib)) return [];
  const entries = listFolder(paths.purelib);
  const rests = new Set(entries.filter(({ name }) => !name.startsWith("~")).map(({ name }) => name.slice(1)));
  const isLeft = (name: string): boolean => name.startsWith("~") && (name.endsWith(".dist-info") || rests.has(name.replace(/^~+/, "")));
  return entries.flatMap(({ name, kind }) => (kind === "folder" && isLeft(name) ? [join(paths.purelib, name)] : []));
}

/** The problem that leftovers make; none without any. */
export function leftoverProblems(environment: Environment): DoctorProblem[] {
  const paths = leftovers(environment);
  if (paths.length === 0) return [];
  return [
    {
      code: "leftover",
      what: `${some(paths, "folder")} that pip left when it was cut off`,
      why: "pip warns of an invalid distribution whenever it runs. Nothing uses them.",
      hint: repairHint(environment.root),
      subjects: paths,
      package: null,
    },
  ];
}
