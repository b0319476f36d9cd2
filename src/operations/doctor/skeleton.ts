import {
  isFolder,
  listFolder,
  pathExists,
  printableLine,
  statusOf,
  type Host,
  type PenError,
  dirname,
  isAbsolute,
  join,
} from "#foundation";
import { needsRecovery, readInstalled, type InstallTarget } from "#installer";
import { environmentPaths, findMendings, holdsInstallation, readPyvenvConfig, type Environment, type Mending } from "#venv";
import { environmentHealth } from "../environments/environments.ts";
import type { DoctorProblem } from "./types.ts";
import { are, repairHint, some } from "./words.ts";

/** An environment as a place with a lock and a journal, when it is not known what is in it. */
export function bareTarget(root: string): InstallTarget {
  return { root, paths: { purelib: root, platlib: root, scripts: root, data: root, include: root }, pythonVersion: "" };
}

/** True for a folder that was an environment, also when its `pyvenv.cfg` or its Python is gone. No installation of Python is one. */
export function wasEnvironment(root: string): boolean {
  if (!isFolder(root) || holdsInstallation(root)) return false;
  if (statusOf(join(root, "pyvenv.cfg"))?.kind === "file") return true;
  return libraryNames(root).length > 0 && ["activate", "python", "python3"].some((name) => statusOf(join(root, "bin", name)) !== undefined);
}

/** `python3.12`, `python3.13t`, `pypy3.10`: the folders of `lib` that hold packages. */
export function libraryNames(root: string): string[] {
  const folder = join(root, "lib");
  if (!isFolder(folder)) return [];
  return listFolder(folder).flatMap(({ name, kind }) =>
    kind === "folder" && /^(?:python|pypy)\d+\.\d+t?$/.test(name) && isFolder(join(folder, name, "site-packages")) ? [name] : [],
  );
}

/** A journal that a killed command left. */
export function journalProblems(root: string): DoctorProblem[] {
  if (!needsRecovery(bareTarget(root))) return [];
  return [
    {
      code: "unfinished-command",
      what: "A command was cut off in the middle of its work",
      why: "Its journal is still there. The next command of pen undoes or finishes it.",
      hint: repairHint(root),
      subjects: [join(root, ".pen")],
      package: null,
    },
  ];
}

/** What `openEnvironment` says, sorted by what can be done about it. */
export function brokenProblem(root: string, error: PenError): DoctorProblem {
  const why = error.why ?? error.message;
  const health = environmentHealth(root);
  const isOther = health === "changed" || /but .* is now Python \d/.test(why);
  const [code, what] = !pathExists(join(root, "pyvenv.cfg"))
    ? (["environment-broken", "Its pyvenv.cfg is missing"] as const)
    : health === "gone"
      ? (["python-gone", "Its base Python is gone"] as const)
      : isOther
        ? (["python-changed", "Its base Python is another version now"] as const)
        : (["environment-broken", printableLine(error.message)] as const);
  return { code, what, why, hint: repairHint(root), subjects: [root], package: null };
}

/** What is wrong with the environment's own files: its Python's names, `pyvenv.cfg`, activation scripts. None of it keeps it from being opened. */
export function skeletonProblems({ root, interpreter }: Environment, host: Host): DoctorProblem[] {
  const mendings = findMendings(root, { host, interpreter });
  const of = (...whys: ReadonlyArray<Mending["why"]>): string[] => mendings.filter(({ why }) => whys.includes(why)).map(({ path }) => path);
  const problem = (paths: readonly string[], about: Pick<DoctorProblem, "code" | "what" | "why">): DoctorProblem[] =>
    paths.length === 0 ? [] : [{ ...about, hint: repairHint(root), subjects: paths, package: null }];
  const names = of("python", "name", "stale-name");
  const own = of("folder", "file");
  const [missing, stale] = [of("activation-missing"), of("activation-stale")];
  return [
    ...(of("config").length === 0 ? [] : [configProblem(root, interpreter.version, interpreter.baseExecutable)]),
    ...problem(of("copy"), {
      code: "python-upgraded",
      what: "The copy of Python in it is not the one that its base has now",
      why: `The base is Python ${interpreter.version} now. A copy works only with the standard library that it came from.`,
    }),
    ...problem(names, {
      code: "python-name",
      what: `${some(names, "name")} of its Python ${are(names)} missing, or for another Python`,
      why: "Scripts and tools start Python by any of these names.",
    }),
    ...problem(own, {
      code: "environment-broken",
      what: `${some(own, of("folder").length > 0 ? "folder" : "file")} of the environment itself ${are(own)} missing`,
      why: "Packages and scripts have their place there.",
    }),
    ...problem(missing, {
      code: "activation-missing",
      what: `${some(missing, "activation script")} ${are(missing)} missing`,
      why: "Shells of that kind cannot activate the environment.",
    }),
    ...problem(stale, {
      code: "activation-stale",
      what: `${some(stale, "activation script")} ${are(stale)} for another place`,
      why: "The environment was moved, renamed or copied after it was made. Activating it activates the old place.",
    }),
  ];
}

function configProblem(root: string, version: string, executable: string): DoctorProblem {
  const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
  const home = config?.get("home") ?? "";
  const rest = { hint: repairHint(root), subjects: [join(root, "pyvenv.cfg")], package: null };
  if (!isAbsolute(home))
    return {
      code: "home-relative",
      what: `pyvenv.cfg has a relative path for its base Python: ${printableLine(home)}`,
      why: "Python takes it from the folder one is in, so that the environment works from one folder only.",
      ...rest,
    };
  const named = config?.get("version") ?? config?.get("version_info") ?? config?.get("python-version") ?? "";
  const isElsewhere =
    printableLine(home) !== dirname(executable) && !["python3", "python", "pypy3"].some((name) => pathExists(join(home, name)));
  if (isElsewhere)
    return {
      code: "python-moved",
      what: `pyvenv.cfg says that its base Python is in ${printableLine(home)}, where there is none`,
      why: `Python still starts, by the link to ${executable}; tools that read pyvenv.cfg find nothing.`,
      ...rest,
    };
  return {
    code: "python-upgraded",
    what: `Its base is Python ${version} now; pyvenv.cfg was written for ${printableLine(named === "" ? "another one" : named)}`,
    why: "It works. Tools that read pyvenv.cfg take it for the old version.",
    ...rest,
  };
}

/** Packages in the folder of another version of Python, which this one does not see. */
export function strandedProblems(environment: Environment): DoctorProblem[] {
  return strandedFolders(environment).map(({ name, target }) => {
    const installed = readInstalled(target);
    return {
      code: "packages-stranded" as const,
      what: `${installed.length === 1 ? "A package" : `${installed.length} packages`} in lib/${name}, and its Python is ${environment.interpreter.version}`,
      why: "Every version of Python has a folder of its own for packages, and sees no other. They must be installed for this one.",
      hint: repairHint(environment.root),
      subjects: installed.map((one) => one.name),
      package: null,
    };
  });
}

/** The folders for packages of other versions that hold any, each as a place to look into. */
export function strandedFolders({
  root,
  paths,
  interpreter,
}: Environment): Array<{ readonly name: string; readonly target: InstallTarget }> {
  const own = dirname(environmentPaths(root, interpreter).purelib);
  return libraryNames(root).flatMap((name) => {
    const folder = join(root, "lib", name);
    const library = join(folder, "site-packages");
    const target = { root, paths: { ...paths, purelib: library, platlib: library }, pythonVersion: "" };
    return folder === own || readInstalled(target).length === 0 ? [] : [{ name, target }];
  });
}
