// Ranges that must never reach a terminal: C0 (but for newline and tab), DEL, C1, the line separators of Unicode, and all that turns
// the direction of writing (marks, embeddings, overrides, isolates).
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Replaces control characters by their visible escapes (`\x1b`), so that text from packages cannot steer a terminal. Newline and tab stay. */
export function printable(text: string): string {
  return text.replace(unsafe, (char) => {
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** Nearly all lines. */
const plainLine = /^[ -~]*$/;

/** Like {@link printable}, on one line: newline and tab are escaped too. */
export function printableLine(text: string): string {
  if (plainLine.test(text)) return text;
  return printable(text).replace(/\n/g, "\\n").replace(/\t/g, "\\t");
}

/** Foreign text for an error message: printable, on one line, in quotes, and cut after `length` characters. */
export function excerpt(text: string, length: number = 80): string {
  // A pair of surrogates is not cut in the middle.
  const start = text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
  return `'${printableLine(text.length > length ? `${start}…` : text)}'`;
}

/**
 * URLs without user name and password, for messages, logs and files: every `//user:pass@` in the text becomes `//****@`. A password
 * may hold `@`; one that holds `/`, `?` or `#` as they are is recognised by the port that is none. Paths with `@` stay.
 */
export function redactUrl(text: string): string {
  return text.replace(/(?<=^|[:\s"'<>=(,])\/\/((?:(?!\/\/)[^\s"'<>])+)/g, (whole, rest: string) => {
    const end = rest.search(/[/?#]/);
    const authority = end < 0 ? rest : rest.slice(0, end);
    // `user:pa/ss@host` ends its authority too early.
    const isCut = /^[^:[\]]*:(?!\d*$)/.test(authority);
    const at = (isCut && !authority.includes("@") ? rest : authority).lastIndexOf("@");
    return at < 0 ? whole : `//****${rest.slice(at)}`;
  });
}

/** The closest of `known` to `word` within a third of its length (by edit distance), for 'did you mean'. */
export function closest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  if (word.length < 2) return undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters added, dropped, replaced, or changed places with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const [here, there] = [a[row - 1], b[column - 1]];
      let distance = Math.min((last[column - 1] ?? 0) + (here === there ? 0 : 1), (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      if (row > 1 && here === b[column - 2] && a[row - 2] === there) distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1);
      current.push(distance);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}
