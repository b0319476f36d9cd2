import { pairText } from "../toml/splicing.ts";
import { keyText, valueText } from "../toml/writing.ts";
import type { PipfileSource } from "../pipfile/types.ts";
import type { MigratedEntry, MigratedProject } from "./types.ts";

/** The Pipfile of a project that came from elsewhere, with the comments that it brought. */
export function migratedPipfile(project: MigratedProject, defaultSource: PipfileSource): string {
  const sources = project.usesDefault ? [defaultSource, ...project.sources] : project.sources;
  const names = [
    "packages",
    "dev-packages",
    ...[...project.categories.keys()].filter((name) => !["packages", "dev-packages"].includes(name)),
  ];
  const blocks = [
    ...(project.head.length === 0 ? [] : [project.head]),
    ...sources.map(({ url, verifySsl, name }) => [
      "[[source]]",
      pairText(["url"], url),
      pairText(["verify_ssl"], verifySsl),
      pairText(["name"], name),
    ]),
    ...names.map((name) => [`[${keyText(name)}]`, ...(project.categories.get(name) ?? []).flatMap(entryLines)]),
    ...(project.python === undefined ? [] : [["[requires]", pairText(["python_version"], project.python)]]),
    ...(project.allowPrereleases ? [["[pipenv]", pairText(["allow_prereleases"], true)]] : []),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function entryLines({ name, value, above, behind }: MigratedEntry): string[] {
  return [...above, `${keyText(name)} = ${valueText(value)}${behind === undefined ? "" : `  ${behind}`}`];
}
