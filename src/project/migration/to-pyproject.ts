import { markerText, normalizeName, specifiersText } from "#standards";
import { PenError, printableLine } from "#foundation";
import type { Pipfile, PipfileEntry, PipfileSource } from "../pipfile/types.ts";
import { tomlLayout, type TomlPair, type TomlSection } from "../toml/layout.ts";
import { addPair, appendSection, newlineOf, pairText, splice } from "../toml/splicing.ts";
import { keyText, valueText, type WritableToml } from "../toml/writing.ts";
import { CommentedLines } from "./comments.ts";

export interface PyprojectMigration {
  /** The name of the project where the file does not give it. */
  readonly name: string;
  /** The text of the present pyproject.toml. */
  readonly present: string | undefined;
  /** Replace what is there. */
  readonly force: boolean;
  /** The source that stands for the default index, by which nothing needs to be said. */
  readonly isDefaultSource: (source: PipfileSource) => boolean;
}

/**
 * The project of a Pipfile as `[project]` (PEP 621) and `[dependency-groups]` (PEP 735), and where these have no words for it (folders, indexes) as
 * `[tool.uv]`. What the file has already stays, byte by byte. Errors: INVALID_PROJECT when it has a key that would have to be replaced.
 */
export function pipfileToPyproject(
  pipfile: Pipfile,
  migration: PyprojectMigration,
): { readonly text: string; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const file = new Writer(migration);
  const [first, ...further] = pipfile.sources;
  // The index that uv asks anyway needs no word; another one in its place needs one, and then all do.
  const indexes = first === undefined || migration.isDefaultSource(first) ? further : pipfile.sources;
  if (!file.has(["project"])) file.set(["project", "name"], valueText(normalizeName(migration.name)));
  if (!file.has(["project", "version"]) && !file.declaresDynamic("version")) file.set(["project", "version"], valueText("0.1.0"));
  const python = specifiersText(pipfile.requires.specifiers);
  if (python !== "" && (migration.force || !file.has(["project", "requires-python"])))
    file.replace(["project", "requires-python"], valueText(python));
  const comments = new CommentedLines(pipfile.text);
  const places: Array<readonly [string, WritableToml]> = [];
  for (const [category, entries] of pipfile.categories) {
    const list = listText(entries, { comments, notes, newline: newlineOf(migration.present ?? "\n") });
    places.push(...entries.flatMap((entry) => uvSource(entry)));
    if (category === "packages") file.replace(["project", "dependencies"], list);
    else if (category !== "dev-packages" || entries.length > 0)
      file.replace(["dependency-groups", category === "dev-packages" ? "dev" : category], list);
  }
  for (const [name, value] of new Map(places)) file.replace(["tool", "uv", "sources", name], valueText(value));
  for (const source of indexes) {
    file.append([
      "[[tool.uv.index]]",
      pairText(["name"], source.name),
      pairText(["url"], source.url),
      ...(source === first ? ["default = true"] : []),
    ]);
    if (!source.verifySsl)
      notes.push(`The source ${source.name} is asked without checking certificates: name its host in the allow-insecure-host of uv.`);
    if (source.url.includes("$"))
      notes.push(`The URL of the source ${source.name} holds variables, which pyproject.toml does not fill in.`);
  }
  if (pipfile.scripts.size > 0) notes.push("[scripts] have no place in pyproject.toml, and stay in the Pipfile.");
  return { text: file.text, notes };
}

interface ListContext {
  readonly comments: CommentedLines;
  readonly notes: string[];
  readonly newline: string;
}

/** One requirement on a line, with its comments. */
function listText(entries: readonly PipfileEntry[], { comments, notes, newline }: ListContext): string {
  if (entries.length === 0) return "[]";
  const lines = entries.flatMap((entry) => {
    const { above, behind } = comments.takeBeside(entry.line);
    if (entry.hashes.length > 0) notes.push(`${entry.key}: hashes belong into the lock, and are left out.`);
    if (entry.noBinary) notes.push(`${entry.key}: no_binary has no place: set no-binary-package of uv.`);
    return [...above, `${valueText(requirementOf(entry))},${behind === undefined ? "" : `  ${behind}`}`];
  });
  return `[${newline}${lines.map((line) => `    ${line}${newline}`).join("")}]`;
}

function requirementOf(entry: PipfileEntry): string {
  const extras = entry.extras.length === 0 ? "" : `[${entry.extras.join(",")}]`;
  const marker = entry.marker === undefined ? "" : `; ${markerText(entry.marker)}`;
  const { origin } = entry;
  if (origin.kind === "vcs") {
    const ref = origin.ref === undefined ? "" : `@${origin.ref}`;
    const inside = origin.subdirectory === undefined ? "" : `#subdirectory=${origin.subdirectory}`;
    return `${entry.key}${extras} @ ${origin.vcs}+${origin.url}${ref}${inside}${marker === "" ? "" : ` ${marker}`}`;
  }
  if (origin.kind === "file" && /^[a-z][a-z0-9+.-]*:\/\//i.test(origin.url))
    return `${entry.key}${extras} @ ${origin.url}${marker === "" ? "" : ` ${marker}`}`;
  return `${entry.key}${extras}${specifiersText(entry.specifiers)}${marker}`;
}

/** What PEP 508 has no words for: folders that move along with the project, and the index of one package. */
function uvSource(entry: PipfileEntry): Array<readonly [string, WritableToml]> {
  const { origin } = entry;
  if (origin.kind === "path") return [[entry.key, { path: origin.path, ...(entry.editable ? { editable: true } : {}) }]];
  if (origin.kind === "file" && !/^[a-z][a-z0-9+.-]*:\/\//i.test(origin.url)) return [[entry.key, { path: origin.url }]];
  return origin.kind === "index" && entry.index !== undefined ? [[entry.key, { index: entry.index }]] : [];
}

/** Puts keys into a document that may have them. */
class Writer {
  text: string;
  readonly #force: boolean;

  constructor({ present, force }: PyprojectMigration) {
    this.text = present ?? "";
    this.#force = force;
  }

  has(path: readonly string[]): boolean {
    const wanted = JSON.stringify(path);
    return tomlLayout(this.text).some(
      (section) =>
        JSON.stringify(section.path) === wanted || section.pairs.some((pair) => JSON.stringify([...section.path, ...pair.path]) === wanted),
    );
  }

  declaresDynamic(field: string): boolean {
    const found = this.#find(["project", "dynamic"]);
    return found !== undefined && this.text.slice(found.value.start, found.value.end).includes(`"${field}"`);
  }

  /** `value` is the text of a value. */
  set(path: readonly string[], value: string): void {
    const [table, key] = [path.slice(0, -1), path.at(-1) ?? ""];
    const line = `${keyText(key)} = ${value}`;
    const at = tomlLayout(this.text).findIndex(
      (section) => section.kind === "table" && JSON.stringify(section.path) === JSON.stringify(table),
    );
    this.text = at < 0 ? appendSection(this.text, [`[${table.map(keyText).join(".")}]`, line]) : addPair(this.text, at, line);
  }

  replace(path: readonly string[], value: string): void {
    const found = this.#find(path);
    if (found === undefined) return this.set(path, value);
    if (this.text.slice(found.value.start, found.value.end) === value) return;
    if (!this.#force)
      throw new PenError("INVALID_PROJECT", `pyproject.toml has ${printableLine(path.join("."))} already`, {
        why: "pen overwrites nothing that it was not told to.",
        hint: "Look at what would be written (--dry-run), then replace it with --force.",
      });
    this.text = splice(this.text, found.value, value);
  }

  append(lines: readonly string[]): void {
    if (!this.text.includes(lines.slice(0, 2).join("\n"))) this.text = appendSection(this.text, lines);
  }

  #find(path: readonly string[]): TomlPair | undefined {
    const wanted = JSON.stringify(path);
    const named = (section: TomlSection): TomlPair[] =>
      section.pairs.filter((pair) => JSON.stringify([...section.path, ...pair.path]) === wanted);
    return tomlLayout(this.text).flatMap(named)[0];
  }
}
