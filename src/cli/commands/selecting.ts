import { PenError } from "#foundation";
import type { IndexOptions } from "#operations";
import { normalizeName } from "#standards";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import { indexesOf } from "./sources.ts";

/** pip's words for the Python and the platform that wheels are chosen for. */
export const wheelTargetOptions: readonly OptionSpec[] = [
  {
    name: "platform",
    kind: "list",
    metavar: "TAG",
    help: "Take wheels for this platform (manylinux_2_28_x86_64, win_amd64); repeated, for any of them.",
  },
  { name: "implementation", kind: "value", metavar: "WORD", help: "Take wheels for cp (CPython), pp (PyPy), or py (any)." },
  { name: "abi", kind: "list", metavar: "TAG", help: "Take wheels for this binary interface (cp312, abi3, none)." },
];

/** Further words of pip for what is wanted. */
export const wantingOptions: readonly OptionSpec[] = [
  { name: "group", kind: "list", metavar: "GROUP", help: "Take a dependency group (PEP 735): NAME, or PATH/pyproject.toml:NAME." },
  { name: "requirements-from-script", kind: "list", metavar: "FILE", help: "Take what a script states that it needs (PEP 723)." },
  { name: "only-deps", aliases: ["only-dependencies"], kind: "flag", help: "Take what the named packages need, and not themselves." },
  { name: "ignore-requires-python", kind: "flag", help: "Take versions that state they need another Python." },
  { name: "refresh-package", kind: "list", metavar: "NAME", help: "Ask indexes anew about this package (:all: for every one)." },
  {
    name: "no-require-hashes",
    kind: "flag",
    help: "Refused: one hash makes hashes necessary for all.",
    hidden: true,
    refused: {
      why: "As soon as one requirement has a hash, every one needs one: else the one that has none is the way in.",
      hint: "Make a complete file with: pen pip compile --generate-hashes requirements.in -o requirements.txt",
    },
  },
];

/** What `wantingOptions` say, in the words of the operations. Throws `USAGE`. */
export function wantingOf(parsed: Parsed): {
  readonly groups: readonly string[];
  readonly scripts: readonly string[];
  readonly onlyDependencies: boolean;
  readonly ignoreRequiresPython: boolean;
} {
  const onlyDependencies = parsed.flag("only-deps");
  const rivals = ["group", "requirement", "requirements-from-script"].filter((name) => parsed.list(name).length > 0);
  if (parsed.flag("no-deps")) rivals.unshift("no-deps");
  if (onlyDependencies && rivals.length > 0)
    throw new PenError("OPTION_CONFLICT", `Cannot use --only-deps in combination with --${rivals.join(", --")}`, {
      hint: "Name the packages themselves: pen pip install --only-deps flask",
    });
  return {
    groups: parsed.list("group"),
    scripts: parsed.list("requirements-from-script"),
    onlyDependencies,
    ignoreRequiresPython: parsed.flag("ignore-requires-python"),
  };
}

/** True when pip's words ask for another Python or platform than the one that runs. */
export const namesWheelTarget = (parsed: Parsed): boolean =>
  parsed.list("platform").length + parsed.list("abi").length > 0 || parsed.value("implementation") !== undefined;

/** The index options with `--refresh-package`. */
export function pipIndexesOf(parsed: Parsed): IndexOptions {
  const names = parsed.list("refresh-package").flatMap((text) => text.split(","));
  const last = names.findLastIndex((name) => name === ":all:" || name === ":none:");
  const single = names.slice(last + 1).map(normalizeName);
  const indexes = indexesOf(parsed);
  if (names[last] === ":all:") return { ...indexes, refresh: true };
  return single.length === 0 || indexes.refresh === true ? indexes : { ...indexes, refresh: single };
}
