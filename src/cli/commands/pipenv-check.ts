import { printableLine, warn, writeAtomic, resolve } from "#foundation";
import { auditProject, checkProjectPython, type AuditReport } from "#operations";
import { auditText } from "../audit/formats.ts";
import { auditChoices, isLeft, tellAudit } from "../audit/running.ts";
import type { OptionSpec } from "../arguments/types.ts";
import type { Command, CommandContext } from "../command.ts";
import { changeOptions, splitList } from "../pipenv/common.ts";
import { commonPipenv } from "../pipenv/options.ts";
import { checkSystem, systemOption } from "../pipenv/system.ts";

const idle = (name: string, reason: string, more: Partial<OptionSpec> = {}): OptionSpec => ({
  name,
  kind: "flag",
  help: `Changes nothing: ${reason}.`,
  idle: reason,
  hidden: true,
  ...more,
});

const noAccount = "pen asks the OSV database, which knows no accounts";

export const command: Command = {
  forProjects: true,
  summary: "Check the project's Python and look for known vulnerabilities",
  description:
    "pipenv's older word for `audit`: what Pipfile.lock pins is audited, and the Python compared with the one that the Pipfile requires.",
  arguments: [],
  options: [
    ...auditChoices.filter(({ name }) => ["ignore", "osv-url"].includes(name)),
    {
      name: "db",
      kind: "value",
      metavar: "PATH",
      variable: "PEN_OSV_DB",
      help: "A downloaded copy of the OSV database, asked instead of the network.",
    },
    {
      name: "output",
      kind: "value",
      metavar: "FORMAT",
      choices: ["default", "json", "full-report", "bare", "screen", "text", "minimal"],
      help: "A table (default), one with descriptions (full-report), JSON, or the names alone (bare).",
    },
    { name: "exit-code", negation: "continue-on-error", kind: "flag", help: "End with status 1 when something is found (default)." },
    { name: "save-json", kind: "value", metavar: "FILE", help: "Write the report as JSON too." },
    { name: "use-installed", kind: "flag", help: "Audit what is installed instead of the lock." },
    { name: "categories", kind: "value", metavar: "NAMES", help: "Only these categories of the lock." },
    idle("key", noAccount, { kind: "value", metavar: "KEY" }),
    idle("project", noAccount, { kind: "value", metavar: "NAME" }),
    idle("audit-and-monitor", noAccount, { negation: "disable-audit-and-monitor" }),
    idle("auto-install", "there is nothing to install for it"),
    idle("scan", "there is one way to audit"),
    {
      name: "policy-file",
      kind: "value",
      metavar: "FILE",
      help: "Refused: ids of Safety mean nothing to OSV.",
      hidden: true,
      refused: {
        why: "The policy of Safety names vulnerabilities by numbers of its own.",
        hint: "Name what you live with: --ignore CVE-2024-1234",
      },
    },
    ...commonPipenv,
    systemOption,
  ],
  examples: [
    ["pen pipenv check", "the lock"],
    ["pen pipenv check --use-installed -i CVE-2024-1234", "what is installed, but for one"],
  ],
  async run(context) {
    checkSystem(context);
    const { parsed, terminal, quiet } = context;
    warn(context.emit, "deprecated", "check is the older word: `audit` does the same, with more formats and --fix");
    const options = changeOptions(context);
    const unfit = await checkProjectPython(options);
    for (const { key, wanted, found } of unfit) terminal.err(printableLine(`Specifier ${key} does not match ${wanted} (${found}).`) + "\n");
    if (unfit.length > 0) {
      terminal.err("Failed!\n");
      return 1;
    }
    if (quiet === 0 && !context.json) terminal.err("Passed!\n");
    const report = await auditProject({
      host: options.host ?? context.host,
      onEvent: context.emit,
      signal: context.signal,
      locked: !parsed.flag("use-installed"),
      categories: splitList(parsed.value("categories")),
      ignore: parsed.list("ignore"),
      database: parsed.value("db"),
      advisoryUrl: parsed.value("osv-url"),
      indexes: options.fetching ?? {},
    });
    tell(context, report);
    return isLeft(report, false) && parsed.flagIfGiven("exit-code") !== false ? 1 : 0;
  },
};

function tell(context: CommandContext, report: AuditReport): void {
  const { parsed, terminal, host } = context;
  const output = parsed.value("output") ?? "default";
  const full = output === "full-report";
  const shape = { descriptions: full, aliases: full, now: host.now() };
  const file = parsed.value("save-json");
  if (file !== undefined) writeAtomic(resolve(host.cwd, file), auditText(report, "json", shape));
  if (output !== "bare") {
    tellAudit(context, report, { ...shape, format: output === "json" ? "json" : "columns", fixed: false, outputFile: undefined });
    return;
  }
  const names = report.packages.flatMap((one) => ("skipped" in one || one.vulnerabilities.length === 0 ? [] : [one.name]));
  if (names.length > 0) terminal.out(`${names.join(" ")}\n`);
}
