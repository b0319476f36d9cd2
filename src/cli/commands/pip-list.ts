import { editableLocation, list, newestVersions, versionOf, writtenName, type InstalledDistribution, type Listing } from "#operations";
import { PenError, printable } from "#foundation";
import { indexOptions, pipHabits, pythonOption } from "../arguments/common.ts";
import type { Parsed } from "../arguments/types.ts";
import type { Command } from "../command.ts";
import { fileKindOptions, releaseOptions, releasesOf, splitNames } from "./installing.ts";
import { pipIndexesOf, wantingOptions } from "./selecting.ts";
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
    { name: "exclude-editable", negation: "include-editable", kind: "flag", help: "Leave those out." },
    { name: "not-required", kind: "flag", help: "Only packages that no other installed package needs." },
    { name: "exclude", kind: "list", metavar: "NAME", help: "Leave this package out." },
    { name: "path", kind: "list", metavar: "DIR", help: "Look into this folder instead of the environment." },
    { name: "outdated", short: "o", kind: "flag", help: "Only packages that the index has newer versions of." },
    { name: "uptodate", short: "u", kind: "flag", help: "Only packages that are the newest." },
    { name: "pre", kind: "flag", help: "Count pre-releases as newer versions." },
    { name: "local", short: "l", kind: "flag", help: "Leave out what the environment inherits from others." },
    { name: "user", kind: "flag", help: "Only what is in your own site-packages, which an environment never shows.", hidden: true },
    ...releaseOptions,
    ...fileKindOptions,
    ...wantingOptions.filter(({ name }) => name === "refresh-package"),
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
    if (parsed.flag("outdated") && parsed.flag("uptodate"))
      throw new PenError("OPTION_CONFLICT", "Options --outdated and --uptodate cannot be combined.", {
        hint: "Without both, everything is listed.",
      });
    if (wanted === "outdated" && format === "freeze") {
      throw new PenError("OPTION_CONFLICT", "--outdated has no freeze format", {
        hint: "Type: pen pip list --outdated (or --format json)",
      });
    }
    const verbose = context.verbose > 0;
    const items: ListItem[] = parsed.flag("user")
      ? []
      : wanted === "all"
        ? described(await list(options), { verbose, local: parsed.flag("local") })
        : (await newestVersions({ ...options, ...newestOf(parsed) }))
            .filter(({ latest, isOutdated }) => latest !== undefined && isOutdated === (wanted === "outdated"))
            .map(({ distribution, latest, isOutdated, kind = "wheel" }) => ({
              ...describe(distribution, verbose),
              ...(isOutdated && latest !== undefined ? { latest_version: latest, latest_filetype: kind } : {}),
            }));
    if (context.json) context.result(items.map((item) => ({ ...item })));
    else if (context.quiet > 0) return;
    else if (format === "json") terminal.out(jsonText(items));
    else if (format === "freeze") terminal.out(printable(items.map(freezeLine).join("")));
    else if (items.length > 0) terminal.out(printable(drawn(items)));
  },
};

const freezeLine = ({ name, version, location }: ListItem): string =>
  `${name}==${version}${location === undefined ? "" : ` (${location})`}\n`;

/** What counts as newer. */
const newestOf = (parsed: Parsed) => ({
  indexes: pipIndexesOf(parsed),
  prereleases: releasesOf(parsed) === "allow",
  noBinary: splitNames(parsed.list("no-binary")),
  onlyBinary: splitNames(parsed.list("only-binary")),
});

/** The environment's own packages and those that it inherits, by name as pip sorts them. */
function described(listing: Listing, how: { readonly verbose: boolean; readonly local: boolean }): ListItem[] {
  const own = listing.distributions.map((distribution) => describe(distribution, how.verbose));
  if (how.local || listing.inherited.length === 0) return own;
  const inherited = listing.inherited.map(({ distribution, from }) => ({ ...describe(distribution, how.verbose), inherited_from: from }));
  return [...own, ...inherited].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

/** The keys are pip's, but for `inherited_from`, the environment that a package is inherited from. */
interface ListItem {
  readonly name: string;
  readonly version: string;
  readonly location?: string;
  readonly installer?: string;
  readonly latest_version?: string;
  readonly latest_filetype?: string;
  readonly editable_project_location?: string;
  readonly inherited_from?: string;
}

function describe(distribution: InstalledDistribution, verbose: boolean): ListItem {
  const editable = editableLocation(distribution);
  const item = { name: writtenName(distribution), version: versionOf(distribution) };
  if (!verbose && editable === undefined) return item;
  return {
    ...item,
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
    ["Inherited from", "inherited_from"],
    ["Location", "location"],
    ["Installer", "installer"],
  ];
  const known = new Set<string>();
  for (const item of items) for (const key in item) known.add(key);
  const shown = columns.filter(([, key]) => known.has(key));
  const keys = shown.map(([, key]) => key);
  // Plain loops: there are hundreds of rows, and none of this is ever compiled.
  const rows: string[][] = [];
  for (const item of items) {
    const row: string[] = [];
    for (const key of keys) row.push(item[key] ?? "");
    rows.push(row);
  }
  return columnsTable(
    shown.map(([title]) => title),
    rows,
  );
}
