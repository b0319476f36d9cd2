import { editableLocation, list, newestVersions, versionOf, writtenName, type InstalledDistribution } from "#operations";
import { PenError, printable } from "#foundation";
import { indexOptions, pipHabits, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { indexesOf } from "./installing.ts";
import { jsonText } from "../output/json.ts";
import { columnsTable } from "../output/table.ts";

export const command: Command = {
  summary: "List what is installed",
  arguments: [],
  options: [
    {
      name: "format",
      kind: "value",
      metavar: "FORMAT",
      choices: ["columns", "freeze", "json"],
      help: "columns (default), freeze or json.",
    },
    { name: "editable", short: "e", kind: "flag", help: "Only packages in development mode." },
    { name: "exclude-editable", kind: "flag", help: "Leave those out." },
    { name: "not-required", kind: "flag", help: "Only packages that no other installed package needs." },
    { name: "exclude", kind: "list", metavar: "NAME", help: "Leave this package out." },
    { name: "path", kind: "list", metavar: "DIR", help: "Look into this folder instead of the environment." },
    { name: "outdated", short: "o", kind: "flag", help: "Only packages that the index has newer versions of." },
    { name: "uptodate", short: "u", kind: "flag", help: "Only packages that are the newest." },
    { name: "pre", kind: "flag", help: "Count pre-releases as newer versions." },
    { name: "local", short: "l", kind: "flag", help: "Always so: only the environment's own packages are shown.", hidden: true },
    pythonOption,
    ...pipHabits,
    ...indexOptions,
  ],
  examples: [
    ["pen pip list", "names and versions"],
    ["pen pip list --not-required", "what you asked for yourself, more or less"],
    ["pen pip list --outdated", "what could be upgraded"],
    ["pen pip list --format json", "for programs, in pip's shape"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    const options = {
      host: context.host,
      onEvent: context.emit,
      python: parsed.value("python"),
      paths: parsed.list("path"),
      exclude: parsed.list("exclude"),
      notRequired: parsed.flag("not-required"),
      editable: parsed.flag("editable") ? ("only" as const) : parsed.flag("exclude-editable") ? ("exclude" as const) : undefined,
    };
    const format = parsed.value("format") ?? "columns";
    const wanted = parsed.flag("outdated") ? "outdated" : parsed.flag("uptodate") ? "newest" : "all";
    if (wanted === "outdated" && format === "freeze") {
      throw new PenError("USAGE", "--outdated has no freeze format", { hint: "Type: pen pip list --outdated (or --format json)" });
    }
    const verbose = context.verbose > 0;
    const items: ListItem[] =
      wanted === "all"
        ? (await list(options)).distributions.map((distribution) => describe(distribution, verbose))
        : (await newestVersions({ ...options, indexes: indexesOf(parsed), prereleases: parsed.flag("pre") }))
            .filter(({ latest, isOutdated }) => latest !== undefined && isOutdated === (wanted === "outdated"))
            .map(({ distribution, latest, isOutdated }) => ({
              ...describe(distribution, verbose),
              ...(isOutdated && latest !== undefined ? { latest_version: latest, latest_filetype: "wheel" } : {}),
            }));
    if (context.json) context.result(items.map((item) => ({ ...item })));
    else if (format === "json") terminal.out(jsonText(items));
    else if (format === "freeze") terminal.out(printable(items.map(({ name, version }) => `${name}==${version}\n`).join("")));
    else if (items.length > 0) terminal.out(printable(drawn(items)));
  },
};

/** The keys are pip's. */
interface ListItem {
  readonly name: string;
  readonly version: string;
  readonly location?: string;
  readonly installer?: string;
  readonly latest_version?: string;
  readonly latest_filetype?: string;
  readonly editable_project_location?: string;
}

function describe(distribution: InstalledDistribution, verbose: boolean): ListItem {
  const editable = editableLocation(distribution);
  return {
    name: writtenName(distribution),
    version: versionOf(distribution),
    ...(verbose ? { location: distribution.location, installer: distribution.installer() ?? "" } : {}),
    ...(editable === undefined ? {} : { editable_project_location: editable }),
  };
}

/** A column that nobody has anything for is left out, as pip does it. */
function drawn(items: readonly ListItem[]): string {
  const columns: ReadonlyArray<readonly [title: string, key: keyof ListItem]> = [
    ["Package", "name"],
    ["Version", "version"],
    ["Latest", "latest_version"],
    ["Type", "latest_filetype"],
    ["Editable project location", "editable_project_location"],
    ["Location", "location"],
    ["Installer", "installer"],
  ];
  const shown = columns.filter(([, key]) => items.some((item) => item[key] !== undefined));
  return columnsTable(
    shown.map(([title]) => title),
    items.map((item) => shown.map(([, key]) => item[key] ?? "")),
  );
}
