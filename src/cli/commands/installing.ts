import { PenError, printableLine, warn, writeAtomic, type JsonValue } from "#foundation";
import { installReportJson, type IndexOptions, type InstallReport, type LinkMode } from "#operations";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";
import { jsonText } from "../output/json.ts";
import { problemText } from "../output/problems.ts";
import { durationText } from "../output/sizes.ts";
import { readStandardInput } from "../input.ts";

/** The options with which installing commands say what they want. */
export const requirementOptions: readonly OptionSpec[] = [
  {
    name: "requirement",
    short: "r",
    aliases: ["requirements"],
    kind: "list",
    metavar: "FILE",
    help: "Take requirements from a file or URL; `-` is standard input.",
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

export const resolutionOptions: readonly OptionSpec[] = [
  { name: "override", aliases: ["overrides"], kind: "list", metavar: "FILE", help: "Requirements that replace whatever packages ask for." },
  { name: "exclude", kind: "list", metavar: "NAME", help: "Never take this package, even where another needs it." },
  { name: "pre", kind: "flag", help: "Take pre-releases too." },
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
  { name: "no-binary", kind: "list", metavar: "NAME", help: "Do not use wheels of this package (:all: for every one)." },
  { name: "only-binary", kind: "list", metavar: "NAME", help: "Use only wheels of this package; pen does so for all until it builds." },
];

/** The index options of a parsed command line. */
export function indexesOf(parsed: Parsed): IndexOptions {
  const numberOf = (name: string): number | undefined => {
    const text = parsed.value(name);
    if (text === undefined) return undefined;
    if (/^\d{1,6}(\.\d+)?$/.test(text)) return Number(text);
    throw new PenError("USAGE", `--${name} takes a number, not ${printableLine(text)}`, { hint: `Type for example: --${name} 5` });
  };
  const timeout = numberOf("timeout");
  return {
    indexUrl: parsed.value("index-url"),
    extraIndexUrls: parsed.list("extra-index-url"),
    noIndex: parsed.flag("no-index"),
    findLinks: parsed.list("find-links"),
    indexStrategy: parsed.value("index-strategy") === "best-match" ? "best-match" : "first-index",
    offline: parsed.flag("offline"),
    refresh: parsed.flag("refresh"),
    excludeNewer: parsed.value("exclude-newer"),
    keyring: parsed.value("keyring-provider") === "subprocess" ? "subprocess" : "disabled",
    trustedHosts: parsed.list("trusted-host"),
    certificate: parsed.value("cert"),
    proxy: parsed.value("proxy"),
    retries: numberOf("retries"),
    stallTimeoutMs: timeout === undefined ? undefined : timeout * 1000,
  };
}

/** What `resolutionOptions` and `requirementOptions` say, in the words of the operations. */
export function resolutionOf(parsed: Parsed): {
  requirementFiles: readonly string[];
  constraintFiles: readonly string[];
  overrideFiles: readonly string[];
  excludes: readonly string[];
  noBinary: readonly string[];
  pythonVersion: string | undefined;
  pythonPlatform: string | undefined;
  mode: "highest" | "lowest" | "lowest-direct";
  prereleases?: "allow" | "disallow" | "explicit" | "if-necessary" | "if-necessary-or-explicit";
  readInput: () => Promise<string>;
} {
  const prerelease = parsed.flag("pre") ? "allow" : parsed.value("prerelease");
  return {
    requirementFiles: parsed.list("requirement"),
    constraintFiles: parsed.list("constraint"),
    overrideFiles: parsed.list("override"),
    excludes: parsed.list("exclude"),
    noBinary: parsed.list("no-binary").flatMap((text) => text.split(",")),
    pythonVersion: parsed.value("python-version"),
    pythonPlatform: parsed.value("python-platform"),
    mode: (parsed.value("resolution") ?? "highest") as "highest",
    ...(prerelease === undefined ? {} : { prereleases: prerelease as "allow" }),
    readInput: readStandardInput,
  };
}

export const linkModeOf = (parsed: Parsed): LinkMode => (parsed.value("link-mode") ?? "auto") as LinkMode;

/** Tells a person what an installing command did, or as JSON with `--json` and `--report`. */
export async function tellInstall(
  context: CommandContext,
  outcome: InstallReport,
  options: {
    readonly started: number;
    readonly dryRun: boolean;
    readonly reportFile?: string | undefined;
    readonly warnConflicts?: boolean;
  },
): Promise<void> {
  const { terminal, colour } = context;
  const report = options.reportFile === undefined ? undefined : await installReportJson(outcome);
  if (options.reportFile !== undefined) {
    const text = jsonText(report, 2);
    if (options.reportFile !== "-")
      writeAtomic(options.reportFile.startsWith("/") ? options.reportFile : `${context.host.cwd}/${options.reportFile}`, text);
    else if (!context.json) terminal.out(text);
  }
  const { steps } = outcome.plan;
  const changes = steps.filter(({ action }) => action !== "keep");
  if (context.json) {
    const items: JsonValue[] = steps.map((step) => ({
      action: step.action,
      name: step.name,
      version: step.version,
      ...("previous" in step ? { previous: step.previous } : {}),
    }));
    context.result({
      destination: outcome.destination,
      dryRun: options.dryRun,
      packages: items,
      broken: outcome.broken.map((problem) => ({ ...problem })),
      ...(report !== undefined && options.reportFile === "-" ? { report } : {}),
    });
    return;
  }
  if (options.warnConflicts !== false)
    for (const problem of outcome.broken) warn(context.emit, "left-broken", `Does not fit any more: ${problemText(problem)}`);
  if (context.quiet > 0 || options.reportFile === "-") return;
  if (changes.length === 0) {
    terminal.out(`Nothing to do: ${outcome.pins.length} package${outcome.pins.length === 1 ? " is" : "s are"} there already.\n`);
    return;
  }
  const marks = {
    install: colour.green("+"),
    upgrade: colour.green("↑"),
    downgrade: colour.yellow("↓"),
    reinstall: colour.cyan("~"),
    uninstall: colour.red("-"),
    keep: " ",
  };
  for (const step of changes) {
    const moved = "previous" in step && step.previous !== step.version ? ` ${colour.dim(`(was ${step.previous})`)}` : "";
    terminal.out(` ${marks[step.action]} ${step.name} ${colour.dim(step.version)}${moved}\n`);
  }
  const isNew = changes.every(({ action }) => action === "install");
  const verb = options.dryRun ? (isNew ? "Would install" : "Would change") : isNew ? "Installed" : "Changed";
  terminal.out(`${verb} ${changes.length} package${changes.length === 1 ? "" : "s"} in ${durationText(Date.now() - options.started)}.\n`);
}
