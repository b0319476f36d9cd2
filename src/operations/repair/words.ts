import type { DoctorCode, DoctorProblem } from "../doctor/types.ts";

const personsChoice = "What to change is yours to decide.";
const noPython = "There is no fitting Python on this machine.";
const notMended = "It could not be put right.";
const unknownTarget = "Where it should lead nobody can tell.";

const reasons: Readonly<Record<DoctorCode, string>> = {
  "python-gone": noPython,
  "python-changed": noPython,
  "python-moved": notMended,
  "python-upgraded": notMended,
  "python-name": notMended,
  "environment-broken": "What is left of it does not tell for which Python it was made.",
  "home-relative": notMended,
  "activation-missing": notMended,
  "activation-stale": notMended,
  "packages-stranded": notMended,
  "dangling-link": unknownTarget,
  "looping-link": unknownTarget,
  "foreign-owner": "Only its owner, or root, may change that.",
  "foreign-shebang": "Only its package knows what the script should be.",
  "file-missing": notMended,
  "file-changed": notMended,
  "file-doubled": "Both packages say that the file is theirs.",
  "installed-twice": notMended,
  "record-unreadable": notMended,
  "store-gone": notMended,
  "wheel-unfit": notMended,
  leftover: notMended,
  "project-gone": "Where the project is now only you can tell.",
  "inherited-gone": "From what it is to inherit only you can tell.",
  "path-file-dangling": "Where it should lead only you can tell.",
  "requirement-missing": notMended,
  "requirement-conflict": "Which version to have is yours to decide.",
  "unfinished-command": "It could not be brought to an end.",
  "shadowed-module": personsChoice,
  "hidden-module": personsChoice,
  pythonpath: personsChoice,
  pythonhome: personsChoice,
};

/** Why pen does not mend such a problem, when nothing in particular stood in the way. */
export const reasonFor = (code: DoctorCode): string => reasons[code];

const byPython: ReadonlySet<DoctorCode> = new Set(["python-gone", "python-changed", "environment-broken"]);
const byPackage: ReadonlySet<DoctorCode> = new Set([
  "file-missing",
  "file-changed",
  "record-unreadable",
  "installed-twice",
  "store-gone",
  "wheel-unfit",
]);

/** What to type after a repair that did not help: never the same command again. */
export function hintFor({ code, package: name, hint, subjects }: DoctorProblem, root: string): string {
  if (byPython.has(code))
    return `Install that version of Python, or take another one, for which its packages are installed again: pen env repair --python 3 ${root}`;
  if (code === "packages-stranded") return `Take newer versions: pen pip install --python ${root} ${subjects.join(" ")}`;
  if (byPackage.has(code) && name !== null) return `pen pip install --python ${root} --force-reinstall ${name}`;
  if (code === "foreign-shebang") return "Change the first line of the script, or remove the script.";
  return hint;
}
