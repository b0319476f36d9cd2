import { elementAt } from "./elements.ts";
import { comparison, joinMarkers, type Marker, type MarkerMembership, type MarkerOperator, type MarkerVariable } from "./markers.ts";
import { isAlphanumericCode, tryNormalizeName } from "./names.ts";
import { isSpace, parseWith, type Cursor } from "./syntax.ts";

const depthLimit = 100;

const variables: ReadonlyMap<string, MarkerVariable | MarkerMembership["set"]> = new Map([
  ...[
    "implementation_name",
    "implementation_version",
    "os_name",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_version",
    "sys_platform",
  ].map((name) => [name, name as MarkerVariable] as const),
  // Spellings of setuptools before PEP 508.
  ["os.name", "os_name"],
  ["sys.platform", "sys_platform"],
  ["platform.version", "platform_version"],
  ["platform.machine", "platform_machine"],
  ["platform.python_implementation", "platform_python_implementation"],
  ["python_implementation", "platform_python_implementation"],
  ["extra", "extra"],
  ["extras", "extras"],
  ["dependency_groups", "dependency_groups"],
] as const);

const symbols: readonly MarkerOperator[] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

interface VariableOperand {
  readonly kind: "variable";
  readonly name: MarkerVariable | MarkerMembership["set"];
  readonly offset: number;
}

interface LiteralOperand {
  readonly kind: "literal";
  readonly value: string;
  readonly offset: number;
}

type Operand = VariableOperand | LiteralOperand;

/**
 * Reads an environment marker (PEP 508, and the `extras` and `dependency_groups` of PEP 751).
 * Throws INVALID_MARKER with the place in `why` and `data.column` (from 1); parentheses may nest 100 deep.
 */
export function parseMarker(text: string): Marker {
  return parseWith("INVALID_MARKER", text, (cursor) => {
    const marker = scanMarker(cursor);
    if (!cursor.atEnd()) cursor.fail("Expected 'and', 'or' or the end of the marker");
    return marker;
  });
}

/** marker = conjunction ("or" conjunction)*; stops before the first character that does not continue it. */
export function scanMarker(cursor: Cursor, depth: number = 0): Marker {
  const operands = [scanConjunction(cursor, depth)];
  while (acceptWord(cursor, "or")) operands.push(scanConjunction(cursor, depth));
  return operands.length === 1 ? elementAt(operands, 0) : joinMarkers("or", operands);
}

/** conjunction = atom ("and" atom)* */
function scanConjunction(cursor: Cursor, depth: number): Marker {
  const operands = [scanAtom(cursor, depth)];
  while (acceptWord(cursor, "and")) operands.push(scanAtom(cursor, depth));
  return operands.length === 1 ? elementAt(operands, 0) : joinMarkers("and", operands);
}

/** atom = "(" marker ")" | operand operator operand */
function scanAtom(cursor: Cursor, depth: number): Marker {
  cursor.skipSpace();
  const open = cursor.at;
  if (!cursor.accept("(")) return scanComparison(cursor);
  if (depth >= depthLimit) cursor.fail(`Parentheses nest deeper than ${depthLimit}`, open);
  const marker = scanMarker(cursor, depth + 1);
  if (!cursor.accept(")")) cursor.fail("Expected 'and', 'or' or ')'");
  cursor.skipSpace();
  return marker;
}

function scanComparison(cursor: Cursor): Marker {
  const left = scanOperand(cursor);
  const operator = scanOperator(cursor);
  const right = scanOperand(cursor);
  cursor.skipSpace();
  if (left.kind === "variable" && right.kind === "literal")
    return makeTerm(cursor, { variable: left, operator, literal: right, reversed: false });
  if (left.kind === "literal" && right.kind === "variable")
    return makeTerm(cursor, { variable: right, operator, literal: left, reversed: true });
  const both = left.kind === "literal" ? "texts" : "variables";
  return cursor.fail(`A comparison needs a variable and a quoted text, not two ${both}`, right.offset);
}

function scanOperand(cursor: Cursor): Operand {
  cursor.skipSpace();
  const offset = cursor.at;
  const quote = cursor.peek();
  if (quote === 34 || quote === 39) {
    const end = cursor.text.indexOf(quote === 34 ? '"' : "'", offset + 1);
    if (end === -1) cursor.fail("This quote is never closed", offset);
    cursor.at = end + 1;
    return { kind: "literal", value: cursor.text.slice(offset + 1, end), offset };
  }
  const word = cursor.takeWhile((code) => isAlphanumericCode(code) || code === 95 || code === 46);
  const name = variables.get(word);
  if (name !== undefined) return { kind: "variable", name, offset };
  const known = "such as python_version, sys_platform or extra";
  return cursor.fail(`Expected a marker variable (${known}) or a quoted text`, offset);
}

function scanOperator(cursor: Cursor): MarkerOperator {
  cursor.skipSpace();
  const symbol = symbols.find((candidate) => cursor.accept(candidate));
  if (symbol !== undefined) return symbol;
  if (acceptWord(cursor, "in")) return "in";
  if (acceptWord(cursor, "not")) {
    if (acceptWord(cursor, "in")) return "not in";
    cursor.fail("Expected 'in' after 'not'");
  }
  return cursor.fail("Expected an operator: one of ==, !=, <=, >=, <, >, ~=, ===, in, not in");
}

function acceptWord(cursor: Cursor, word: string): boolean {
  cursor.skipSpace();
  const next = cursor.text.charCodeAt(cursor.at + word.length);
  if (isAlphanumericCode(next) || next === 95 || !cursor.accept(word)) return false;
  return cursor.atEnd() || isSpace(next) || next === 40 || next === 34 || next === 39 || cursor.fail(`Expected a space after '${word}'`);
}

interface TermParts {
  readonly variable: VariableOperand;
  readonly operator: MarkerOperator;
  readonly literal: LiteralOperand;
  /** True when the literal stands on the left. */
  readonly reversed: boolean;
}

function makeTerm(cursor: Cursor, parts: TermParts): Marker {
  const { operator, literal, reversed } = parts;
  const variable = parts.variable.name;
  if (variable === "extra") return extraTerm(cursor, parts);
  if (variable === "extras" || variable === "dependency_groups") return memberTerm(cursor, variable, parts);
  if (!reversed) return comparison(variable, operator, literal.value);
  if (operator === "~=") cursor.fail("'~=' needs the variable on its left", literal.offset);
  if (operator !== "in" && operator !== "not in") return comparison(variable, flip(operator), literal.value);
  return { kind: "compare", variable, operator, value: literal.value, reversed: true, versions: undefined };
}

function flip(operator: MarkerOperator): MarkerOperator {
  switch (operator) {
    case "<":
      return ">";
    case "<=":
      return ">=";
    case ">":
      return "<";
    case ">=":
      return "<=";
    case "==":
    case "!=":
    case "===":
    case "~=":
    case "in":
    case "not in":
      return operator;
  }
}

/** `'name' in extras` and `'name' in dependency_groups`, of lock files (PEP 751). */
function memberTerm(cursor: Cursor, set: "extras" | "dependency_groups", parts: TermParts): Marker {
  if (!parts.reversed || (parts.operator !== "in" && parts.operator !== "not in")) {
    return cursor.fail(`'${set}' can only be asked as in: 'name' in ${set}`, parts.variable.offset);
  }
  return member(cursor, set, parts.literal, parts.operator === "not in");
}

function extraTerm(cursor: Cursor, { variable, operator, literal, reversed }: TermParts): Marker {
  const negated = operator === "!=" || operator === "not in";
  if (operator === "==" || operator === "===" || operator === "!=") return member(cursor, "extra", literal, negated);
  if (reversed || (operator !== "in" && operator !== "not in")) {
    return cursor.fail("'extra' can only be compared as in: extra == 'name'", variable.offset);
  }
  // PEP 508 does not define `extra in 'a b'`; its authors mean a list of names.
  const words = literal.value.split(/[\s,]+/).filter((word) => word !== "");
  const members = words.map((word) => member(cursor, "extra", { ...literal, value: word }, negated));
  return joinMarkers(negated ? "and" : "or", members);
}

function member(cursor: Cursor, set: MarkerMembership["set"], literal: LiteralOperand, negated: boolean): Marker {
  const name = tryNormalizeName(literal.value);
  if (name === undefined) return cursor.fail("This is not a valid name", literal.offset);
  return { kind: "member", set, name, negated };
}
