import { PenError, printableLine } from "#foundation";
import { indexOptions } from "../arguments/common.ts";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import { readStandardInput } from "../input.ts";

/** The options with which installing commands say what they want. */
export const requirementOptions: readonly OptionSpec[] = [
  {
    name: "requirement",
    short: "r",
    aliases: ["requirements"],
    kind: "list",
    metavar: "FILE",
    help: "Take requirements from a file or URL, or a lock that is called pylock.toml or pylock.NAME.toml; `-` is standard input.",
  },
  {
    name: "constraint",
    short: "c",
    aliases: ["constraints"],
    kind: "list",
    metavar: "FILE",
    help: "Versions that bound what is chosen, without asking for it.",
  },
];

/** Which kinds of files may be used of which package. */
export const fileKindOptions: readonly OptionSpec[] = [
  { name: "no-binary", kind: "list", metavar: "NAME", help: "Do not use wheels of this package (:all: for every one)." },
  { name: "only-binary", kind: "list", metavar: "NAME", help: "Use only wheels of this package (:all: for every one)." },
];

/** Names that were given in several options, or in one with commas. */
export const splitNames = (texts: readonly string[]): string[] => texts.flatMap((text) => text.split(","));

/** pip's newer words about pre-releases. */
export const releaseOptions: readonly OptionSpec[] = [
  { name: "all-releases", kind: "list", metavar: "NAME", help: "Of :all: packages, take pre-releases too.", hidden: true },
  { name: "only-final", kind: "list", metavar: "NAME", help: "Of :all: packages, take no pre-releases.", hidden: true },
];

export const resolutionOptions: readonly OptionSpec[] = [
  { name: "override", aliases: ["overrides"], kind: "list", metavar: "FILE", help: "Requirements that replace whatever packages ask for." },
  { name: "exclude", kind: "list", metavar: "NAME", help: "Never take this package, even where another needs it." },
  { name: "pre", kind: "flag", help: "Take pre-releases too." },
  ...releaseOptions,
  {
    name: "prerelease",
    kind: "value",
    metavar: "HOW",
    choices: ["disallow", "allow", "if-necessary", "explicit", "if-necessary-or-explicit"],
    variable: "PEN_PRERELEASE",
    help: "Which pre-releases may be taken.",
  },
  {
    name: "resolution",
    kind: "value",
    metavar: "HOW",
    choices: ["highest", "lowest", "lowest-direct"],
    variable: "PEN_RESOLUTION",
    help: "Which end of the fitting versions to take.",
  },
  { name: "python-version", kind: "value", metavar: "VERSION", help: "Solve for this Python instead of the environment's." },
  {
    name: "python-platform",
    kind: "value",
    metavar: "PLATFORM",
    help: "Solve for this platform: linux, macos, windows, x86_64-unknown-linux-gnu, …",
  },
  ...fileKindOptions,
];

const placeOptions: ReadonlySet<string> = new Set(["index-url", "extra-index-url", "no-index", "find-links", "index-strategy"]);

/** How a network is reached, without the places to ask: for commands to whom a project's own file names those. */
export const fetchingOptions: readonly OptionSpec[] = indexOptions.filter(({ name }) => !placeOptions.has(name));

/** Whether pre-releases are taken, as `--pre`, `--all-releases` and `--only-final` say; undefined when none of them says anything. */
export function releasesOf(parsed: Parsed): "allow" | "disallow" | undefined {
  const words = (name: string): readonly string[] => parsed.list(name).flatMap((text) => text.split(","));
  const [every, final] = [words("all-releases"), words("only-final")];
  const single = [...every, ...final].find((word) => word !== ":all:" && word !== ":none:");
  if (single !== undefined)
    throw new PenError("USAGE", `pen cannot decide on pre-releases of ${printableLine(single)} alone`, {
      why: "--all-releases and --only-final hold for all packages here.",
      hint: `Ask for the version instead, which takes its pre-releases: "${printableLine(single)}>=2.0a1". Or write :all:`,
    });
  if (parsed.flag("pre") && every.length + final.length > 0)
    throw new PenError("OPTION_CONFLICT", "--pre cannot be used with --all-releases or --only-final", {
      hint: "Leave --pre away: it means --all-releases :all:",
    });
  if (parsed.flag("pre") || every.at(-1) === ":all:") return "allow";
  return final.at(-1) === ":all:" ? "disallow" : undefined;
}

/** What `resolutionOptions` and `requirementOptions` say, in the words of the operations. */
export function resolutionOf(parsed: Parsed): {
  requirementFiles: readonly string[];
  constraintFiles: readonly string[];
  overrideFiles: readonly string[];
  excludes: readonly string[];
  noBinary: readonly string[];
  onlyBinary: readonly string[];
  pythonVersion: string | undefined;
  pythonPlatform: string | undefined;
  mode: "highest" | "lowest" | "lowest-direct";
  prereleases?: "allow" | "disallow" | "explicit" | "if-necessary" | "if-necessary-or-explicit";
  readInput: () => Promise<string>;
} {
  const prerelease = releasesOf(parsed) ?? parsed.value("prerelease");
  return {
    requirementFiles: parsed.list("requirement"),
    constraintFiles: parsed.list("constraint"),
    overrideFiles: parsed.list("override"),
    excludes: parsed.list("exclude"),
    noBinary: splitNames(parsed.list("no-binary")),
    onlyBinary: splitNames(parsed.list("only-binary")),
    pythonVersion: parsed.value("python-version"),
    pythonPlatform: parsed.value("python-platform"),
    mode: (parsed.value("resolution") ?? "highest") as "highest",
    ...(prerelease === undefined ? {} : { prereleases: prerelease as "allow" }),
    readInput: readStandardInput,
  };
}
