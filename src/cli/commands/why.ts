import { PenError, printableLine, type JsonValue } from "#foundation";
import { whyPackage, type GraphRoot, type WhyChain } from "#operations";
import { pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { fetchingOptions } from "./installing.ts";
import { fetchingOf } from "./sources.ts";

export const command: Command = {
  forProjects: true,
  summary: "Show why a package is here: who needs it, from your own words down",
  description:
    "Every chain that leads from an entry of the Pipfile (or from a package that was installed by itself) to the package, each step with its requirement. Where a project has no environment yet, its lock answers.",
  arguments: [{ name: "PACKAGE", help: "The package to explain.", required: true }],
  options: [
    { name: "locked", kind: "flag", help: "Explain the lock instead of what is installed." },
    { name: "most", kind: "value", number: true, metavar: "N", help: "Show at most so many chains, the shortest first; default 20." },
    pythonOption,
    ...fetchingOptions,
  ],
  examples: [
    ["pen why markupsafe", "flask needs jinja2, which needs it"],
    ["pen why --locked urllib3", "by Pipfile.lock, without an environment"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    const most = Number(parsed.value("most") ?? 20);
    if (!Number.isInteger(most) || most < 1)
      throw new PenError("USAGE", "--most takes a whole number from 1 on", { hint: "Type for example: pen why flask --most 5" });
    const report = await whyPackage({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      name: parsed.arguments[0] ?? "",
      python: parsed.value("python"),
      locked: parsed.flag("locked"),
      most,
      fetching: fetchingOf(parsed),
    });
    if (context.json) return context.result({ ...report, source: { ...report.source }, chains: report.chains.map(asJson) });
    const title = `${colour.bold(report.name)} ${printableLine(report.version)}`;
    if (report.chains.length === 0) {
      terminal.out(`${title} is here, and nothing asks for it.\n`);
      return;
    }
    const text = report.chains.map((chain) => chainLines(chain).join("\n")).join("\n\n");
    terminal.out(`${title} is ${report.source.kind === "lock" ? "locked" : "here"} because\n\n${text}\n`);
    if (report.more) terminal.out(colour.dim(`\nThere are more ways than these ${report.chains.length}: --most N\n`));
  },
};

function asJson({ root, links }: WhyChain): JsonValue {
  const { name, requirement, category, line } = root;
  return { root: { name, requirement, category: category ?? null, line: line ?? null }, links: links.map((link) => ({ ...link })) };
}

function rootText({ requirement, category, line }: GraphRoot): string {
  const shown = printableLine(requirement);
  return category === undefined
    ? `${shown} was asked for by itself`
    : `the Pipfile asks for ${shown} ([${printableLine(category)}], line ${line})`;
}

function chainLines({ root, links }: WhyChain): string[] {
  return [rootText(root), ...links.map(({ name, version, requires }) => printableLine(`${name} ${version} requires ${requires}`))].map(
    (text, depth) => `  ${"  ".repeat(depth)}${depth === 0 ? "" : "└─ "}${text}`,
  );
}
