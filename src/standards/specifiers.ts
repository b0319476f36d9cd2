import { excerpt, isSpace, parseWith, type Cursor } from "./syntax.ts";
import { tryParseVersion } from "./version-scanner.ts";
import { isPrerelease, versionText, type Version } from "./versions.ts";

export type SpecifierOperator = "~=" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "===";

/** One clause of a PEP 440 specifier set. */
export interface Specifier {
  readonly operator: SpecifierOperator;
  /** Normalised, without the `.*` of a wildcard; for `===` the text as written. */
  readonly version: string;
  /** True for `==1.0.*` and `!=1.0.*`. */
  readonly wildcard: boolean;
  /** The version as a value; undefined only for a `===` whose text is no version. */
  readonly parsed: Version | undefined;
}

/** Clauses that must all hold, in the order written and without repetitions. */
export interface SpecifierSet {
  readonly specifiers: readonly Specifier[];
}

/** The set without a clause, which every version fulfils. */
export const anySpecifiers: SpecifierSet = { specifiers: [] };

const operators: readonly SpecifierOperator[] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/**
 * Reads a comma-separated list of version specifiers (PEP 440); empty text gives the empty set, one comma may trail.
 * Throws INVALID_SPECIFIER with the place in `why` and `data.column` (from 1).
 */
export function parseSpecifiers(text: string): SpecifierSet {
  if (text === "") return anySpecifiers;
  return parseWith("INVALID_SPECIFIER", text, (cursor) => {
    const set = scanSpecifiers(cursor);
    if (!cursor.atEnd()) cursor.fail("Expected a comma, or the end, after the version");
    return set;
  });
}

/**
 * specifiers = [clause ("," clause)* [","]]       clause = operator version
 * Reads clauses from the cursor on and stops before the first character that continues none.
 */
export function scanSpecifiers(cursor: Cursor): SpecifierSet {
  const specifiers: Specifier[] = [];
  const seen = new Set<string>();
  cursor.skipSpace();
  while (startsOperator(cursor)) {
    const specifier = scanSpecifier(cursor);
    const text = specifierText(specifier);
    if (!seen.has(text)) specifiers.push(specifier);
    seen.add(text);
    cursor.skipSpace();
    if (!cursor.accept(",")) break;
    cursor.skipSpace();
  }
  if (specifiers.length === 0 && !cursor.atEnd() && cursor.peek() !== 41 && cursor.peek() !== 59) {
    cursor.fail("Expected a version operator: one of ==, !=, <=, >=, <, >, ~=, ===");
  }
  return specifiers.length === 0 ? anySpecifiers : { specifiers };
}

function startsOperator(cursor: Cursor): boolean {
  const code = cursor.peek();
  return code === 60 || code === 61 || code === 62 || code === 33 || code === 126;
}

function scanSpecifier(cursor: Cursor): Specifier {
  const operator = operators.find((candidate) => cursor.accept(candidate));
  if (operator === undefined) cursor.fail("Expected a version operator: one of ==, !=, <=, >=, <, >, ~=, ===");
  cursor.skipSpace();
  const start = cursor.at;
  const text = cursor.takeWhile(operator === "===" ? isArbitraryCode : isVersionCode);
  if (text === "") cursor.fail(`Expected a version after '${operator}'`);
  const specifier = makeSpecifier(operator, text);
  return typeof specifier === "string" ? cursor.fail(specifier, start) : specifier;
}

function isVersionCode(code: number): boolean {
  return !isSpace(code) && !endsVersion.has(code);
}

// , ( ) ; [ ] < = > ~
const endsVersion: ReadonlySet<number> = new Set([44, 40, 41, 59, 91, 93, 60, 61, 62, 126]);

function isArbitraryCode(code: number): boolean {
  return !isSpace(code) && code !== 44 && code !== 41 && code !== 59;
}

/** The clause for an operator and the text of its version, or the reason (a sentence) why there is none. */
export function makeSpecifier(operator: SpecifierOperator, text: string): Specifier | string {
  if (operator === "===") return { operator, version: text, wildcard: false, parsed: tryParseVersion(text) };
  const wildcard = text.endsWith(".*");
  const equality = operator === "==" || operator === "!=";
  if (wildcard && !equality) return `'.*' can follow only == and !=, not '${operator}'`;
  const parsed = tryParseVersion(wildcard ? text.slice(0, -2) : text);
  if (parsed === undefined) return `${excerpt(text, 40)} is not a version`;
  if (wildcard && (isPrerelease(parsed) || parsed.post !== undefined || parsed.local !== undefined)) {
    return "'.*' can follow only a plain release such as 1.2";
  }
  if (parsed.local !== undefined && !equality) return `A local version ('+...') can follow only == and !=, not '${operator}'`;
  if (operator === "~=" && parsed.release.length < 2) return "'~=' needs a version of at least two numbers, as in ~=1.4";
  return { operator, version: versionText(parsed), wildcard, parsed };
}

/** The clause as text, without spaces: `==1.0.*`. */
export function specifierText(specifier: Specifier): string {
  return specifier.operator + specifier.version + (specifier.wildcard ? ".*" : "");
}

/** The clauses in their order, joined by commas; the empty set gives empty text. */
export function specifiersText(set: SpecifierSet): string {
  return set.specifiers.map(specifierText).join(",");
}

/** The set of the clauses of both, without repetitions. */
export function andSpecifiers(a: SpecifierSet, b: SpecifierSet): SpecifierSet {
  if (b.specifiers.length === 0) return a;
  if (a.specifiers.length === 0) return b;
  const byText = new Map([...a.specifiers, ...b.specifiers].map((specifier) => [specifierText(specifier), specifier]));
  return { specifiers: [...byText.values()] };
}

/** True when a clause other than `!=` names a pre-release, which by PEP 440 asks for pre-releases. */
export function specifiersMentionPrerelease(set: SpecifierSet): boolean {
  return set.specifiers.some((specifier) => {
    return specifier.operator !== "!=" && specifier.parsed !== undefined && isPrerelease(specifier.parsed);
  });
}
