import { printableLine, writeAtomic, resolve } from "#foundation";
import { auditProject, type AuditOptions, type AuditReport } from "#operations";
import { indexOptions, pythonOption } from "../arguments/common.ts";
import type { OptionSpec } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";
import { auditFormats, auditSummary, auditText, type AuditFormat, type AuditShape } from "./formats.ts";

/** The options that `pen audit` and `pen pipenv audit` share. */
export const auditChoices: readonly OptionSpec[] = [
  {
    name: "output",
    short: "f",
    aliases: ["format"],
    kind: "value",
    metavar: "FORMAT",
    choices: auditFormats,
    help: "columns (default), json, cyclonedx-json, cyclonedx-xml or markdown, in the shapes of pip-audit.",
  },
  { name: "output-file", short: "o", kind: "value", metavar: "FILE", help: "Write the table to a file, in one step." },
  {
    name: "ignore",
    short: "i",
    aliases: ["ignore-vuln"],
    kind: "list",
    metavar: "ID",
    help: "Leave this vulnerability out, by its id or any alias.",
  },
  { name: "locked", kind: "flag", help: "Audit the lock (Pipfile.lock, else pylock.toml) instead of what is installed." },
  { name: "fix", kind: "flag", help: "Upgrade what is vulnerable to the first version that is not." },
  {
    name: "dry-run",
    kind: "flag",
    help: "With --fix: say what would be upgraded, and change nothing. Without it: only count what would be audited.",
  },
  { name: "strict", kind: "flag", help: "Fail when a package cannot be audited." },
  { name: "skip-editable", kind: "flag", help: "Leave out editable installs." },
  { name: "local", short: "l", kind: "flag", help: "Leave out what the environment inherits from others." },
  { name: "desc", kind: "flag", help: "Show a description of each vulnerability." },
  { name: "aliases", kind: "flag", help: "Show the other names of each vulnerability." },
  {
    name: "no-deps",
    kind: "flag",
    help: "Audit exactly the packages that are locked or installed, which is what pen always does.",
    idle: "pen never resolves anything in order to audit: the lock and the environment name every package.",
  },
  {
    name: "vulnerability-service",
    short: "s",
    kind: "value",
    metavar: "SERVICE",
    choices: ["pypi", "osv"],
    help: "Either word means the OSV database, from which PyPI has what it knows.",
  },
  {
    name: "osv-url",
    kind: "value",
    metavar: "URL",
    variable: "PEN_OSV_URL",
    help: "Where the OSV interface is: a mirror of your own.",
  },
  {
    name: "db",
    kind: "value",
    metavar: "PATH",
    variable: "PEN_OSV_DB",
    help: "A downloaded copy of the OSV database (the zip file of PyPI, or a folder of records), asked instead of the network.",
  },
];

/** The options of `pen audit`; -i and -f have another meaning there than elsewhere. */
export const auditOptions: readonly OptionSpec[] = [
  ...auditChoices,
  pythonOption,
  ...indexOptions.map(({ short: _short, ...option }) => option),
];

/** Which formats print something even about a good audit. */
const alwaysPrinted: ReadonlySet<AuditFormat> = new Set(["json", "cyclonedx-json", "cyclonedx-xml"]);

/** Audits as `auditChoices` say, and tells of it. Gives the exit status: 1 when something vulnerable is left. */
export async function runAudit(context: CommandContext, reach: Pick<AuditOptions, "host" | "python" | "indexes">): Promise<number> {
  const { parsed } = context;
  const fix = parsed.flag("fix");
  const dryRun = parsed.flag("dry-run");
  const report = await auditProject({
    host: context.host,
    ...reach,
    onEvent: context.emit,
    signal: context.signal,
    locked: parsed.flag("locked"),
    local: parsed.flag("local"),
    skipEditable: parsed.flag("skip-editable"),
    strict: parsed.flag("strict"),
    ignore: parsed.list("ignore"),
    fix,
    dryRun,
    database: parsed.value("db"),
    advisoryUrl: parsed.value("osv-url"),
  });
  const format = (parsed.value("output") ?? "columns") as AuditFormat;
  const shape = { descriptions: parsed.flag("desc"), aliases: parsed.flag("aliases"), now: context.host.now() };
  tellAudit(context, report, { format, ...shape, fixed: fix && !dryRun, outputFile: parsed.value("output-file") });
  return isLeft(report, fix && !dryRun) ? 1 : 0;
}

/** True while a vulnerable package was not mended. */
export function isLeft(report: AuditReport, fixed: boolean): boolean {
  return report.packages.some(
    (one) =>
      !("skipped" in one) &&
      one.vulnerabilities.length > 0 &&
      !(fixed && report.fixes.some((fix) => fix.name === one.name && !("skipped" in fix))),
  );
}

interface Telling extends AuditShape {
  readonly format: AuditFormat;
  readonly fixed: boolean;
  readonly outputFile: string | undefined;
}

/** The summary goes to standard error, the table to standard output or the file. */
export function tellAudit(context: CommandContext, report: AuditReport, telling: Telling): void {
  const { terminal, host } = context;
  const { format, fixed, outputFile } = telling;
  const text = auditText(fixed ? report : { ...report, fixes: [] }, format, telling);
  const hasRows = report.packages.some((one) => "skipped" in one || one.vulnerabilities.length > 0);
  const isPrinted = report.wouldAudit === undefined && (hasRows || alwaysPrinted.has(format));
  if (outputFile !== undefined && isPrinted) writeAtomic(resolve(host.cwd, outputFile), text);
  if (context.json) {
    context.result({
      source: { ...report.source },
      packages: report.packages.map((one) =>
        "skipped" in one
          ? { name: one.name, skipped: one.skipped }
          : {
              name: one.name,
              version: one.version,
              url: one.url,
              vulnerabilities: one.vulnerabilities.map(({ published, ...rest }) => ({ ...rest, published: published ?? null })),
            },
      ),
      ignored: report.ignored,
      wouldAudit: report.wouldAudit,
      fixes: report.fixes.map((one) => ({ ...one })),
      fixed,
    });
    return;
  }
  if (report.wouldAudit !== undefined) {
    if (context.quiet < 2) terminal.err(`Dry run: would have audited ${report.wouldAudit} packages\n`);
    return;
  }
  if (context.quiet < 2) terminal.err(`${auditSummary(report, { fixed })}\n`);
  if (!fixed && context.quiet === 0)
    for (const fix of report.fixes)
      terminal.err(
        "skipped" in fix
          ? `Dry run: would have skipped ${fix.name} upgrade because ${printableLine(fix.skipped)}\n`
          : `Dry run: would have upgraded ${fix.name} to ${fix.newVersion}\n`,
      );
  if (outputFile === undefined && isPrinted) terminal.out(text);
}
