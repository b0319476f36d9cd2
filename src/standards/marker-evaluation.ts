import {
  falseMarker,
  mapTerms,
  trueMarker,
  type Marker,
  type MarkerComparison,
  type MarkerEnvironment,
  type MarkerMembership,
} from "./markers.ts";
import { rangeContains } from "./ranges.ts";
import { tryParseVersion } from "./version-scanner.ts";
import type { Version } from "./versions.ts";

/** What is asked for beside the environment; names are normalised. */
export interface MarkerSelection {
  readonly extras?: ReadonlySet<string> | undefined;
  readonly dependencyGroups?: ReadonlySet<string> | undefined;
}

/**
 * True when the marker holds in `environment` with these extras (and, for lock files, dependency groups) chosen. Versions compare as
 * versions, pre-releases included, when both sides are versions; anything else compares as text. `extra == 'x'` asks whether x is
 * among the extras.
 */
export function evaluateMarker(marker: Marker, environment: MarkerEnvironment, selected?: ReadonlySet<string> | MarkerSelection): boolean {
  const selection: MarkerSelection = selected === undefined ? {} : "has" in selected ? { extras: selected } : selected;
  return evaluate(marker, environment, selection);
}

function evaluate(marker: Marker, environment: MarkerEnvironment, selection: MarkerSelection): boolean {
  switch (marker.kind) {
    case "constant":
      return marker.value;
    case "compare":
      return holdsFor(marker, environment[marker.variable]);
    case "member":
      return isSelected(marker, selection) !== marker.negated;
    case "and":
      for (const operand of marker.operands) if (!evaluate(operand, environment, selection)) return false;
      return true;
    case "or":
      for (const operand of marker.operands) if (evaluate(operand, environment, selection)) return true;
      return false;
  }
}

function isSelected(term: MarkerMembership, selection: MarkerSelection): boolean {
  const names = term.set === "dependency_groups" ? selection.dependencyGroups : selection.extras;
  return names !== undefined && names.has(term.name);
}

/** The marker with its questions about extras answered: `extra` and `extras` terms become constants, and the tree is folded. */
export function restrictMarker(marker: Marker, extras: ReadonlySet<string>): Marker {
  return mapTerms(marker, (term) => {
    if (term.kind !== "member" || term.set === "dependency_groups") return term;
    return extras.has(term.name) !== term.negated ? trueMarker : falseMarker;
  });
}

/** The marker with its questions about dependency groups answered (PEP 751), folded. */
export function restrictGroups(marker: Marker, groups: ReadonlySet<string>): Marker {
  return mapTerms(marker, (term) => {
    if (term.kind !== "member" || term.set !== "dependency_groups") return term;
    return groups.has(term.name) !== term.negated ? trueMarker : falseMarker;
  });
}

/** True when the marker asks about an extra. */
export function markerMentionsExtra(marker: Marker): boolean {
  switch (marker.kind) {
    case "constant":
    case "compare":
      return false;
    case "member":
      return marker.set !== "dependency_groups";
    case "and":
    case "or":
      return marker.operands.some(markerMentionsExtra);
  }
}

/** True when the comparison holds for this value of its variable. */
export function holdsFor(term: MarkerComparison, value: string): boolean {
  if (term.versions !== undefined) {
    const version = environmentVersion(value);
    if (version !== undefined) return rangeContains(term.versions, version);
  }
  const literal = term.value;
  switch (term.operator) {
    case "==":
    case "===":
      return value === literal;
    case "!=":
      return value !== literal;
    case "<":
      return value < literal;
    case "<=":
      return value <= literal;
    case ">":
      return value > literal;
    case ">=":
      return value >= literal;
    case "in":
      return term.reversed ? value.includes(literal) : literal.includes(value);
    case "not in":
      return term.reversed ? !value.includes(literal) : !literal.includes(value);
    case "~=":
      return false;
  }
}

// The few values that environments have are asked for again and again.
const parsedValues = new Map<string, Version | undefined>();

function environmentVersion(value: string): Version | undefined {
  if (parsedValues.has(value)) return parsedValues.get(value);
  // A Python built from a checkout calls itself 3.14.0a1+.
  const version = tryParseVersion(value.endsWith("+") ? value.slice(0, -1) : value);
  if (parsedValues.size > 500) parsedValues.clear();
  parsedValues.set(value, version);
  return version;
}
