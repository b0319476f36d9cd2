import { PenError, printableLine } from "#foundation";
import type { Interpreter } from "#python";
import type { ResolutionTarget } from "#resolver";
import {
  parseSpecifiers,
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
  const python = parseVersion(markers.python_full_version.replace(/\+$/, ""));
  return { target: { kind: "single", markers, python }, tags: supportedTags(tagTarget), markers };
}

function withVersion(markers: MarkerEnvironment, tagTarget: TagTarget, text: string): [MarkerEnvironment, TagTarget] {
  const version = tryParseVersion(text);
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
