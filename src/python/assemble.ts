import { PenError, listFolder, pathExists, realPath, join, resolve } from "#foundation";
import type { MarkerEnvironment, PlatformTarget, TagTarget } from "#standards";
import type { ProbeAnswer, VersionInfo } from "./answer.ts";
import { baseExecutableOf } from "./base-executable.ts";
import { externallyManagedFile } from "./environment-config.ts";
import type { Interpreter, InterpreterSource } from "./types.ts";

/** Where an interpreter was found, and what pen worked out beside its answer. */
export interface Finding {
  readonly path: string;
  readonly source: InterpreterSource;
  readonly platform: PlatformTarget;
}

/**
 * Turns a checked answer into an {@link Interpreter}, looking at the files it names. Throws PYTHON_BROKEN when the
 * interpreter belongs to an environment whose base cannot be found.
 */
export function assembleInterpreter(answer: ProbeAnswer, finding: Finding): Interpreter {
  const baseExecutable = baseExecutableOf(answer, finding.path);
  if (baseExecutable === undefined) {
    throw new PenError("PYTHON_BROKEN", `The environment of ${finding.path} has lost its base Python`, {
      why: `${answer.config ?? "Its pyvenv.cfg"} names a home that holds no Python.`,
      hint: "Make the environment anew with `pen venv`.",
    });
  }
  const isVirtualEnvironment = answer.config !== undefined || answer.prefix !== answer.basePrefix;
  const freeThreaded = isSet(answer.variables.Py_GIL_DISABLED) || answer.abiflags.includes("t");
  const debug = isSet(answer.variables.Py_DEBUG) || answer.abiflags.includes("d");
  return {
    executable: finding.path,
    realExecutable: realPath(pathExists(answer.executable) ? answer.executable : finding.path),
    source: finding.source,
    implementation: implementationOf(answer.implementation),
    version: versionTextOf(answer.versionInfo, "rc"),
    versionInfo: answer.versionInfo,
    markers: markersOf(answer),
    tagTarget: tagTargetOf(answer, finding.platform, { freeThreaded, debug }),
    freeThreaded,
    debug,
    pointerBits: answer.pointerBits,
    prefix: answer.prefix,
    basePrefix: answer.basePrefix,
    baseExecutable,
    isVirtualEnvironment,
    paths: answer.paths,
    cacheTag: answer.cacheTag,
    platlibdir: answer.platlibdir,
    ensurepipWheels: ensurepipWheels(answer),
    externallyManaged: isVirtualEnvironment ? undefined : externallyManagedFile(answer.paths.stdlib),
    sharedLibrary: sharedLibrary(answer),
  };
}

function isSet(value: string | number | undefined): boolean {
  return value !== undefined && value !== 0 && value !== "0";
}

function implementationOf(name: string): Interpreter["implementation"] {
  if (name === "cpython" || name === "pypy") return name;
  return name.startsWith("graalpy") ? "graalpy" : "other";
}

const levels: Readonly<Record<string, string>> = { alpha: "a", beta: "b" };

/** `3.14.0rc2`; `candidate` is what a release candidate is called. */
function versionTextOf([major, minor, micro, level, serial]: VersionInfo, candidate: string): string {
  const release = `${major}.${minor}.${micro}`;
  return level === "final" ? release : `${release}${levels[level] ?? candidate}${serial}`;
}

function markersOf(answer: ProbeAnswer): MarkerEnvironment {
  const [system, release, version, machine] = answer.system;
  return {
    implementation_name: answer.implementation,
    // PEP 508 spells a release candidate with the first letter of its level.
    implementation_version: versionTextOf(answer.implementationVersion, "c"),
    os_name: answer.osName,
    platform_machine: machine,
    platform_python_implementation: answer.implementationName,
    platform_release: release,
    platform_system: system,
    platform_version: version,
    // A build from a checkout ends in '+', which is no version.
    python_full_version: answer.fullVersion.endsWith("+") ? `${answer.fullVersion}local` : answer.fullVersion,
    python_version: `${answer.versionInfo[0]}.${answer.versionInfo[1]}`,
    sys_platform: answer.sysPlatform,
  };
}

function tagTargetOf(answer: ProbeAnswer, platform: PlatformTarget, flags: { freeThreaded: boolean; debug: boolean }): TagTarget {
  const abi = abiOf(answer.variables.EXT_SUFFIX);
  return {
    implementation: implementationOf(answer.implementation),
    version: [answer.versionInfo[0], answer.versionInfo[1]],
    implementationVersion: answer.ownVersion,
    ...flags,
    ...(abi === undefined ? {} : { abi }),
    platform,
  };
}

/** The ABI tag in the suffix of extension modules: `.cpython-37m-x86_64-linux-gnu.so` gives `cp37m`, `.pypy310-pp73-…` `pypy310_pp73`. */
export function abiOf(suffix: string | number | undefined): string | undefined {
  if (typeof suffix !== "string" || !suffix.startsWith(".")) return undefined;
  const parts = suffix.split(".");
  const soabi = parts.length < 3 ? "" : (parts[1] ?? "");
  const words = soabi.split("-");
  if (words[0] === "cpython") return words[1] === undefined ? undefined : `cp${words[1]}`;
  if (soabi.startsWith("cp")) return words[0];
  if (soabi.startsWith("pypy")) return words.slice(0, 2).join("_");
  return soabi.startsWith("graalpy") ? words.slice(0, 3).join("_") : undefined;
}

function ensurepipWheels(answer: ProbeAnswer): string | undefined {
  const systemFolder = answer.variables.WHEEL_PKG_DIR;
  const bundled = join(answer.paths.stdlib, "ensurepip", "_bundled");
  // Where a distribution has a folder of its own, ensurepip takes the wheels from there first.
  const folders = typeof systemFolder === "string" ? [resolve(systemFolder), bundled] : [bundled];
  return folders.find((folder) => entryNames(folder).some((name) => name.startsWith("pip-") && name.endsWith(".whl")));
}

function entryNames(folder: string): string[] {
  try {
    return listFolder(folder).map((entry) => entry.name);
  } catch {
    return []; // Unreadable is as good as missing.
  }
}

function sharedLibrary(answer: ProbeAnswer): string | undefined {
  if (answer.sysPlatform === "linux") return answer.library !== undefined && pathExists(answer.library) ? answer.library : undefined;
  return libraryCandidates(answer).find(pathExists);
}

function libraryCandidates(answer: ProbeAnswer): string[] {
  const [major, minor] = answer.versionInfo;
  const {
    Py_ENABLE_SHARED: shared,
    LIBDIR: folder,
    INSTSONAME: instance,
    LDLIBRARY: library,
    PYTHONFRAMEWORKPREFIX: framework,
  } = answer.variables;
  if (answer.osName === "nt") return [join(answer.basePrefix, `python${major}${minor}${answer.abiflags.includes("t") ? "t" : ""}.dll`)];
  if (typeof framework === "string" && typeof instance === "string") return [join(framework, instance)];
  if (!isSet(shared)) return [];
  const folders = [...(typeof folder === "string" ? [folder] : []), join(answer.basePrefix, "lib")];
  return folders.flatMap((place) => [instance, library].flatMap((name) => (typeof name === "string" ? [join(place, name)] : [])));
}
