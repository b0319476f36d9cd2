import { scanMarker } from "./marker-parser.ts";
import { markerText, type Marker } from "./markers.ts";
import { isAlphanumericCode, isNameCode, normalizeName, type NormalizedName } from "./names.ts";
import { anySpecifiers, scanSpecifiers, specifiersText, type SpecifierSet } from "./specifiers.ts";
import { isSpace, parseWith, type Cursor } from "./syntax.ts";

/** A dependency specifier (PEP 508). */
export interface Requirement {
  readonly name: NormalizedName;
  /** The name as written. */
  readonly rawName: string;
  /** In the order written, without repetitions. */
  readonly extras: readonly NormalizedName[];
  /** The extras as written; only where that is not how `extras` has them. */
  readonly rawExtras?: readonly string[];
  /** The empty set when a URL is given. */
  readonly specifiers: SpecifierSet;
  /** The text after `@`, as written. */
  readonly url?: string;
  readonly marker?: Marker;
}

/**
 * requirement = name [extras] ["@" url | specifiers | "(" specifiers ")"] [";" marker]
 * Reads one PEP 508 requirement. Throws INVALID_REQUIREMENT, whose `why` shows the text with a caret under the place and whose
 * `data` has `text` and `column` (from 1).
 */
export function parseRequirement(text: string): Requirement {
  return parseWith("INVALID_REQUIREMENT", text, (cursor) => {
    cursor.skipSpace();
    const rawName = scanName(cursor, "Expected the name of a project");
    const rawExtras = scanExtras(cursor);
    const extras = [...new Set(rawExtras.map(normalizeName))];
    const written = rawExtras.every((extra, at) => extra === extras[at]) ? {} : { rawExtras };
    const { specifiers, url } = scanSource(cursor);
    const marker = scanMarkerPart(cursor);
    const source = url === undefined ? {} : { url };
    return {
      name: normalizeName(rawName),
      rawName,
      extras,
      ...written,
      specifiers,
      ...source,
      ...(marker === undefined ? {} : { marker }),
    };
  });
}

/** The requirement in PEP 508 spelling, with the name as written and the extras normalised; parsing it gives an equal value but for `rawExtras`. */
export function requirementText(requirement: Requirement): string {
  const extras = requirement.extras.length === 0 ? "" : `[${requirement.extras.join(",")}]`;
  const marker = requirement.marker === undefined ? "" : `; ${markerText(requirement.marker)}`;
  if (requirement.url === undefined) return `${requirement.rawName}${extras}${specifiersText(requirement.specifiers)}${marker}`;
  // A URL ends at the first space, so the semicolon must not touch it.
  return `${requirement.rawName}${extras} @ ${requirement.url}${marker === "" ? "" : ` ${marker}`}`;
}

function scanName(cursor: Cursor, expected: string): string {
  const start = cursor.at;
  if (!isAlphanumericCode(cursor.peek())) cursor.fail(`${expected}, which starts with a letter or digit`);
  const name = cursor.takeWhile(isNameCode);
  if (!isAlphanumericCode(name.charCodeAt(name.length - 1))) {
    cursor.fail("A name ends with a letter or digit", start + name.length - 1);
  }
  return name;
}

/** extras = "[" [name ("," name)*] "]" */
function scanExtras(cursor: Cursor): readonly string[] {
  cursor.skipSpace();
  const open = cursor.at;
  const extras: string[] = [];
  if (!cursor.accept("[")) return [];
  cursor.skipSpace();
  if (cursor.accept("]")) return [];
  for (;;) {
    cursor.skipSpace();
    extras.push(scanName(cursor, "Expected the name of an extra"));
    cursor.skipSpace();
    if (cursor.accept("]")) return extras;
    if (cursor.atEnd()) cursor.fail("This bracket is never closed", open);
    if (!cursor.accept(",")) cursor.fail("Expected ',' or ']' after the extra");
  }
}

function scanSource(cursor: Cursor): { readonly specifiers: SpecifierSet; readonly url: string | undefined } {
  cursor.skipSpace();
  if (cursor.accept("@")) {
    cursor.skipSpace();
    const url = cursor.takeWhile((code) => !isSpace(code));
    if (url === "") cursor.fail("Expected a URL after '@'");
    return { specifiers: anySpecifiers, url };
  }
  const open = cursor.at;
  if (!cursor.accept("(")) return { specifiers: startsSpecifier(cursor) ? scanSpecifiers(cursor) : anySpecifiers, url: undefined };
  const specifiers = scanSpecifiers(cursor);
  if (cursor.atEnd()) cursor.fail("This parenthesis is never closed", open);
  if (!cursor.accept(")")) cursor.fail("Expected ',' or ')' after the version");
  return { specifiers, url: undefined };
}

function startsSpecifier(cursor: Cursor): boolean {
  const code = cursor.peek();
  if (code === -1 || code === 59 || (code >= 60 && code <= 62) || code === 33 || code === 126) return code !== -1 && code !== 59;
  return cursor.fail("Expected a version operator such as >=, '@' and a URL, ';' and a marker, or the end");
}

function scanMarkerPart(cursor: Cursor): Marker | undefined {
  cursor.skipSpace();
  if (cursor.atEnd()) return undefined;
  if (!cursor.accept(";")) cursor.fail("Expected ',' and a version, ';' and a marker, or the end");
  const marker = scanMarker(cursor);
  if (!cursor.atEnd()) cursor.fail("Expected 'and', 'or' or the end of the marker");
  return marker;
}
