import { elementAt } from "./elements.ts";
import { normalizeName, type NormalizedName } from "./names.ts";
import type { VersionRange } from "./ranges.ts";
import { specifierRange } from "./specifier-ranges.ts";
import { makeSpecifier, type SpecifierOperator } from "./specifiers.ts";

/** What PEP 508 markers are evaluated against: the facts of one interpreter on one machine. */
export interface MarkerEnvironment {
  readonly implementation_name: string;
  readonly implementation_version: string;
  readonly os_name: string;
  readonly platform_machine: string;
  readonly platform_python_implementation: string;
  readonly platform_release: string;
  readonly platform_system: string;
  readonly platform_version: string;
  readonly python_full_version: string;
  readonly python_version: string;
  readonly sys_platform: string;
}

export type MarkerVariable = keyof MarkerEnvironment;

/** The variables whose value is a version, or often one; their comparisons are comparisons of versions when both sides are. */
const versionVariables: ReadonlySet<MarkerVariable> = new Set([
  "implementation_version",
  "platform_release",
  "platform_version",
  "python_full_version",
  "python_version",
]);

export type MarkerOperator = SpecifierOperator | "in" | "not in";

/** `variable operator 'value'`, or `'value' operator variable` when `reversed` (only for `in` and `not in`). */
export interface MarkerComparison {
  readonly kind: "compare";
  readonly variable: MarkerVariable;
  readonly operator: MarkerOperator;
  readonly value: string;
  readonly reversed: boolean;
  /** The versions that fulfil it, when it compares versions. */
  readonly versions: VersionRange | undefined;
}

/** `extra == 'name'` (set `extra`), or `'name' in extras` and `'name' in dependency_groups` of PEP 751; or its negation. */
export interface MarkerMembership {
  readonly kind: "member";
  readonly set: "extra" | "extras" | "dependency_groups";
  readonly name: NormalizedName;
  readonly negated: boolean;
}

export interface MarkerConjunction {
  readonly kind: "and";
  readonly operands: readonly Marker[];
}

export interface MarkerDisjunction {
  readonly kind: "or";
  readonly operands: readonly Marker[];
}

/** A marker that always or never holds. Its text is a comparison with that outcome, as PEP 508 has no word for it. */
export interface MarkerConstant {
  readonly kind: "constant";
  readonly value: boolean;
}

/** An environment marker (PEP 508) as a tree. `and` and `or` have at least two operands, none of the same kind. */
export type Marker = MarkerComparison | MarkerMembership | MarkerConjunction | MarkerDisjunction | MarkerConstant;

/** The marker that always holds. */
export const trueMarker: Marker = { kind: "constant", value: true };

/** The marker that never holds. */
export const falseMarker: Marker = { kind: "constant", value: false };

/** A comparison, with its versions worked out. */
export function comparison(variable: MarkerVariable, operator: MarkerOperator, value: string): MarkerComparison {
  return { kind: "compare", variable, operator, value, reversed: false, versions: comparedVersions(variable, operator, value) };
}

function comparedVersions(variable: MarkerVariable, operator: MarkerOperator, value: string): VersionRange | undefined {
  if (operator === "in" || operator === "not in" || operator === "===" || !versionVariables.has(variable)) return undefined;
  const specifier = makeSpecifier(operator, value.trim());
  return typeof specifier === "string" ? undefined : specifierRange(specifier);
}

/** The marker `extra == 'name'`. Throws INVALID_NAME. */
export function extraMarker(name: string): Marker {
  return { kind: "member", set: "extra", name: normalizeName(name), negated: false };
}

/** Both: `undefined` (no marker) always holds. Constants are folded and nested conjunctions joined. */
export function andMarkers(...markers: readonly (Marker | undefined)[]): Marker {
  return joinMarkers("and", markers);
}

/** One of them: `undefined` (no marker) always holds. Constants are folded and nested disjunctions joined. */
export function orMarkers(...markers: readonly (Marker | undefined)[]): Marker {
  return joinMarkers("or", markers);
}

/** As {@link andMarkers} or {@link orMarkers}, of a list of any length. */
export function joinMarkers(kind: "and" | "or", markers: readonly (Marker | undefined)[]): Marker {
  const neutral = kind === "and";
  const operands: Marker[] = [];
  for (const marker of markers) {
    if (marker === undefined || marker.kind === "constant") {
      const value = marker === undefined || marker.value;
      if (value !== neutral) return value ? trueMarker : falseMarker;
    } else if (marker.kind === kind) {
      for (const operand of marker.operands) operands.push(operand);
    } else operands.push(marker);
  }
  if (operands.length === 0) return neutral ? trueMarker : falseMarker;
  return operands.length === 1 ? elementAt(operands, 0) : { kind, operands };
}

/**
 * The marker in PEP 508 spelling; parsing it gives an equal tree. A marker that always holds reads `python_version >= '0'`,
 * one that never holds `python_version < '0'`.
 */
export function markerText(marker: Marker): string {
  // A stack of its own: markers that a program joins may nest deeper than the engine's stack.
  const pending: (Marker | string)[] = [marker];
  let text = "";
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === "string") text += next;
    else if (next.kind !== "and" && next.kind !== "or") text += termText(next);
    else {
      const word = ` ${next.kind} `;
      for (let at = next.operands.length - 1; at >= 0; at -= 1) {
        const operand = elementAt(next.operands, at);
        if (next.kind === "and" && operand.kind === "or") pending.push(")", operand, "(");
        else pending.push(operand);
        if (at > 0) pending.push(word);
      }
    }
  }
  return text;
}

function termText(term: MarkerComparison | MarkerMembership | MarkerConstant): string {
  switch (term.kind) {
    case "constant":
      return term.value ? "python_version >= '0'" : "python_version < '0'";
    case "compare":
      if (term.reversed) return `${quoted(term.value)} ${term.operator} ${term.variable}`;
      return `${term.variable} ${term.operator} ${quoted(term.value)}`;
    case "member":
      if (term.set === "extra") return `extra ${term.negated ? "!=" : "=="} ${quoted(term.name)}`;
      return `${quoted(term.name)} ${term.negated ? "not in" : "in"} ${term.set}`;
  }
}

function quoted(value: string): string {
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}

/** The number of comparisons in a marker, counted up to `limit`; nesting deeper than 200 counts as `limit`. */
export function markerSize(marker: Marker, limit: number, depth: number = 0): number {
  if (marker.kind !== "and" && marker.kind !== "or") return 1;
  if (depth > 200) return limit;
  let size = 0;
  for (const operand of marker.operands) {
    size += markerSize(operand, limit, depth + 1);
    if (size >= limit) return limit;
  }
  return size;
}

/** The marker with every term replaced; `and` and `or` above them are folded anew. */
export function mapTerms(marker: Marker, replace: (term: MarkerComparison | MarkerMembership) => Marker): Marker {
  switch (marker.kind) {
    case "constant":
      return marker;
    case "compare":
    case "member":
      return replace(marker);
    case "and":
      return joinMarkers(
        "and",
        marker.operands.map((operand) => mapTerms(operand, replace)),
      );
    case "or":
      return joinMarkers(
        "or",
        marker.operands.map((operand) => mapTerms(operand, replace)),
      );
  }
}
