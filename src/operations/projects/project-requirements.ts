import { PenError } from "#foundation";
import type { PipfileLockEntry } from "#lock";
import type { PipfileEntry, PipfileSource } from "#project";
import { markerText, specifiersText } from "#standards";
import type { OperationOptions } from "../context.ts";
import { lockCategory, openProject, pipfileCategory, type Project } from "./project.ts";

export interface ProjectRequirementsOptions extends OperationOptions {
  /** Of these categories; default `packages`. Earlier ones give way to later ones with the same package. */
  readonly categories?: readonly string[] | undefined;
  readonly hashes?: boolean | undefined;
  readonly markers?: boolean | undefined;
  readonly indexes?: boolean | undefined;
  /** Only what the Pipfile itself names. */
  readonly named?: boolean | undefined;
  /** The versions that the Pipfile asks for instead of those that are locked. */
  readonly unlocked?: boolean | undefined;
  /** Stands in for the first source. */
  readonly mirror?: string | undefined;
}

/**
 * A project as lines of a requirements file, as `pipenv requirements` prints them: variables in the URLs of indexes are never filled in. Errors: `INVALID_PROJECT`,
 * `INVALID_LOCK` where there is no lock.
 */
export function requirementsOfProject(options: ProjectRequirementsOptions = {}): string[] {
  const project = openProject(options);
  const categories = (options.categories ?? ["packages"]).map(pipfileCategory);
  const lines = options.indexes === false ? [] : sourceLines(project, options.mirror);
  const found = new Map<string, string>();
  const put = (name: string, line: string): void => {
    found.set(name, line);
  };
  if (options.unlocked === true) {
    for (const category of categories)
      for (const entry of project.pipfile.categories.get(category) ?? []) put(entry.name, writtenLine(entry, options.markers !== false));
  } else {
    const lock = project.readLock();
    if (lock === undefined) throw new PenError("INVALID_LOCK", "Pipfile.lock not found", { hint: "Make it: pen lock" });
    for (const category of categories) {
      const named = new Set((project.pipfile.categories.get(category) ?? []).map(({ name }) => name));
      for (const entry of lock.categories.get(lockCategory(category)) ?? [])
        if (options.named !== true || named.has(entry.name)) put(entry.name, lockedLine(entry, options));
    }
  }
  return [...lines, ...found.values()];
}

function sourceLines({ sources }: Project, mirror: string | undefined): string[] {
  const written: readonly Pick<PipfileSource, "url">[] = mirror === undefined ? sources : [{ url: mirror }, ...sources.slice(1)];
  // pip fills in `${NAME}` alone.
  return written.map(({ url }, at) => `${at === 0 ? "-i" : "--extra-index-url"} ${url.replace(/\$([A-Za-z_][A-Za-z0-9_]*)/g, "${$1}")}`);
}

const extrasText = (extras: readonly string[]): string => (extras.length === 0 ? "" : `[${extras.join(",")}]`);

/** A lock may name one extra in several spellings. */
function writtenExtras({ raw, extras }: PipfileLockEntry): readonly string[] {
  const written = raw["extras"];
  return Array.isArray(written) ? written.filter((one) => typeof one === "string") : extras;
}

function lockedLine(entry: PipfileLockEntry, { hashes, markers }: ProjectRequirementsOptions): string {
  const marker = markers === false || entry.markerText === undefined ? "" : `; ${entry.markerText}`;
  const place = placeLine(entry);
  if (place !== undefined) return entry.origin.kind === "vcs" ? place : `${place}${marker}`;
  const version = entry.version === undefined ? "" : `==${entry.version}`;
  const promised = hashes === true ? entry.hashes.map((hash) => ` --hash=${hash}`).join("") : "";
  return `${entry.key}${extrasText(writtenExtras(entry))}${version}${marker}${promised}`;
}

function writtenLine(entry: PipfileEntry, markers: boolean): string {
  const marker = markers && entry.marker !== undefined ? `; ${markerText(entry.marker)}` : "";
  const place = placeLine(entry);
  if (place !== undefined) return entry.origin.kind === "vcs" ? place : `${place}${marker}`;
  return `${entry.key}${extrasText(entry.extras)}${specifiersText(entry.specifiers)}${marker}`;
}

/** The line of a folder, an archive or a repository; undefined for what an index has. */
function placeLine({
  key,
  origin,
  extras,
  editable,
}: Pick<PipfileLockEntry, "key" | "origin" | "extras" | "editable">): string | undefined {
  const start = editable ? "-e " : "";
  switch (origin.kind) {
    case "index":
      return undefined;
    case "path":
      return `${start}${origin.path}${extrasText(extras)}`;
    case "file":
      return `${start}${origin.url}`;
    case "vcs": {
      const ref = origin.ref === undefined ? "" : `@${origin.ref}`;
      const url = `${origin.vcs}+${origin.url}${ref}`;
      const subdirectory = origin.subdirectory === undefined ? "" : `subdirectory=${origin.subdirectory}`;
      if (!editable) return `${key}${extrasText(extras)} @ ${url}${subdirectory === "" ? "" : `#${subdirectory}`}`;
      return `-e ${url}#egg=${key}${extrasText(extras)}${subdirectory === "" ? "" : `&${subdirectory}`}`;
    }
  }
}
