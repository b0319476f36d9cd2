import { isPenError } from "#foundation";
import { parseSpecifiers } from "#standards";

/**
 * The spelling of markers in Pipfile.lock: what pipenv writes for a Requires-Python, and how it joins markers. Texts, not trees, as brackets that say
 * nothing are kept in one place and dropped in another.
 */

/** The newest release of each major Python that the rewriting of `>` and `<=` reaches. */
const lastMinor: ReadonlyMap<number, number> = new Map([
  [1, 7],
  [2, 7],
  [3, 11],
  [4, 0],
]);

interface Clause {
  readonly operator: string;
  readonly version: string;
}

/**
 * Requires-Python as a marker: clauses in order of version, `>3.6` as `>= '3.7'`, wildcards without their star, `python_full_version` where a third
 * number stands. Wildcards may stand where no specifier has them (`>=3.6.*`), as index pages have it. Undefined for a text that asks for nothing, or
 * that is no specifier.
 */
export function requiresPythonText(text: string): string | undefined {
  const seen = new Map<string, Clause>();
  for (const { operator, version } of clausesOf(text)) {
    const clause = closedClause({ operator, version });
    if (!/^\d+(?:\.|$)/.test(clause.version)) return undefined;
    seen.set(`${clause.operator}${clause.version}`, clause);
  }
  if (seen.size === 0) return undefined;
  const texts = [...groupsOf([...seen.values()]).values()].flatMap(groupClauses);
  return packagingText(
    texts
      .sort((a, b) => compareNumbers(a.version, b.version))
      .map(({ text }) => text)
      .join(" and "),
  );
}

function clausesOf(text: string): readonly Clause[] {
  const bare = /^\s*\d/.test(text) ? `==${text.trim()}` : text;
  const plain = bare.split(",").map((clause) => clause.trim().replace(/(?:\.\*)?\**$/, ""));
  try {
    return parseSpecifiers(plain.join(",")).specifiers;
  } catch (error) {
    if (isPenError(error)) return [];
    throw error;
  }
}

/** `>` and `<=` become the bounds of the next release, as far as one is known. */
function closedClause(clause: Clause): Clause {
  const operator = { ">": ">=", "<=": "<" }[clause.operator];
  if (operator === undefined) return clause;
  const [major = 0, minor] = clause.version.split(".").map(Number);
  const next = minor === undefined ? 1 : minor + 1;
  return next <= (lastMinor.get(major) ?? -1) ? { operator, version: `${major}.${next}` } : clause;
}

/** By operator, those with three numbers apart; operators in order of their characters. */
function groupsOf(clauses: readonly Clause[]): Map<string, Clause[]> {
  const keyed = clauses.map((clause) => ({ clause, key: `${clause.operator} ${clause.version.split(".").length > 2 ? 1 : 0}` }));
  keyed.sort((a, b) => (a.key === b.key ? compareNumbers(a.clause.version, b.clause.version) : a.key < b.key ? -1 : 1));
  const groups = new Map<string, Clause[]>();
  for (const { clause, key } of keyed) groups.set(key, [...(groups.get(key) ?? []), clause]);
  return groups;
}

interface ClauseText {
  readonly version: string;
  readonly text: string;
}

function groupClauses(group: readonly Clause[]): ClauseText[] {
  const versions = group.map(({ version }) => version);
  const operator = group[0]?.operator ?? "";
  const one = (version: string, with_ = operator): ClauseText => ({ version, text: clauseText(with_, version) });
  switch (operator) {
    case ">":
    case ">=":
      return [one(versions[0] ?? "")];
    case "<":
    case "<=":
      return [one(versions[versions.length - 1] ?? "")];
    case "==":
      if (versions.length === 1) return [one(versions[0] ?? "")];
      return [{ version: versions[0] ?? "", text: `(${versions.map((version) => clauseText("==", version)).join(" or ")})` }];
    default:
      return versions.map((version) => one(version));
  }
}

function clauseText(operator: string, version: string): string {
  return `${/\d+\.\d+\.\d+/.test(version) ? "python_full_version" : "python_version"} ${operator} '${version}'`;
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Both markers: `(a) and (b)`, unless the second stands in the first already. */
export function bothMarkers(first: string | undefined, second: string): string {
  if (first === undefined) return second;
  return first.includes(second) ? first : `(${first}) and (${second})`;
}

type Part = string | readonly Part[];

/**
 * A marker as Python's packaging library prints it, but with `'`: one blank between words, brackets only where several terms stand in them. Text that
 * is no marker comes back as it is.
 */
export function packagingText(marker: string): string {
  const words = marker.match(/"[^"]*"|'[^']*'|[()]|[<>=!~]+|[^\s()<>=!~"']+/g);
  if (words === null) return marker;
  const stack: Part[][] = [[]];
  let term: string[] = [];
  const endTerm = (): void => {
    if (term.length > 0) stack[stack.length - 1]?.push(term.map(wordText).join(" "));
    term = [];
  };
  for (const word of words) {
    if (word === "(") stack.push([]);
    else if (word === ")") {
      endTerm();
      const group = stack.pop();
      if (group === undefined || stack.length === 0) return marker;
      stack[stack.length - 1]?.push(group);
    } else if (word === "and" || word === "or") {
      endTerm();
      stack[stack.length - 1]?.push(word);
    } else term.push(word);
  }
  endTerm();
  return stack.length === 1 ? partText(stack[0] ?? [], true) : marker;
}

function partText(part: Part, isFirst: boolean): string {
  if (typeof part === "string") return part;
  const [only] = part;
  if (part.length === 1 && only !== undefined) return partText(only, true);
  const inner = part.map((one) => partText(one, false)).join(" ");
  return isFirst ? inner : `(${inner})`;
}

const aliases: ReadonlyMap<string, string> = new Map([
  ["os.name", "os_name"],
  ["sys.platform", "sys_platform"],
  ["platform.version", "platform_version"],
  ["platform.machine", "platform_machine"],
  ["platform.python_implementation", "platform_python_implementation"],
  ["python_implementation", "platform_python_implementation"],
]);

function wordText(word: string): string {
  if (/^["']/.test(word)) return `'${word.slice(1, -1)}'`;
  return aliases.get(word) ?? word;
}
