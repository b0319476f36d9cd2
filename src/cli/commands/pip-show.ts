import { PenError, printable, warn, type JsonValue } from "#foundation";
import { metadataFileText, show, writtenName, type ShownDistribution } from "#operations";
import { pipHabits, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Show what is known of installed packages",
  arguments: [{ name: "NAME", help: "Packages to show.", repeated: true }],
  options: [{ name: "files", short: "f", kind: "flag", help: "List the files too." }, pythonOption, ...pipHabits],
  examples: [
    ["pen pip show flask", "version, place, what it needs and who needs it"],
    ["pen pip show -f flask", "with all files"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    if (parsed.arguments.length === 0)
      throw new PenError("NOTHING_NAMED", "Nothing was named to show", { hint: "Type for example: pen pip show flask" });
    const { found, absent } = await show({
      host: context.host,
      onEvent: context.emit,
      names: parsed.arguments,
      python: parsed.value("python"),
    });
    if (absent.length > 0) warn(context.emit, "not-installed", `Package(s) not found: ${[...absent].sort().join(", ")}`);
    const files = parsed.flag("files");
    if (context.json) context.result({ packages: found.map((shown) => asJson(shown, files)), absent: [...absent] });
    else if (context.quiet === 0) terminal.out(found.map((shown) => asText(shown, { files, verbose: context.verbose > 0 })).join("---\n"));
    return found.length === 0 ? 1 : 0;
  },
};

function fieldsOf({ distribution, location, requires, requiredBy, editableLocation }: ShownDistribution): Array<readonly [string, string]> {
  const metadata = distribution.metadata();
  const license: ReadonlyArray<readonly [string, string]> =
    metadata.licenseExpression === undefined ? [["License", metadata.license ?? ""]] : [["License-Expression", metadata.licenseExpression]];
  return [
    ["Name", writtenName(distribution)],
    ["Version", distribution.version],
    ["Summary", metadata.summary ?? ""],
    ["Home-page", metadata.homePage ?? homePageOf(metadata.projectUrls)],
    ["Author", metadata.author ?? ""],
    ["Author-email", metadata.authorEmail ?? ""],
    ...license,
    ["Location", location],
    ...(editableLocation === undefined ? [] : [["Editable project location", editableLocation] as const]),
    ["Requires", requires.join(", ")],
    ["Required-by", requiredBy.join(", ")],
  ];
}

/** pip takes the project URL that is labelled as home page when the field itself is missing. */
function homePageOf(urls: readonly string[]): string {
  const labelled = urls.map((text) => text.split(",", 2).map((part) => part.trim()));
  return labelled.find(([label]) => (label ?? "").toLowerCase().replace(/[-_ ]/g, "") === "homepage")?.[1] ?? "";
}

function asText(shown: ShownDistribution, options: { readonly files: boolean; readonly verbose: boolean }): string {
  const { distribution } = shown;
  const lines = fieldsOf(shown).map(([key, value]) => `${key}: ${value}`);
  if (options.verbose) {
    const metadata = distribution.metadata();
    lines.push(
      `Metadata-Version: ${metadata.metadataVersion}`,
      `Installer: ${distribution.installer() ?? ""}`,
      "Classifiers:",
      ...metadata.classifiers.map((text) => `  ${text}`),
    );
    lines.push(
      "Entry-points:",
      ...(metadataFileText(distribution, "entry_points.txt") ?? "")
        .trimEnd()
        .split("\n")
        .map((line) => `  ${line.trim()}`),
    );
    lines.push("Project-URLs:", ...metadata.projectUrls.map((text) => `  ${text}`));
  }
  if (options.files) {
    const { files } = shown;
    lines.push("Files:", ...(files === undefined ? ["Cannot locate RECORD or installed-files.txt"] : files.map((path) => `  ${path}`)));
  }
  return `${printable(lines.join("\n"))}\n`;
}

function asJson(shown: ShownDistribution, files: boolean): JsonValue {
  const fields = Object.fromEntries(
    fieldsOf(shown).map(([key, value]) => [key.toLowerCase().replaceAll("-", "_").replaceAll(" ", "_"), value]),
  );
  const record = files ? { files: [...(shown.files ?? [])] } : {};
  return { ...fields, requires: [...shown.requires], required_by: [...shown.requiredBy], ...record };
}
