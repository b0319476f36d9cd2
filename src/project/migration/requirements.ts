import { PenError, printableLine, dirname, resolve } from "#foundation";
import {
  andSpecifiers,
  markerText,
  normalizeName,
  parseMarker,
  specifiersText,
  tryNormalizeName,
  type NormalizedName,
  type Requirement,
} from "#standards";
import type { PipfileSource, PipfileTable } from "../pipfile/types.ts";
import { parseRequirementsText } from "../requirements-file/parse.ts";
import type { FileOptions, RequirementEntry } from "../requirements-file/types.ts";
import { CommentedLines } from "./comments.ts";
import { defaultSourceName, placedPackage, sourceOf } from "./places.ts";
import type { MigratedEntry, MigratedProject } from "./types.ts";

/** A requirements file that becomes a category. */
export interface RequirementsInput {
  /** Absolute. */
  readonly path: string;
  readonly category: string;
}

export interface RequirementsMigration {
  /** The folder of the Pipfile. */
  readonly folder: string;
  /** The text of a file; undefined when there is none. */
  readonly read: (path: string) => string | undefined;
  /** The name of the project in a folder, where its files say it. */
  readonly nameOf: (folder: string) => string | undefined;
  /** True for a URL of the default index, whose source has its own name. */
  readonly isDefaultIndex: (url: string) => boolean;
}

/**
 * The project that requirements files describe: every file a category, with the files that it includes (but those that are categories of their
 * own). Variables stay as they are written, comments go along. Errors: REQUIREMENTS_FILE, INVALID_REQUIREMENT.
 */
export function migrateRequirements(inputs: readonly RequirementsInput[], migration: RequirementsMigration): MigratedProject {
  const reader = new Reader(inputs, migration);
  for (const input of inputs) reader.file(input.path, input.category);
  return reader.project();
}

type Found = { -readonly [Key in keyof MigratedEntry]: MigratedEntry[Key] } & {
  readonly normal: NormalizedName;
  readonly named: Requirement | undefined;
};

class Reader {
  readonly #inputs: ReadonlySet<string>;
  readonly #migration: RequirementsMigration;
  readonly #categories = new Map<string, Map<NormalizedName, Found>>();
  readonly #constraints: Array<{ readonly entry: RequirementEntry; readonly file: string }> = [];
  readonly #head: string[] = [];
  readonly #notes: string[] = [];
  readonly #seen = new Set<string>();
  readonly #options: Array<Partial<FileOptions>> = [];

  constructor(inputs: readonly RequirementsInput[], migration: RequirementsMigration) {
    this.#inputs = new Set(inputs.map(({ path }) => path));
    this.#migration = migration;
  }

  file(path: string, category: string): void {
    // A file that includes itself, or is included twice.
    if (this.#seen.has(`${category} ${path}`)) return;
    this.#seen.add(`${category} ${path}`);
    const text = this.#migration.read(path);
    if (text === undefined) throw new PenError("REQUIREMENTS_FILE", `There is no requirements file ${printableLine(path)}`);
    const entries = this.#categories.get(category) ?? new Map<NormalizedName, Found>();
    this.#categories.set(category, entries);
    const comments = new CommentedLines(text);
    for (const line of parseRequirementsText(text, { file: path, folder: this.#migration.folder, variables: {} })) {
      if (line.kind === "option") this.#options.push(line.option);
      else if (line.kind === "include" && line.constraint) this.#constrain(resolve(dirname(path), line.place));
      else if (line.kind === "include") this.#include(resolve(dirname(path), line.place), category);
      else this.#add(entries, line.entry, comments.take(line.entry.origin.line));
    }
    this.#head.push(...comments.rest());
  }

  #include(path: string, category: string): void {
    if (!this.#inputs.has(path)) this.file(path, category);
  }

  #constrain(path: string): void {
    const text = this.#migration.read(path);
    if (text === undefined) throw new PenError("REQUIREMENTS_FILE", `There is no constraints file ${printableLine(path)}`);
    for (const line of parseRequirementsText(text, { file: path, folder: this.#migration.folder, variables: {} }))
      if (line.kind === "requirement") this.#constraints.push({ entry: line.entry, file: path });
      else if (line.kind === "include") this.#constrain(resolve(dirname(path), line.place));
  }

  #add(entries: Map<NormalizedName, Found>, entry: RequirementEntry, comments: Pick<MigratedEntry, "above" | "behind">): void {
    const { name, value } = valueOf(entry, this.#migration);
    const normal = normalizeName(name);
    if (entry.buildOptions.length > 0) this.#notes.push(`${name}: the options ${entry.buildOptions.join(" ")} are left out.`);
    if (entries.has(normal)) {
      this.#notes.push(
        `${name} is named twice; a Pipfile has one entry for each name, and the first was taken (${entry.origin.file}, line ${entry.origin.line}).`,
      );
      return;
    }
    entries.set(normal, { name, value, ...comments, normal, named: entry.source.kind === "named" ? entry.source.requirement : undefined });
  }

  project(): MigratedProject {
    this.#applyConstraints();
    const all = this.#all();
    for (const { noBinary } of this.#options)
      for (const name of noBinary ?? []) {
        const found = all.filter(({ normal }) => normal === tryNormalizeName(name));
        for (const one of found) one.value = { ...(typeof one.value === "string" ? { version: one.value } : one.value), no_binary: true };
        if (found.length === 0) this.#notes.push(`--no-binary ${name} has no place in a Pipfile.`);
      }
    return {
      head: this.#head,
      sources: this.#sources(),
      usesDefault: !this.#options.some(({ indexUrl }) => indexUrl !== undefined),
      categories: new Map([...this.#categories].map(([name, entries]) => [name, [...entries.values()].map(withoutNames)])),
      python: undefined,
      allowPrereleases: this.#options.some(({ prereleases }) => prereleases === true),
      notes: this.#notes,
    };
  }

  #all(): Found[] {
    return [...this.#categories.values()].flatMap((entries) => [...entries.values()]);
  }

  /** A Pipfile bounds only what it names itself. */
  #applyConstraints(): void {
    const all = this.#all();
    for (const { entry, file } of this.#constraints) {
      if (entry.source.kind !== "named") continue;
      const { name, specifiers, marker } = entry.source.requirement;
      const found = all.filter((one) => one.normal === name && one.named !== undefined && marker === undefined);
      if (found.length === 0)
        this.#notes.push(
          `${name}${specifiersText(specifiers)} (${file}) bounds a package that the project does not name: a Pipfile has no constraints. Add it to [packages] if it must hold.`,
        );
      for (const one of found) {
        const version = specifiersText(andSpecifiers(one.named?.specifiers ?? specifiers, specifiers)) || "*";
        one.value = typeof one.value === "string" ? version : { ...one.value, version };
      }
    }
  }

  #sources(): PipfileSource[] {
    const taken = new Set<string>([defaultSourceName]);
    const isDefault = this.#migration.isDefaultIndex;
    const options = this.#options;
    const main = options.findLast(({ indexUrl }) => indexUrl !== undefined)?.indexUrl;
    const extra = options.flatMap(({ extraIndexUrls }) => extraIndexUrls ?? []);
    const trusted = options.flatMap(({ trustedHosts }) => trustedHosts ?? []);
    const links = options.flatMap(({ findLinks }) => findLinks ?? []);
    for (const place of links) this.#notes.push(`--find-links ${place} has no place in a Pipfile; pass it with PIP_FIND_LINKS.`);
    if (extra.length > 0)
      this.#notes.push(
        'Every package is looked for on the first source only. What stands on another one needs index = "NAME" in its entry.',
      );
    return [...new Set([...(main === undefined ? [] : [main]), ...extra])].map((url) => {
      if (isDefault(url)) return { name: defaultSourceName, url, verifySsl: true };
      const verifySsl = !trusted.some((host) => url.includes(`//${host}`) || url.includes(`@${host}`));
      const { source, variables } = sourceOf(url, { verifySsl, taken });
      taken.add(source.name);
      if (variables.length > 0)
        this.#notes.push(`The login of the source ${source.name} is not written down: set ${variables.join(" and ")}.`);
      return source;
    });
  }
}

const withoutNames = ({ name, value, above, behind }: Found): MigratedEntry => ({ name, value, above, behind });

function valueOf(
  entry: RequirementEntry,
  { folder, nameOf }: RequirementsMigration,
): { readonly name: string; readonly value: string | PipfileTable } {
  const { source, editable } = entry;
  const hashes = entry.hashes.length === 0 ? {} : { hashes: entry.hashes };
  if (source.kind === "location") {
    const isPath = source.location.startsWith("/");
    const { name, table } = placedPackage(source.location, { folder, editable, name: isPath ? nameOf(source.location) : undefined });
    const extras = source.extras.length === 0 ? {} : { extras: source.extras };
    const markers = source.marker === undefined ? {} : { markers: markerText(parseMarker(source.marker)) };
    return { name, value: { ...table, ...extras, ...markers, ...hashes } };
  }
  const { rawName, extras, marker, url, specifiers } = source.requirement;
  const more = {
    ...(extras.length === 0 ? {} : { extras }),
    ...(marker === undefined ? {} : { markers: markerText(marker) }),
    ...hashes,
  };
  if (url !== undefined) return { name: rawName, value: { ...placedPackage(url, { folder, editable, name: rawName }).table, ...more } };
  const version = specifiersText(specifiers) || "*";
  return { name: rawName, value: Object.keys(more).length === 0 ? version : { version, ...more } };
}
