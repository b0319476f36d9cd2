import { markerText, specifiersText } from "#standards";
import type { PipfileOrigin, PipfileTable } from "../pipfile/types.ts";
import { parsePyproject } from "../pyproject/reading.ts";
import type { Pyproject, PyprojectGroup, PyprojectPlace, PyprojectRequirement } from "../pyproject/types.ts";
import { CommentedLines } from "./comments.ts";
import { shownPath, sourceOf } from "./places.ts";
import type { MigratedEntry, MigratedProject } from "./types.ts";

/** Whose project a pyproject.toml describes; undefined where it says nothing of dependencies. Errors: INVALID_PROJECT. */
export function pyprojectKind(text: string, path: string): "poetry" | "standard" | undefined {
  const { groups } = parsePyproject(text, path);
  const filled = groups.filter(({ requirements }) => requirements.length > 0);
  if (filled.some(({ from }) => from === "poetry")) return "poetry";
  return filled.length > 0 ? "standard" : undefined;
}

/**
 * The project of a pyproject.toml, whoever's tables describe it: the dependencies become `[packages]`, the group `dev` `[dev-packages]`, other
 * groups and extras categories of their name. Errors: INVALID_PROJECT.
 */
export function migratePyproject(text: string, path: string): MigratedProject {
  const project = parsePyproject(text, path);
  const notes = project.warnings.map(({ message, line }) => `${path}, line ${line}: ${message}`);
  const comments = new CommentedLines(text);
  const categories = new Map<string, MigratedEntry[]>();
  for (const group of project.groups) {
    const name = categoryOf(group.place);
    const entries = categories.get(name) ?? [];
    categories.set(name, entries);
    for (const requirement of group.requirements) {
      if (entries.some((entry) => entry.name === requirement.requirement.rawName))
        notes.push(`${requirement.requirement.rawName} is named twice; a Pipfile has one entry for each name, and the first was taken.`);
      else entries.push(entryOf(requirement, comments.takeBeside(lineOf(text, group, requirement))));
    }
  }
  if (/^\[(?:project|tool\.poetry)\.scripts\]/m.test(text)) notes.push("Entry points of the project itself stay in pyproject.toml.");
  const python = project.requiresPython === undefined ? "" : specifiersText(project.requiresPython);
  return {
    head: [],
    ...sourcesOf(project, notes),
    categories,
    python: python === "" ? undefined : python,
    allowPrereleases: project.groups.some(({ requirements }) => requirements.some(({ prereleases }) => prereleases)),
    notes,
  };
}

function categoryOf(place: PyprojectPlace): string {
  if (place.kind === "main") return "packages";
  return place.kind === "group" && place.name === "dev" ? "dev-packages" : place.name;
}

/** In the lists of the standards the line is that of the list. */
function lineOf(text: string, group: PyprojectGroup, { requirement, line }: PyprojectRequirement): number {
  if (group.from === "poetry") return line;
  const lines = text.split("\n");
  const found = lines.findIndex(
    (one, at) => at >= line - 1 && new RegExp(`["']${requirement.rawName.replace(/[.]/g, "\\$&")}(?![\\w.-])`).test(one),
  );
  return found < 0 ? line : found + 1;
}

function entryOf(given: PyprojectRequirement, beside: Pick<MigratedEntry, "above" | "behind">): MigratedEntry {
  const { rawName, extras, marker, specifiers } = given.requirement;
  const version = specifiersText(specifiers) || "*";
  const place = placeOf(given.origin);
  const more: PipfileTable = {
    ...(extras.length === 0 ? {} : { extras }),
    ...(marker === undefined ? {} : { markers: markerText(marker) }),
    ...(given.index === undefined ? {} : { index: given.index }),
    ...(given.editable ? { editable: true } : {}),
  };
  const value = place === undefined ? (Object.keys(more).length === 0 ? version : { version, ...more }) : { ...place, ...more };
  return { name: rawName, value, ...beside };
}

function placeOf(origin: PipfileOrigin): PipfileTable | undefined {
  if (origin.kind === "index") return undefined;
  if (origin.kind === "path") return { path: shownPath(origin.path) };
  if (origin.kind === "file") return { file: origin.url };
  return {
    [origin.vcs]: origin.url,
    ...(origin.ref === undefined ? {} : { ref: origin.ref }),
    ...(origin.subdirectory === undefined ? {} : { subdirectory: origin.subdirectory }),
  };
}

/** Without an index that takes its place the default one is asked first. */
function sourcesOf({ indexes }: Pyproject, notes: string[]): Pick<MigratedProject, "sources" | "usesDefault"> {
  const taken = new Set<string>();
  const sources = [...indexes]
    .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
    .map(({ url, name }) => {
      const { source, variables } = sourceOf(url, { name, taken });
      taken.add(source.name);
      if (variables.length > 0) notes.push(`The login of the source ${source.name} is not written down: set ${variables.join(" and ")}.`);
      return source;
    });
  return { sources, usesDefault: !indexes.some(({ isDefault }) => isDefault) };
}
