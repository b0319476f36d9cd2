import { PenError } from "#foundation";
import { install } from "#operations";
import { indexOptions, linkOptions, pipHabits, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { indexesOf, linkModeOf, requirementOptions, resolutionOf, resolutionOptions, tellInstall } from "./installing.ts";

export const command: Command = {
  summary: "Install packages into the environment",
  description:
    "Everything happens in one transaction: when something fails, the environment is as it was. Nothing is ever installed into a global Python.",
  arguments: [{ name: "REQUIREMENT", help: "A name with an optional version, a URL, or the path of a wheel.", repeated: true }],
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
    { name: "dry-run", kind: "flag", help: "Only say what would be done." },
    { name: "report", kind: "value", metavar: "FILE", help: "Write pip's JSON report (`-` for standard output)." },
    { name: "require-hashes", kind: "flag", help: "Every requirement must have a hash." },
    { name: "target", short: "t", kind: "value", metavar: "DIR", help: "Install into a plain folder instead of an environment." },
    { name: "prefix", kind: "value", metavar: "DIR", help: "Install into a folder laid out like an installation." },
    { name: "no-warn-conflicts", kind: "flag", help: "Say nothing when packages that stay no longer fit." },
    { name: "no-input", kind: "flag", help: "Always so: nothing is asked.", hidden: true },
    { name: "overwrite", kind: "flag", help: "Let a package take over a file that another one owns." },
    { name: "user", kind: "flag", help: "Refused: that is the global Python of this user." },
    { name: "break-system-packages", kind: "flag", help: "Refused: pen never touches a global Python." },
    ...resolutionOptions,
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
    for (const refused of ["user", "break-system-packages"]) if (parsed.flag(refused)) throw refusal(refused);
    const started = Date.now();
    const dryRun = parsed.flag("dry-run");
    const nothing = parsed.arguments.length + parsed.list("requirement").length + parsed.list("editable").length === 0;
    if (nothing) throw new PenError("NOTHING_NAMED", "Nothing was named to install", { hint: "Type for example: pen pip install flask" });
    const outcome = await install({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      ...resolutionOf(parsed),
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
      requireHashes: parsed.flag("require-hashes"),
      overwrite: parsed.flag("overwrite"),
      linkMode: linkModeOf(parsed),
      compileBytecode: parsed.flag("compile-bytecode"),
      indexes: indexesOf(parsed),
    });
    await tellInstall(context, outcome, {
      started,
      dryRun,
      reportFile: parsed.value("report"),
      warnConflicts: !parsed.flag("no-warn-conflicts"),
    });
  },
};

function refusal(option: string): PenError {
  return new PenError("EXTERNALLY_MANAGED", `pen does not take --${option}`, {
    why: "Packages that all projects of a user share are how projects break each other.",
    hint: "Make an environment with `pen venv` and install into that.",
  });
}
