/** Where a text stops to be JSON. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** Nothing is wrong but that it ends too early. */
  readonly isEnd: boolean;
}

const space = /[ \t\r\n]*/y;
const scalar = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What may come next: a value, a key, what closes an empty table or list, a colon, a comma or what closes. */
type Next = "value" | "key" | "first-key" | "first-value" | "colon" | "comma";

/** The first place at which a text is not JSON (RFC 8259); undefined when it is. JSON parsers name it each in words of their own, or not at all. */
export function jsonFault(text: string): JsonFault | undefined {
  const open: string[] = [];
  let next: Next = "value";
  let at = 0;
  for (;;) {
    at = end(space, text, at) ?? at;
    if (next === "comma" && open.length === 0) return at === text.length ? undefined : faultAt(text, at);
    const char = text[at] ?? "";
    const closes = char !== "" && char === open.at(-1) && (next === "comma" || next === "first-key" || next === "first-value");
    if (closes) {
      open.pop();
      next = "comma";
      at += 1;
    } else if (next === "comma" && char === ",") {
      next = open.at(-1) === "}" ? "key" : "value";
      at += 1;
    } else if (next === "colon" && char === ":") {
      next = "value";
      at += 1;
    } else if ((next === "value" || next === "first-value") && (char === "{" || char === "[")) {
      open.push(char === "{" ? "}" : "]");
      next = char === "{" ? "first-key" : "first-value";
      at += 1;
    } else {
      const isKey: boolean = next === "key" || next === "first-key";
      const after = next === "comma" || next === "colon" || (isKey && char !== '"') ? undefined : end(scalar, text, at);
      if (after === undefined) return faultAt(text, at);
      next = isKey ? "colon" : "comma";
      at = after;
    }
  }
}

function end(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function faultAt(text: string, at: number): JsonFault {
  const before = text.slice(0, at).split("\n");
  // A string or a word that is open to the end is cut off as well.
  const isEnd = /^(?:"(?:[^"\\\n]|\\.)*\\?|[a-z]*|-?)$/.test(text.slice(at, at + 4096)) && text.length - at < 4096;
  return { line: before.length, column: (before.at(-1) ?? "").length + 1, isEnd };
}
