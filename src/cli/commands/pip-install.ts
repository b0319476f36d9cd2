import { PenError } from "#foundation";
import { environmentRoot, install, installBundle, type InstallOptions } from "#operations";
import { indexOptions, linkOptions, pipHabits, pythonOption } from "../arguments/common.ts";
import type { Parsed } from "../arguments/types.ts";
import { buildOptions, sourceFolderOption } from "../arguments/builds.ts";
import type { Command, CommandContext } from "../command.ts";
import { buildsOf } from "./building.ts";
import { requirementOptions, resolutionOf, resolutionOptions } from "./installing.ts";
import { linkModeOf } from "./sources.ts";
import { tellInstall } from "../output/installed.ts";
import { namesWheelTarget, pipIndexesOf, wantingOf, wantingOptions, wheelTargetOptions } from "./selecting.ts";

export const command: Command = {
  summary: "Install packages into the environment",
  description:
    "Everything happens in one transaction: when something fails, the environment is as it was. Nothing is ever installed into a global Python.",
  arguments: [
    {
      name: "REQUIREMENT",
      help: "A name with an optional version, a URL, a folder, or the path of a wheel or a source archive.",
      repeated: true,
    },
  ],
  options: [
    ...requirementOptions,
    { name: "editable", short: "e", kind: "list", metavar: "PATH", help: "Install a project in development mode." },
    { name: "upgrade", short: "U", kind: "flag", help: "Move the named packages to the newest version that fits." },
    { name: "upgrade-package", short: "P", kind: "list", metavar: "NAME", help: "Move only this package." },
    {
      name: "upgrade-strategy",
      kind: "value",
      metavar: "HOW",
      choices: ["only-if-needed", "eager"],
      help: "eager: move what the named packages need too.",
    },
    { name: "no-deps", aliases: ["no-dependencies"], kind: "flag", help: "Install only what is named." },
    { name: "force-reinstall", aliases: ["reinstall"], kind: "flag", help: "Install anew even what is there." },
    { name: "ignore-installed", short: "I", kind: "flag", help: "The same; what is there is replaced." },
    { name: "bundle", kind: "value", metavar: "FILE", help: "Install from this bundle alone, as `pen pip download --bundle` makes it." },
    { name: "dry-run", kind: "flag", help: "Only say what would be done." },
    { name: "report", kind: "value", metavar: "FILE", help: "Write pip's JSON report (`-` for standard output)." },
    { name: "require-hashes", kind: "flag", help: "Every requirement must have a hash." },
    { name: "target", short: "t", kind: "value", metavar: "DIR", help: "Install into a plain folder instead of an environment." },
    { name: "prefix", kind: "value", metavar: "DIR", help: "Install into a folder laid out like an installation." },
    { name: "no-warn-conflicts", kind: "flag", help: "Say nothing when packages that stay no longer fit." },
    { name: "no-input", kind: "flag", help: "Always so: nothing is asked.", hidden: true },
    { name: "overwrite", kind: "flag", help: "Let a package take over a file that another one owns." },
    { name: "user", kind: "flag", help: "Refused: that is the global Python of this user." },
    { name: "no-user", kind: "flag", help: "Always so.", hidden: true },
    {
      name: "break-system-packages",
      kind: "flag",
      help: "Changes nothing: pen never touches a global Python.",
      hidden: true,
      idle: "changes nothing: pen never works on a global Python, and in an environment there is nothing to break",
    },
    {
      name: "root",
      kind: "value",
      metavar: "DIR",
      help: "Refused: an environment knows its own place.",
      hidden: true,
      refused: {
        why: "It puts files below another root under the paths of this machine, where they cannot run.",
        hint: "Use --target DIR for a plain folder, or --prefix DIR for one laid out like an installation.",
      },
    },
    ...wantingOptions,
    ...wheelTargetOptions,
    ...resolutionOptions,
    ...buildOptions,
    sourceFolderOption,
    pythonOption,
    ...pipHabits,
    ...linkOptions,
    ...indexOptions,
  ],
  examples: [
    ["pen pip install flask", "the newest version that fits"],
    ['pen pip install "django>=5,<6" psycopg[binary]', "bounds and extras"],
    ["pen pip install -r requirements.txt", "what a file lists"],
    ["pen pip install -U flask", "move it to the newest"],
  ],
  async run(context) {
    const { parsed } = context;
    if (parsed.flag("user")) throw refusal("user");
    // Where no environment is, somebody means the global Python.
    if (parsed.flag("break-system-packages") && (await isWithoutPlace(context))) throw refusal("break-system-packages");
    checkWheelTarget(parsed);
    const started = Date.now();
    const dryRun = parsed.flag("dry-run");
    const named = ["requirement", "editable", "group", "requirements-from-script"].flatMap((name) => parsed.list(name));
    const bundle = parsed.value("bundle");
    const nothing = parsed.arguments.length + named.length === 0 && bundle === undefined;
    if (nothing) throw new PenError("NOTHING_NAMED", "Nothing was named to install", { hint: "Type for example: pen pip install flask" });
    const outcome = await (bundle === undefined ? install : (options: InstallOptions) => installBundle(bundle, options))({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      ...resolutionOf(parsed),
      ...wantingOf(parsed),
      platforms: parsed.list("platform"),
      implementation: parsed.value("implementation"),
      abis: parsed.list("abi"),
      requirements: parsed.arguments,
      editables: parsed.list("editable"),
      python: parsed.value("python"),
      target: parsed.value("target"),
      prefix: parsed.value("prefix"),
      upgrade: parsed.flag("upgrade"),
      upgradePackages: parsed.list("upgrade-package"),
      upgradeStrategy: parsed.value("upgrade-strategy") === "eager" ? "eager" : "only-if-needed",
      noDependencies: parsed.flag("no-deps"),
      forceReinstall: parsed.flag("force-reinstall") || parsed.flag("ignore-installed"),
      dryRun,
      report: parsed.value("report") !== undefined,
      requireHashes: parsed.flag("require-hashes"),
      overwrite: parsed.flag("overwrite"),
      linkMode: linkModeOf(parsed),
      compileBytecode: parsed.flag("compile-bytecode"),
      builds: buildsOf(context),
      indexes: pipIndexesOf(parsed),
    });
    await tellInstall(context, outcome, {
      started,
      dryRun,
      reportFile: parsed.value("report"),
      warnConflicts: !parsed.flag("no-warn-conflicts"),
      pipWords: true,
    });
  },
};

async function isWithoutPlace({ parsed, host }: CommandContext): Promise<boolean> {
  if (parsed.value("target") !== undefined || parsed.value("prefix") !== undefined) return false;
  return (await environmentRoot({ host, python: parsed.value("python") })) === undefined;
}

function refusal(option: string): PenError {
  return new PenError("EXTERNALLY_MANAGED", `pen does not take --${option}`, {
    why: "Packages that all projects of a user share are how projects break each other.",
    hint: "Make an environment with `pen venv` and install into that.",
  });
}

/** What is chosen for another Python or platform must not get into an environment of this one. */
function checkWheelTarget(parsed: Parsed): void {
  if (!namesWheelTarget(parsed) || parsed.value("target") !== undefined || parsed.flag("dry-run")) return;
  throw new PenError(
    "OPTION_CONFLICT",
    "Can not use any platform or abi specific options unless installing via '--target' or using '--dry-run'",
    {
      why: "The environment's own Python could not run what was chosen for another one.",
      hint: "Name a folder: --target DIR, or collect files with: pen pip download",
    },
  );
}
