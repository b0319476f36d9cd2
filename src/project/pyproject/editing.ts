import { isPenError } from "#foundation";
import { normalizeName, parseRequirement, tryNormalizeName } from "#standards";
import { arrayItems, inlinePairs, tomlLayout, type TomlPair, type TomlRange } from "../toml/layout.ts";
import { isTomlArray, isTomlTable, own, readToml, type TomlTable } from "../toml/reading.ts";
import { addPair, appendSection, pairText, setInline, splice } from "../toml/splicing.ts";
import { addItem, removeItems } from "../toml/lists.ts";
import { keyText, valueText, type WritableToml } from "../toml/writing.ts";
import type { PyprojectEdit, PyprojectPlace } from "./types.ts";

/**
 * The text of a pyproject.toml with changes made to it, one after the other, and every other byte as it was: comments, order, quotes, the lines of
 * lists. A list over several lines gets each new item on a line of its own. Pure. Errors: `INVALID_PROJECT`; `INVALID_REQUIREMENT` and
 * `INVALID_NAME` for what is to be written.
 */
export function editPyproject(text: string, edits: readonly PyprojectEdit[]): string {
  // The layout below is that of a valid document only.
  readPyproject(text);
  let changed = text;
  for (const edit of edits) changed = applyEdit(changed, edit);
  return changed;
}

function applyEdit(text: string, edit: PyprojectEdit): string {
  switch (edit.kind) {
    case "put":
      return put(text, edit);
    case "remove":
      return remove(text, pathOf(text, edit.place), normalizeName(edit.name));
    case "set":
      return setValue(text, ["project", edit.key], edit.value);
  }
}

const readPyproject = (text: string): TomlTable => readToml({ path: "pyproject.toml", text: text.replace(/^\ufeff/, "") });

/** The key that holds a list, under the spelling that it has. */
function pathOf(text: string, place: PyprojectPlace): readonly string[] {
  if (place.kind === "main") return ["project", "dependencies"];
  const path = place.kind === "extra" ? ["project", "optional-dependencies"] : ["dependency-groups"];
  let table = readPyproject(text);
  for (const key of path) {
    const value = own(table, key);
    table = isTomlTable(value) ? value : {};
  }
  const wanted = normalizeName(place.name);
  return [...path, Object.keys(table).find((key) => tryNormalizeName(key) === wanted) ?? place.name];
}

function put(text: string, { place, requirement }: PyprojectEdit & { readonly kind: "put" }): string {
  const path = pathOf(text, place);
  const { name } = parseRequirement(requirement);
  const found = findValue(text, path);
  if (found === undefined) return setValue(text, path, [requirement]);
  const list = text.slice(found.start, found.end);
  const items = itemsOf(list);
  const first = items.findIndex((item) => item.name === name);
  const old = items[first];
  if (old === undefined)
    return splice(text, found, addItem(list, valueText(requirement, list.slice(items[0]?.range.start ?? list.length))));
  // One of several for the same name (with markers of their own) gives its place, the others go.
  const single = removeItems(list, (at) => at > first && items[at]?.name === name);
  const changed = old.text === requirement ? single : splice(single, old.range, valueText(requirement, list.slice(old.range.start)));
  return splice(text, found, changed);
}

function remove(text: string, path: readonly string[], name: string): string {
  const found = findValue(text, path);
  if (found === undefined) return text;
  const list = text.slice(found.start, found.end);
  const items = itemsOf(list);
  return splice(
    text,
    found,
    removeItems(list, (at) => items[at]?.name === name),
  );
}

interface ListItem {
  readonly range: TomlRange;
  /** What it stands for, if that is a text. */
  readonly text: string | undefined;
  /** The package that it names, if it is a requirement. */
  readonly name: string | undefined;
}

/** The items of a list, given by its text. */
function itemsOf(list: string): ListItem[] {
  const { list: values } = readToml({ path: "pyproject.toml", text: `list = ${list}` });
  return arrayItems(list, { start: 0, end: list.length }).map((range, at) => {
    const value = isTomlArray(values) ? values[at] : undefined;
    const text = typeof value === "string" ? value : undefined;
    return { range, text, name: text === undefined ? undefined : nameOf(text) };
  });
}

function nameOf(text: string): string | undefined {
  try {
    return parseRequirement(text).name;
  } catch (error) {
    // What cannot be read is no requirement of that name.
    if (isPenError(error)) return undefined;
    throw error;
  }
}

/** Where the value of a key stands, in whatever form the tables above it are written. */
function findValue(text: string, path: readonly string[]): TomlRange | undefined {
  for (const { kind, path: header, pairs } of tomlLayout(text)) {
    if (kind === "array" || !startsWith(path, header)) continue;
    const found = findIn(text, pairs, path.slice(header.length));
    if (found !== undefined) return found;
  }
  return undefined;
}

function findIn(text: string, pairs: readonly TomlPair[], path: readonly string[]): TomlRange | undefined {
  for (const pair of pairs) {
    if (!startsWith(path, pair.path)) continue;
    if (pair.path.length === path.length) return pair.value;
    if (text[pair.value.start] === "{") return findIn(text, inlinePairs(text, pair.value), path.slice(pair.path.length));
  }
  return undefined;
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.length <= path.length && start.every((part, at) => part === path[at]);
}

function setValue(text: string, path: readonly string[], value: WritableToml): string {
  const found = findValue(text, path);
  if (found !== undefined) return splice(text, found, valueText(value, text.slice(found.start)));
  const table = path.slice(0, -1);
  const sections = tomlLayout(text);
  const home = sections.findIndex(
    ({ kind, path: header }) => kind === "table" && header.length === table.length && startsWith(header, table),
  );
  if (home >= 0) return addPair(text, home, pairText(path.slice(table.length), value));
  // A table that is written with dots or in one line, below the header of one above it.
  for (const [index, section] of sections.entries()) {
    if (section.kind === "array" || !startsWith(table, section.path)) continue;
    const rest = table.slice(section.path.length);
    const inline = findIn(text, section.pairs, rest);
    if (rest.length > 0 && inline !== undefined)
      return splice(text, inline, setInline(text.slice(inline.start, inline.end), path.at(-1) ?? "", value));
    if (section.pairs.some((pair) => startsWith(pair.path, rest) && rest.length > 0))
      return addPair(text, index, pairText(path.slice(section.path.length), value));
  }
  return appendSection(text, [`[${table.map(keyText).join(".")}]`, pairText(path.slice(table.length), value)]);
}
