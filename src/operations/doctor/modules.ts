import { dirname, join } from "#foundation";
import type { Host } from "#foundation";
import type { Environment } from "#venv";
import type { DoctorProblem } from "./types.ts";
import { computeSearchPath, namesIn } from "../explain/path.ts";

/** Modules of the standard library that something hides, and packages that the standard library hides. */
export function moduleProblems(environment: Environment, host: Host): DoctorProblem[] {
  const { entries } = computeSearchPath({ environment, interpreter: environment.interpreter }, host);
  const library = entries.findIndex(({ source }) => source === "standard-library");
  const standard = modulesIn(entries[library]?.path ?? "");
  return entries.flatMap(({ path, source }, at): DoctorProblem[] => {
    if (at === library || source === "extensions" || source === "zip" || path === entries[library]?.path) return [];
    const same = [...modulesIn(path)].flatMap(([name, file]) => (standard.has(name) ? [join(path, file)] : [])).sort();
    if (same.length === 0) return [];
    return [at < library ? shadowing(same, source === "start") : hidden(same)];
  });
}

/** Module names of a folder, with the file or folder of each. A folder counts when it has `__init__.py`. */
function modulesIn(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of namesIn(folder)) {
    if (name.startsWith("__")) continue;
    if (/^\w+\.py$/.test(name)) found.set(name.slice(0, -3), name);
    else if (/^\w+$/.test(name) && namesIn(join(folder, name)).includes("__init__.py")) found.set(name, name);
  }
  return found;
}

function shadowing(files: readonly string[], isHere: boolean): DoctorProblem {
  const place = isHere ? "The folder here" : `The folder ${dirname(files[0] ?? "")} of PYTHONPATH`;
  return {
    code: "shadowed-module",
    what: `${place} has files with names of the standard library: ${names(files)}`,
    why: "Python looks there first, so that they are imported instead, also by the packages that need the real ones.",
    hint: isHere ? "Rename them." : "Rename them, or: unset PYTHONPATH",
    subjects: files,
    package: null,
  };
}

function hidden(files: readonly string[]): DoctorProblem {
  return {
    code: "hidden-module",
    what: `Installed modules have names of the standard library: ${names(files)}`,
    why: "The standard library comes first, so that these are never imported. They are backports that this Python does not need.",
    hint: "Remove the package that brings them: pen pip uninstall NAME",
    subjects: files,
    package: null,
  };
}

function names(files: readonly string[]): string {
  const shown = files.slice(0, 3).map((file) => file.slice(file.lastIndexOf("/") + 1));
  return files.length > 3 ? `${shown.join(", ")} and ${files.length - 3} more` : shown.join(", ");
}

/** Variables that change what every Python imports. */
export function variableProblems({ env }: Host): DoctorProblem[] {
  const problems: DoctorProblem[] = [];
  if (env["PYTHONHOME"])
    problems.push({
      code: "pythonhome",
      what: `PYTHONHOME is set: ${env["PYTHONHOME"]}`,
      why: "Every Python started by its path takes its standard library from there, whichever it is.",
      hint: "unset PYTHONHOME",
      subjects: ["PYTHONHOME"],
      package: null,
    });
  if (env["PYTHONPATH"])
    problems.push({
      code: "pythonpath",
      what: `PYTHONPATH is set: ${env["PYTHONPATH"]}`,
      why: "Its folders come before the packages of every environment, which are then not isolated.",
      hint: "unset PYTHONPATH",
      subjects: ["PYTHONPATH"],
      package: null,
    });
  return problems;
}
