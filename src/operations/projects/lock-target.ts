import type { Interpreter } from "#python";
import type { Pipfile } from "#project";
import { parseSpecifiers, tryParseVersion, type MarkerEnvironment, type SpecifierSet, type SupportedTags } from "#standards";
import { singleTarget } from "../resolving/target.ts";

/** For whom a project is locked: every platform, and these Pythons. */
export interface LockTarget {
  readonly requiresPython: SpecifierSet;
  /** The environment that locks: what is chosen must be usable there, where it is needed there. */
  readonly here: MarkerEnvironment;
  readonly tags: SupportedTags;
}

/**
 * The Pythons of `[requires]`; without it the release that the project's interpreter is one of (3.12 for 3.12.4). Where `[requires]` names one
 * release that the interpreter is not of, that release is locked for.
 */
export function lockTarget({ requires }: Pipfile, interpreter: Interpreter): LockTarget {
  const wanted = requires.pythonFullVersion ?? requires.pythonVersion;
  const isOne = wanted !== undefined && /^\d+\.\d+/.test(wanted) && tryParseVersion(wanted) !== undefined;
  const own = interpreter.versionInfo.slice(0, 2).join(".");
  const other = isOne && wanted.split(".").slice(0, 2).join(".") !== own ? wanted : undefined;
  const { tags, markers } = singleTarget(interpreter, other === undefined ? {} : { pythonVersion: other });
  const requiresPython = requires.specifiers.specifiers.length > 0 ? requires.specifiers : parseSpecifiers(`==${own}.*`);
  return { requiresPython, here: markers, tags };
}
