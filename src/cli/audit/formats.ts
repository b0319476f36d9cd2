import { printableLine } from "#foundation";
import type { AuditedPackage, AuditFix, AuditReport, Vulnerability } from "#operations";
import { columnsTable } from "../output/table.ts";
import { jsonText } from "../output/json.ts";
import { cyclonedxJson, cyclonedxXml } from "./cyclonedx.ts";

export const auditFormats = ["columns", "json", "cyclonedx-json", "cyclonedx-xml", "markdown"] as const;
export type AuditFormat = (typeof auditFormats)[number];

export interface AuditShape {
  readonly descriptions: boolean;
  readonly aliases: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A report in one of pip-audit's formats; empty when the format has nothing to say of a good audit. */
export function auditText(report: AuditReport, format: AuditFormat, shape: AuditShape): string {
  if (format === "cyclonedx-json") return cyclonedxJson(report, shape.now);
  if (format === "cyclonedx-xml") return cyclonedxXml(report, shape.now);
  if (format === "json") return jsonText(plainReport(report));
  return format === "markdown" ? markdown(report, shape) : columns(report, shape);
}

function plainReport({ packages, fixes }: AuditReport): unknown {
  return {
    dependencies: packages.map((one) =>
      "skipped" in one
        ? { name: one.name, skip_reason: one.skipped }
        : {
            name: one.name,
            version: one.version,
            vulns: one.vulnerabilities.map(({ id, fixVersions, aliases, description }) => ({
              id,
              fix_versions: fixVersions,
              aliases,
              description,
            })),
          },
    ),
    fixes: fixes.map((fix) =>
      "skipped" in fix
        ? { name: fix.name, version: fix.version, skip_reason: fix.skipped }
        : { name: fix.name, old_version: fix.version, new_version: fix.newVersion },
    ),
  };
}

interface Row {
  readonly one: Exclude<AuditedPackage, { skipped: string }>;
  readonly vulnerability: Vulnerability;
  readonly fix: AuditFix | undefined;
}

function rowsOf({ packages, fixes }: AuditReport): Row[] {
  return packages.flatMap((one) =>
    "skipped" in one
      ? []
      : one.vulnerabilities.map((vulnerability) => ({
          one,
          vulnerability,
          fix: fixes.find(({ name, version }) => name === one.name && version === one.version),
        })),
  );
}

function headings(report: AuditReport, shape: AuditShape): string[] {
  return [
    "Name",
    "Version",
    "ID",
    "Fix Versions",
    ...(report.fixes.length === 0 ? [] : ["Applied Fix"]),
    ...(shape.aliases ? ["Aliases"] : []),
    ...(shape.descriptions ? ["Description"] : []),
  ];
}

function fixText(fix: AuditFix | undefined): string {
  if (fix === undefined) return "";
  return "skipped" in fix
    ? `Failed to fix ${fix.name} (${fix.version}): ${fix.skipped}`
    : `Successfully upgraded ${fix.name} (${fix.version} => ${fix.newVersion})`;
}

const skippedOf = ({ packages }: AuditReport): Array<{ name: string; skipped: string }> =>
  packages.flatMap((one) => ("skipped" in one ? [one] : []));

function columns(report: AuditReport, shape: AuditShape): string {
  const rows = rowsOf(report).map(({ one, vulnerability, fix }) => [
    one.name,
    one.version,
    vulnerability.id,
    vulnerability.fixVersions.join(","),
    ...(report.fixes.length === 0 ? [] : [fixText(fix)]),
    ...(shape.aliases ? [vulnerability.aliases.join(", ")] : []),
    ...(shape.descriptions ? [vulnerability.description] : []),
  ]);
  const skipped = skippedOf(report).map(({ name, skipped: reason }) => [name, reason]);
  const clean = (table: ReadonlyArray<readonly string[]>): string[][] => table.map((row) => row.map(printableLine));
  return [
    ...(rows.length === 0 ? [] : [columnsTable(headings(report, shape), clean(rows))]),
    ...(skipped.length === 0 ? [] : [columnsTable(["Name", "Skip Reason"], clean(skipped))]),
  ].join("\n");
}

const link = (text: string, url: string): string => `[${text}](${url})`;
/** Foreign text in a cell: neither a new column nor markup. */
const cell = (text: string): string => printableLine(text).replace(/[\\|<>`*_[\]]/g, "\\$&");

function markdown(report: AuditReport, shape: AuditShape): string {
  const rows = rowsOf(report).map(({ one, vulnerability, fix }) => [
    link(one.name, one.url),
    one.version,
    link(vulnerability.id, vulnerability.url),
    vulnerability.fixVersions.join(","),
    ...(report.fixes.length === 0 ? [] : [cell(fixText(fix))]),
    ...(shape.aliases ? [vulnerability.aliases.map((alias) => link(alias, new URL(alias, vulnerability.url).href)).join(", ")] : []),
    ...(shape.descriptions ? [cell(vulnerability.description)] : []),
  ]);
  const skipped = skippedOf(report).map(({ name, skipped: reason }) => [name, cell(reason)]);
  return [
    ...(rows.length === 0 ? [] : [table(headings(report, shape), rows)]),
    ...(skipped.length === 0 ? [] : [table(["Name", "Skip Reason"], skipped)]),
  ].join("\n");
}

function table(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return `${[header, header.map(() => "---"), ...rows].map((row) => row.join(" | ").trimEnd()).join("\n")}\n`;
}

/** `Found 2 known vulnerabilities, ignored 1 in 2 packages`, in pip-audit's words, which scripts look for. */
export function auditSummary({ packages, ignored, fixes }: AuditReport, how: { readonly fixed: boolean }): string {
  const vulnerable = packages.flatMap((one) => ("skipped" in one || one.vulnerabilities.length === 0 ? [] : [one]));
  if (vulnerable.length === 0) return `No known vulnerabilities found${ignored === 0 ? "" : `, ${ignored} ignored`}`;
  const count = (list: typeof vulnerable): number => list.reduce((sum, one) => sum + one.vulnerabilities.length, 0);
  const found = count(vulnerable);
  const text = `Found ${vulnerabilities(found)}${ignored === 0 ? "" : `, ignored ${ignored}`} in ${counted(vulnerable.length, "package", "packages")}`;
  if (!how.fixed) return text;
  const mended = vulnerable.filter((one) => fixes.some((fix) => fix.name === one.name && !("skipped" in fix)));
  const fixed = count(mended);
  return `${text} and fixed ${counted(fixed, "vulnerability", "vulnerabilities")} in ${counted(mended.length, "package", "packages")}`;
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
const vulnerabilities = (count: number): string => counted(count, "known vulnerability", "known vulnerabilities");
