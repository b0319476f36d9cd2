import { normalizeName, tryNormalizeName } from "#standards";
import { inlinePairs, tomlLayout, type TomlPair, type TomlSection } from "../toml/layout.ts";
import { isTomlTable, own, readToml, type TomlTable, type TomlValue } from "../toml/reading.ts";
import {
  addPair,
  appendSection,
  insertLines,
  insertSection,
  lineEnd,
  lineStart,
  newlineOf,
  pairText,
  removeInline,
  removeLines,
  setInline,
  splice,
} from "../toml/splicing.ts";
import { keyText, valueText, type WritableToml } from "../toml/writing.ts";
import { sortCategory } from "./sorting.ts";
import type { PipfileEdit, PipfileSource, PipfileTable } from "./types.ts";

/**
 * The text with changes made to it, one after the other, and every other byte as it was: comments, order, quotes, blank lines, line ends. Where
 * pipenv's writer keeps all that too, the bytes are those that it writes. What an edit changed ends with a newline and has both `[packages]` and
 * `[dev-packages]`; with `sort_pipfile` the category is sorted. Pure; nothing is checked but that the text is TOML. Errors: `INVALID_PROJECT`,
 * `INVALID_NAME`.
 */
export function editPipfile(text: string, edits: readonly PipfileEdit[]): string {
  let changed = text;
  for (const edit of edits) changed = applyEdit(changed, edit);
  if (changed === text) return text;
  for (const category of ["packages", "dev-packages"])
    if (!hasTable(changed, category)) changed = appendSection(changed, [`[${category}]`]);
  return changed.endsWith("\n") ? changed : changed + newlineOf(changed);
}

function applyEdit(text: string, edit: PipfileEdit): string {
  switch (edit.kind) {
    case "put":
      return sorted(put(text, edit), text, edit.category);
    case "remove":
      return sorted(remove(text, edit), text, edit.category);
    case "clear":
      return clear(text, edit.category);
    case "add-source":
      return addSource(text, edit.source);
    case "set":
      return setKey(text, [edit.table, edit.key], edit.value);
  }
}

function sorted(text: string, before: string, category: string): string {
  if (text === before) return text;
  const settings = own(document(text), "pipenv");
  return isTomlTable(settings) && own(settings, "sort_pipfile") === true ? sortCategory(text, category) : text;
}

function document(text: string): TomlTable {
  return readToml({ path: "Pipfile", text: text.replace(/^\ufeff/, "") });
}

function hasTable(text: string, name: string): boolean {
  return own(document(text), name) !== undefined;
}

/** Where an entry is written: as a pair, as several dotted pairs, or as a table of its own; in a section or in an inline table. */
interface FoundEntry {
  readonly key: string;
  readonly value: TomlValue;
}

function find(text: string, category: string, name: string): FoundEntry | undefined {
  const table = own(document(text), category);
  if (!isTomlTable(table)) return undefined;
  const wanted = normalizeName(name);
  const key = Object.keys(table).find((one) => tryNormalizeName(one) === wanted);
  const value = key === undefined ? undefined : own(table, key);
  return key === undefined || value === undefined ? undefined : { key, value };
}

function put(text: string, edit: PipfileEdit & { readonly kind: "put" }): string {
  const found = find(text, edit.category, edit.name);
  if (found === undefined) return setKey(text, [edit.category, normalizeName(edit.name)], edit.value);
  return sameValue(found.value, edit.value) ? text : setKey(text, [edit.category, found.key], edit.value);
}

function remove(text: string, edit: PipfileEdit & { readonly kind: "remove" }): string {
  const found = find(text, edit.category, edit.name);
  return found === undefined ? text : removeKey(text, [edit.category, found.key]);
}

function clear(text: string, category: string): string {
  const table = own(document(text), category);
  if (!isTomlTable(table)) return text;
  let changed = text;
  for (const key of Object.keys(table)) changed = removeKey(changed, [category, key]);
  // A category that had no header of its own is gone with its last entry.
  return hasTable(changed, category) ? changed : appendSection(changed, [`[${keyText(category)}]`]);
}

function addSource(text: string, source: PipfileSource): string {
  const sections = tomlLayout(text);
  const last = sections.findLastIndex(({ kind, path }) => kind === "array" && path.length === 1 && path[0] === "source");
  const lines = ["[[source]]", pairText(["url"], source.url), pairText(["verify_ssl"], source.verifySsl), pairText(["name"], source.name)];
  return last < 0 ? appendSection(text, lines) : insertSection(text, last, lines);
}

type KeyPath = readonly [table: string, key: string];

/** Sets one key of a table of the document, in the form that it has; a missing table is made at the end. */
function setKey(text: string, path: KeyPath, value: WritableToml): string {
  const sections = tomlLayout(text);
  const spots = spotsOf(text, sections, path);
  const [first] = spots;
  if (first === undefined) return addKey(text, sections, { path, value });
  if (first.kind === "pair") {
    const old = text.slice(first.pair.value.start, first.pair.value.end);
    return splice(text, first.pair.value, replaced(old, value));
  }
  if (first.kind === "inline")
    return splice(text, first.table.value, setInline(text.slice(first.table.value.start, first.table.value.end), path[1], value));
  if (typeof value === "object" && !Array.isArray(value)) return setMembers(text, path, value as PipfileTable);
  if (first.kind === "section") {
    const rest = removeKey(text, path);
    return addKey(rest, tomlLayout(rest), { path, value });
  }
  // Dotted keys become one line, where the first of them stands.
  const key = first.pair.path.slice(0, first.depth);
  const rest = removeSpots(text, spots.slice(1), path[1]);
  return splice(rest, { start: first.pair.key.start, end: first.pair.value.end }, pairText(key, value));
}

/** The text of a value in place of another; an inline table keeps those of its members that stay. */
function replaced(old: string, value: WritableToml): string {
  if (!old.startsWith("{") || typeof value !== "object" || Array.isArray(value)) return valueText(value, old);
  let table = old;
  const members = value as PipfileTable;
  const now = own(readToml({ path: "Pipfile", text: `value = ${old}` }), "value");
  // What is new first: a table that is never empty keeps its comments.
  for (const [key, member] of Object.entries(members)) {
    const was = isTomlTable(now) ? own(now, key) : undefined;
    if (member !== undefined && (was === undefined || !sameValue(was, member))) table = setInline(table, key, member);
  }
  for (const key of isTomlTable(now) ? Object.keys(now) : []) if (members[key] === undefined) table = removeInline(table, key);
  return table;
}

/** An entry that is written as a table of its own or as dotted pairs keeps that form. */
function setMembers(text: string, path: KeyPath, members: PipfileTable): string {
  let changed = text;
  const current = (): readonly MemberSpot[] => spotsOf(changed, tomlLayout(changed), path).flatMap(membersOf);
  for (const { name } of current()) {
    const spot = current().find((one) => one.name === name);
    if (spot !== undefined && members[name] === undefined)
      changed = removeLines(changed, { start: spot.pair.key.start, end: spot.pair.value.end });
  }
  for (const [name, member] of Object.entries(members)) {
    if (member === undefined) continue;
    const spots = current();
    const spot = spots.find((one) => one.name === name);
    if (spot !== undefined) {
      const old = changed.slice(spot.pair.value.start, spot.pair.value.end);
      changed = splice(changed, spot.pair.value, replaced(old, member));
      continue;
    }
    const last = spots.at(-1);
    const section = tomlLayout(changed).findIndex((one) => one.path.length === 2 && one.path[0] === path[0] && one.path[1] === path[1]);
    if (section >= 0) changed = addPair(changed, section, pairText([name], member));
    else if (last === undefined) changed = addKey(changed, tomlLayout(changed), { path, value: { [name]: member } });
    else changed = insertLines(changed, lineEnd(changed, last.pair.value.end), [pairText([...last.before, name], member)]);
  }
  return changed;
}

interface MemberSpot {
  readonly name: string;
  /** The parts of its key before the name. */
  readonly before: readonly string[];
  readonly pair: TomlPair;
}

function membersOf(spot: Spot): MemberSpot[] {
  if (spot.kind === "dotted") return [{ name: spot.pair.path.at(-1) ?? "", before: spot.pair.path.slice(0, -1), pair: spot.pair }];
  if (spot.kind === "section") return spot.section.pairs.map((pair) => ({ name: pair.path[0] ?? "", before: [], pair }));
  return [];
}

interface NewKey {
  readonly path: KeyPath;
  readonly value: WritableToml;
}

function addKey(text: string, sections: readonly TomlSection[], { path: [table, key], value }: NewKey): string {
  const section = sections.findIndex(({ kind, path }) => kind === "table" && path.length === 1 && path[0] === table);
  if (section >= 0) return addPair(text, section, pairText([key], value));
  const root = sections[0]?.pairs ?? [];
  const inline = root.find((pair) => pair.path.length === 1 && pair.path[0] === table && text[pair.value.start] === "{");
  if (inline !== undefined) return splice(text, inline.value, setInline(text.slice(inline.value.start, inline.value.end), key, value));
  const dotted = root.findLast((pair) => pair.path.length > 1 && pair.path[0] === table);
  if (dotted !== undefined) return insertLines(text, lineEnd(text, dotted.value.end), [pairText([table, key], value)]);
  const lines = [`[${keyText(table)}]`, pairText([key], value)];
  // A table that is known by its sub-tables alone: its own header goes above them.
  const below = sections.find(({ kind, path }) => kind === "table" && path.length > 1 && path[0] === table);
  return below === undefined ? appendSection(text, lines) : insertLines(text, lineStart(text, below.header.start), [...lines, ""]);
}

type Spot =
  | { readonly kind: "pair"; readonly start: number; readonly pair: TomlPair }
  | { readonly kind: "dotted"; readonly start: number; readonly pair: TomlPair; readonly depth: number }
  | { readonly kind: "section"; readonly start: number; readonly section: TomlSection }
  | { readonly kind: "inline"; readonly start: number; readonly table: TomlPair };

/** All the places where a key of a table is written. */
function spotsOf(text: string, sections: readonly TomlSection[], [table, key]: KeyPath): Spot[] {
  return sections.flatMap((section): Spot[] => {
    const { kind, path, pairs, header } = section;
    if (kind === "table" && path.length === 2 && path[0] === table && path[1] === key)
      return [{ kind: "section", start: header.start, section }];
    const depth = kind === "root" ? 2 : kind === "table" && path.length === 1 && path[0] === table ? 1 : 0;
    if (depth === 0) return [];
    return pairs.flatMap((pair): Spot[] => {
      const start = pair.key.start;
      if (depth === 2 && pair.path[0] !== table) return [];
      if (depth === 2 && pair.path.length === 1) {
        const isIn = text[pair.value.start] === "{" && inlinePairs(text, pair.value).some((inner) => inner.path[0] === key);
        return isIn ? [{ kind: "inline", start, table: pair }] : [];
      }
      if (pair.path[depth - 1] !== key) return [];
      return [pair.path.length === depth ? { kind: "pair", start, pair } : { kind: "dotted", start, pair, depth }];
    });
  });
}

/** Removes a key wherever it is written. */
function removeKey(text: string, path: KeyPath): string {
  return removeSpots(text, spotsOf(text, tomlLayout(text), path), path[1]);
}

function removeSpots(text: string, spots: readonly Spot[], key: string): string {
  let changed = text;
  // From behind, so that the places before stay what they are.
  for (const spot of [...spots].reverse()) {
    if (spot.kind === "inline") {
      const { start, end } = spot.table.value;
      changed = splice(changed, spot.table.value, removeInline(changed.slice(start, end), key));
    } else if (spot.kind === "section") {
      for (const pair of [...spot.section.pairs].reverse()) changed = removeLines(changed, { start: pair.key.start, end: pair.value.end });
      changed = removeLines(changed, spot.section.header);
    } else changed = removeLines(changed, { start: spot.pair.key.start, end: spot.pair.value.end });
  }
  return changed;
}

function sameValue(value: TomlValue, wanted: WritableToml): boolean {
  if (typeof value === "string" || typeof value === "boolean") return value === wanted;
  if (Array.isArray(value))
    return (
      Array.isArray(wanted) && value.length === wanted.length && value.every((item, at) => sameValue(item, wanted[at] as WritableToml))
    );
  if (!isTomlTable(value) || typeof wanted !== "object" || Array.isArray(wanted)) return false;
  const members = Object.entries(wanted).filter(([, member]) => member !== undefined);
  return (
    members.length === Object.keys(value).length &&
    members.every(([key, member]) => {
      const one = own(value, key);
      return one !== undefined && sameValue(one, member as WritableToml);
    })
  );
}
