import { elementAt } from "./elements.ts";
import { afterText, falseNode, trueNode, type Cut, type Diagram, type Node, type Question } from "./marker-diagram.ts";
import { andMarkers, comparison, orMarkers, type Marker, type MarkerComparison, type MarkerMembership } from "./markers.ts";
import type { VersionRange } from "./ranges.ts";
import { tryParseVersion } from "./version-scanner.ts";
import { compareVersions, isPrerelease, makeVersion, type Version } from "./versions.ts";

// No version lies below it.
const lowest = makeVersion([0], { dev: 0 });

// The order in which a diagram asks: first what splits environments most often, and reads best on the outside.
const ranks: { readonly [subject: string]: string } = {
  python_full_version: "0",
  implementation_version: "1",
  extra: "3",
  extras: "3",
  dependency_groups: "3",
};

/** The node of one term. `python_version` becomes a question about `python_full_version`, whose first two numbers it is. */
export function termNode(diagram: Diagram, term: MarkerComparison | MarkerMembership): Node {
  if (term.kind === "member") {
    const positive: MarkerMembership = term.negated ? { ...term, negated: false } : term;
    const question: Question = { kind: "member", subject: term.set, order: orderOf(term.set, term.name), term: positive };
    return yesOrNo(diagram, question, term.negated);
  }
  const range = versionSet(term);
  if (range !== undefined) {
    const subject = term.variable === "implementation_version" ? term.variable : "python_full_version";
    return cutNode(diagram, { kind: "versions", subject, order: orderOf(subject) }, range);
  }
  if (term.versions === undefined && term.operator === "~=") return falseNode;
  const text = textSet(term);
  if (text !== undefined) return cutNode(diagram, { kind: "text", subject: term.variable, order: orderOf(term.variable) }, text);
  const negated = term.operator === "!=" || term.operator === "not in";
  const asked = negated
    ? { ...term, operator: term.operator === "!=" ? ("==" as const) : ("in" as const), versions: complement(term) }
    : term;
  const order = orderOf(term.variable, `${asked.reversed ? "<-" : "->"} ${asked.operator} ${asked.value}`);
  return yesOrNo(diagram, { kind: "holds", subject: term.variable, order, term: asked }, negated);
}

function complement(term: MarkerComparison): VersionRange | undefined {
  return term.versions === undefined ? undefined : { fromStart: !term.versions.fromStart, cuts: term.versions.cuts };
}

function orderOf(subject: string, detail?: string): string {
  return `${ranks[subject] ?? "2"}${subject}${detail === undefined ? "" : ` ${detail}`}`;
}

function yesOrNo(diagram: Diagram, question: Question, negated: boolean): Node {
  return diagram.branch(question, [], negated ? [trueNode, falseNode] : [falseNode, trueNode]);
}

function cutNode(diagram: Diagram, question: Question, set: { readonly fromStart: boolean; readonly cuts: readonly Cut[] }): Node {
  const children = [set.fromStart ? trueNode : falseNode];
  for (let at = 0; at < set.cuts.length; at += 1) children.push(children[at] === trueNode ? falseNode : trueNode);
  return diagram.branch(question, set.cuts, children);
}

// Text that sorts as this variable's value does against the literal; not for the variables whose values are versions.
function textSet(term: MarkerComparison): { readonly fromStart: boolean; readonly cuts: readonly string[] } | undefined {
  if (term.versions !== undefined || alwaysVersion(term)) return undefined;
  const value = term.value;
  const places: { readonly [operator: string]: readonly [boolean, readonly string[]] } = {
    "==": [false, [value, afterText(value)]],
    "===": [false, [value, afterText(value)]],
    "!=": [true, [value, afterText(value)]],
    "<": [true, [value]],
    "<=": [true, [afterText(value)]],
    ">": [false, [afterText(value)]],
    ">=": [false, [value]],
  };
  const place = places[term.operator];
  if (place === undefined) return undefined;
  // No text sorts below the empty one.
  return place[1][0] === "" ? { fromStart: !place[0], cuts: place[1].slice(1) } : { fromStart: place[0], cuts: place[1] };
}

function alwaysVersion(term: MarkerComparison): boolean {
  return term.variable === "python_full_version" || term.variable === "python_version" || term.variable === "implementation_version";
}

function versionSet(term: MarkerComparison): VersionRange | undefined {
  if (!alwaysVersion(term)) return undefined;
  if (term.variable === "python_version" && !term.reversed) {
    if (term.operator === "in" || term.operator === "not in") return minorsWithin(term.value, term.operator === "not in");
    if (term.operator === "===")
      return /^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$/.test(term.value) ? minorsWithin(term.value, false) : undefined;
  }
  if (term.versions === undefined || term.versions.cuts.some((cut) => cut.local !== undefined)) return undefined;
  return mapCuts(term.versions, term.variable === "python_version" ? minorCut : pythonCut);
}

// The order is kept, but cuts may fall together; two in one place cancel out.
function mapCuts(range: VersionRange, map: (cut: Version) => Version | undefined): VersionRange {
  const cuts: Version[] = [];
  let fromStart = range.fromStart;
  for (const cut of range.cuts) {
    const mapped = map(cut);
    if (mapped === undefined) break;
    const last = cuts[cuts.length - 1];
    if (compareVersions(mapped, lowest) <= 0) fromStart = !fromStart;
    else if (last !== undefined && compareVersions(last, mapped) === 0) cuts.pop();
    else cuts.push(mapped);
  }
  return { fromStart, cuts };
}

/** One spelling for each cut. Python has no post-releases, so that `>3.8` and `<=3.8` are taken as complements. */
function pythonCut(cut: Version): Version {
  const release = [...cut.release];
  while (release.length > 2 && release[release.length - 1] === 0) release.pop();
  while (release.length < 2) release.push(0);
  return cut.post === Infinity ? { ...cut, release, post: 0, dev: 0 } : { ...cut, release };
}

/** The cut among full versions at the first X.Y that is not below `cut`; undefined when there is none. */
function minorCut(cut: Version): Version | undefined {
  if (cut.epoch > 0) return undefined;
  const minor = makeVersion([elementAt(cut.release, 0), cut.release[1] ?? 0]);
  const below = compareVersions(minor, cut) < 0;
  return makeVersion([elementAt(minor.release, 0), elementAt(minor.release, 1) + (below ? 1 : 0)], { dev: 0 });
}

/** The full versions whose X.Y occurs in `text`, as `python_version in '2.7 3.5'` asks; undefined when the text is too long to tell. */
function minorsWithin(text: string, negated: boolean): VersionRange | undefined {
  if (text.length > 200) return undefined;
  const minors = new Map<string, Version>();
  for (const match of text.matchAll(/[0-9]+(?=\.([0-9]+))/g)) {
    for (let from = 0; from < match[0].length; from += 1) {
      for (let to = 1; to <= elementAt(match, 1).length; to += 1) {
        const minor = `${match[0].slice(from)}.${elementAt(match, 1).slice(0, to)}`;
        const version = /^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$/.test(minor) ? tryParseVersion(minor) : undefined;
        if (version !== undefined) minors.set(minor, version);
      }
    }
  }
  const cuts: Version[] = [];
  for (const { release } of [...minors.values()].sort(compareVersions)) {
    const from = makeVersion(release, { dev: 0 });
    if (cuts.length > 0 && compareVersions(elementAt(cuts, cuts.length - 1), from) === 0) cuts.pop();
    else if (compareVersions(from, lowest) > 0) cuts.push(from);
    cuts.push(makeVersion([elementAt(release, 0), elementAt(release, 1) + 1], { dev: 0 }));
  }
  return { fromStart: minors.has("0.0") !== negated, cuts };
}

/** What follows for one question about a variable from the answer to another: see Settles. Only substring questions are related. */
export function settles(known: MarkerComparison, answer: boolean, asked: MarkerComparison): boolean | undefined {
  if (known.operator !== "in" || asked.operator !== "in") return undefined;
  if (known.reversed !== asked.reversed) {
    const [literal, whole] = known.reversed ? [known.value, asked.value] : [asked.value, known.value];
    return answer && !whole.includes(literal) ? false : undefined;
  }
  const [narrow, wide] = known.reversed === answer ? [asked.value, known.value] : [known.value, asked.value];
  return wide.includes(narrow) ? answer : undefined;
}

/** The marker that holds exactly when a yes-or-no term does not (save for `===`, and for post-releases of the literal of `>`). */
export function negatedTerm(term: MarkerComparison): Marker {
  const { variable, operator, value } = term;
  const same = (other: MarkerComparison["operator"], literal: string = value): Marker => comparison(variable, other, literal);
  const versions = term.versions !== undefined;
  switch (operator) {
    case "in":
    case "not in":
      return { ...term, operator: operator === "in" ? "not in" : "in" };
    case "==":
    case "===":
      return same("!=");
    case "!=":
      return same("==");
    case "<":
      return versions && isRelease(value) ? orMarkers(same(">="), same("==", `${value}.*`)) : same(">=");
    case "<=":
      return versions ? andMarkers(same(">="), same("!=")) : same(">");
    case ">":
      return same("<=");
    case ">=":
      return versions ? andMarkers(same("<="), same("!=")) : same("<");
    case "~=":
      return orMarkers(andMarkers(same("<="), same("!=")), same("!=", prefixOf(value)));
  }
}

function isRelease(value: string): boolean {
  const version = tryParseVersion(value);
  return version !== undefined && !isPrerelease(version) && version.post === undefined;
}

function prefixOf(value: string): string {
  const version = tryParseVersion(value);
  const epoch = version === undefined || version.epoch === 0 ? "" : `${version.epoch}!`;
  return `${epoch}${(version?.release ?? []).slice(0, -1).join(".")}.*`;
}
