import { PenError, printableLine } from "#foundation";
import type { Interpreter } from "#python";
import type { ResolutionTarget } from "#resolver";
import {
  parseSpecifiers,
  combinedTags,
  parseTargetPlatform,
  parseVersion,
  platformMarkers,
  supportedTags,
  tryParseVersion,
  type MarkerEnvironment,
  type SupportedTags,
  type TagTarget,
} from "#standards";

/** For whom to solve, as the person says it. */
export interface TargetOptions {
  /** `--python-version 3.11`: another version than the interpreter's. */
  readonly pythonVersion?: string | undefined;
  /** `--python-platform linux`: another platform than this one. */
  readonly pythonPlatform?: string | undefined;
  /** pip's `--platform`: wheels for any of these may be taken, the first ones rather. */
  readonly platforms?: readonly string[];
  /** pip's `--implementation`: `cp`, `pp`, or `py` for wheels that any can use. */
  readonly implementation?: string | undefined;
  /** pip's `--abi`. */
  readonly abis?: readonly string[];
}

/** True when wheels are chosen for another Python or platform than the one that runs: nothing can be built for that here. */
export function isForeign({ pythonVersion, pythonPlatform, platforms = [], implementation, abis = [] }: TargetOptions): boolean {
  return [pythonVersion, pythonPlatform, implementation, ...platforms, ...abis].some((word) => word !== undefined);
}

export interface SolveTarget {
  readonly target: ResolutionTarget;
  readonly tags: SupportedTags;
  readonly markers: MarkerEnvironment;
}

/** The target of an interpreter, with version or platform replaced where asked. Errors: `USAGE`, `TARGET_UNSUPPORTED`. */
export function singleTarget(interpreter: Interpreter, options: TargetOptions = {}): SolveTarget {
  let markers = interpreter.markers;
  let tagTarget: TagTarget = interpreter.tagTarget;
  if (options.pythonVersion !== undefined) [markers, tagTarget] = withVersion(markers, tagTarget, options.pythonVersion);
  if (options.pythonPlatform !== undefined) {
    const platform = parseTargetPlatform(options.pythonPlatform);
    markers = { ...markers, ...platformMarkers(platform), platform_release: "", platform_version: "" };
    tagTarget = { ...tagTarget, platform };
  }
  if (options.implementation !== undefined) tagTarget = withImplementation(tagTarget, options.implementation);
  const platforms = (options.platforms ?? []).filter((text) => text !== "any").map(parseTargetPlatform);
  const [first] = platforms;
  if (first !== undefined) markers = { ...markers, ...platformMarkers(first), platform_release: "", platform_version: "" };
  const python = parseVersion(markers.python_full_version.replace(/\+$/, ""));
  let tags: SupportedTags | undefined;
  return {
    target: { kind: "single", markers, python },
    // There are hundreds, and nobody asks for them where all is there already.
    get tags() {
      return (tags ??= tagsFor(tagTarget, platforms, options));
    },
    markers,
  };
}

const anyPlatform: TagTarget["platform"] = { os: "other", tag: "any" };

/** pip's three options that say which wheels will do. */
function tagsFor(target: TagTarget, platforms: readonly TagTarget["platform"][], options: TargetOptions): SupportedTags {
  const { abis = [] } = options;
  if ((options.platforms ?? []).length + abis.length === 0) return supportedTags(target);
  const places = options.platforms?.includes("any") === true ? [...platforms, anyPlatform] : platforms;
  const { abi: own, ...rest } = target;
  // The interpreter's own interface is none that another platform has.
  const bases = (places.length === 0 ? [target.platform] : places).map((platform) => ({ ...rest, platform }));
  const named = abis.length > 0 ? abis : [places.length === 0 ? own : undefined];
  return combinedTags(named.flatMap((abi) => bases.map((base) => (abi === undefined ? base : { ...base, abi }))));
}

function withImplementation(target: TagTarget, word: string): TagTarget {
  const { abi: _abi, ...rest } = target;
  if (word === "cp") return target.implementation === "cpython" ? target : { ...rest, implementation: "cpython" };
  if (word === "pp") return target.implementation === "pypy" ? target : { ...rest, implementation: "pypy" };
  if (word === "py") return { ...rest, implementation: "other" };
  throw new PenError("TARGET_UNSUPPORTED", `${printableLine(word)} is not an implementation of Python that pen knows`, {
    hint: "Write cp (CPython), pp (PyPy), or py for wheels that any Python can use.",
  });
}

function withVersion(markers: MarkerEnvironment, tagTarget: TagTarget, text: string): [MarkerEnvironment, TagTarget] {
  // pip's way without a dot: 312.
  const version = tryParseVersion(text.replace(/^([23])(\d{1,2})$/, "$1.$2"));
  const [major, minor, micro = 0] = version?.release ?? [];
  if (major === undefined) throw notAVersion(text);
  const full = `${major}.${minor ?? 0}.${micro}`;
  const short = `${major}.${minor ?? 0}`;
  const { abi: _abi, ...rest } = tagTarget;
  return [
    { ...markers, python_version: short, python_full_version: full, implementation_version: full },
    { ...rest, version: [major, minor ?? 0] },
  ];
}

function notAVersion(text: string): PenError {
  return new PenError("USAGE", `${printableLine(text)} is no version of Python`, { hint: "Write it like 3.12 or 3.12.4." });
}

/** All environments of Python `pythonVersion` and newer: for `compile --universal`. */
export function universalTarget(interpreter: Interpreter, options: TargetOptions): SolveTarget {
  const lowest = options.pythonVersion ?? interpreter.versionInfo.slice(0, 2).join(".");
  if (tryParseVersion(lowest) === undefined) throw notAVersion(lowest);
  const { tags, markers } = singleTarget(interpreter, options.pythonVersion === undefined ? {} : { pythonVersion: options.pythonVersion });
  return { target: { kind: "universal", environments: undefined, requiresPython: parseSpecifiers(`>=${lowest}`) }, tags, markers };
}
