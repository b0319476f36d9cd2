import { PenError } from "#foundation";
import { isAlphanumericCode } from "./names.ts";
import { excerpt, isSpace } from "./syntax.ts";
import { makeVersion, type Version } from "./versions.ts";

/**
 * Reads a version in any spelling that PEP 440 permits (`v1.0-ALPHA.2` is `1.0a2`), with spaces around it.
 * Throws INVALID_VERSION; also when a number is greater than 2^53 - 1, which pen cannot compare exactly.
 */
export function parseVersion(text: string): Version {
  const version = tryParseVersion(text);
  if (version !== undefined) return version;
  throw new PenError("INVALID_VERSION", `Not a valid version: ${excerpt(text, 60)}`, {
    why: "It does not follow PEP 440, or one of its numbers is greater than 9007199254740991.",
    hint: "Write versions as in 1.2.3, 2.0rc1, 1.0.post2 or 1!3.4.dev5+local.",
    data: { text: text.slice(0, 1000) },
  });
}

// The files of a release stand together on a page, so the last text is often the next one too.
let lastText: string | undefined;
let lastVersion: Version | undefined;

/** As {@link parseVersion}, but `undefined` for text that is no version. */
export function tryParseVersion(text: string): Version | undefined {
  if (text === lastText) return lastVersion;
  const version = plainVersion(text) ?? new VersionScanner(text).version();
  [lastText, lastVersion] = [text, version];
  return version;
}

/** `1.2.3`: most versions there are. Anything else gives undefined and goes the long way. */
function plainVersion(text: string): Version | undefined {
  if (text.length > 24) return undefined;
  const release: number[] = [];
  let number = -1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      number = number === -1 ? code - 48 : number * 10 + (code - 48);
      if (number > 1e15) return undefined;
    } else if (code === 46 && number !== -1) {
      release.push(number);
      number = -1;
    } else return undefined;
  }
  if (number === -1) return undefined;
  release.push(number);
  return { epoch: 0, release, pre: undefined, post: undefined, dev: undefined, local: undefined };
}

// Some non-ASCII letters have an ASCII lower case, such as the Kelvin sign.
const nonAscii = /[^\u0000-\u007f]/;

const preWords: readonly (readonly [string, "a" | "b" | "rc"])[] = [
  ["alpha", "a"],
  ["a", "a"],
  ["beta", "b"],
  ["b", "b"],
  ["preview", "rc"],
  ["pre", "rc"],
  ["c", "rc"],
  ["rc", "rc"],
];
const postWords: readonly (readonly [string, "post"])[] = [
  ["post", "post"],
  ["rev", "post"],
  ["r", "post"],
];
const devWords: readonly (readonly [string, "dev"])[] = [["dev", "dev"]];

/**
 * version = ["v"] [number "!"] number ("." number)* [pre] [post] [dev] ["+" local]
 * pre     = [sep] ("alpha"|"a"|"beta"|"b"|"preview"|"pre"|"c"|"rc") [sep] [number]
 * post    = "-" number | [sep] ("post"|"rev"|"r") [sep] [number]
 * dev     = [sep] "dev" [sep] [number]
 * local   = word (sep word)*          sep = "-" | "_" | "."
 */
class VersionScanner {
  readonly text: string;
  readonly end: number;
  at = 0;
  /** Set when the text cannot be a version although the scan goes on, as with a number too large to be exact. */
  refused = false;

  constructor(text: string) {
    this.text = text.toLowerCase();
    let end = this.text.length;
    while (end > 0 && isSpace(this.text.charCodeAt(end - 1))) end -= 1;
    this.end = end;
    this.refused = nonAscii.test(text);
    while (this.at < end && isSpace(this.text.charCodeAt(this.at))) this.at += 1;
  }

  version(): Version | undefined {
    if (this.text[this.at] === "v") this.at += 1;
    let first = this.number();
    if (first === undefined) return undefined;
    let epoch = 0;
    if (this.accept("!")) {
      epoch = first;
      first = this.number();
      if (first === undefined) return undefined;
    }
    const release = this.release(first);
    const pre = this.segment(preWords);
    const post = this.implicitPost() ?? this.segment(postWords)?.[1];
    const dev = this.segment(devWords)?.[1];
    const local = this.accept("+") ? this.local() : undefined;
    if (this.at !== this.end || this.refused) return undefined;
    return makeVersion(release, { epoch, pre, post, dev, local });
  }

  private release(first: number): number[] {
    const release = [first];
    while (this.text[this.at] === ".") {
      this.at += 1;
      const next = this.number();
      if (next === undefined) {
        this.at -= 1;
        break;
      }
      release.push(next);
    }
    return release;
  }

  private segment<Word>(words: readonly (readonly [string, Word])[]): readonly [Word, number] | undefined {
    const start = this.at;
    this.separator();
    for (const [spelling, word] of words) {
      if (!this.text.startsWith(spelling, this.at)) continue;
      this.at += spelling.length;
      this.separator();
      return [word, this.number() ?? 0];
    }
    this.at = start;
    return undefined;
  }

  private implicitPost(): number | undefined {
    if (!this.accept("-")) return undefined;
    const number = this.number();
    if (number === undefined) this.at -= 1;
    return number;
  }

  private local(): readonly (number | string)[] | undefined {
    const parts: (number | string)[] = [];
    for (;;) {
      const start = this.at;
      while (this.at < this.end && isAlphanumericCode(this.text.charCodeAt(this.at))) this.at += 1;
      if (this.at === start) {
        this.refused = true;
        return undefined;
      }
      parts.push(this.localPart(start));
      if (!this.separator()) return parts;
    }
  }

  private localPart(start: number): number | string {
    const part = this.text.slice(start, this.at);
    const numeric = /^[0-9]+$/.test(part);
    if (!numeric) return part;
    const number = Number(part);
    if (number > Number.MAX_SAFE_INTEGER) this.refused = true;
    return number;
  }

  private number(): number | undefined {
    const start = this.at;
    let number = 0;
    while (this.at < this.end) {
      const digit = this.text.charCodeAt(this.at) - 48;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
      this.at += 1;
    }
    if (number > Number.MAX_SAFE_INTEGER) this.refused = true;
    return this.at === start ? undefined : number;
  }

  private separator(): boolean {
    const char = this.text[this.at];
    if (this.at >= this.end || (char !== "." && char !== "-" && char !== "_")) return false;
    this.at += 1;
    return true;
  }

  private accept(literal: string): boolean {
    if (this.at >= this.end || this.text[this.at] !== literal) return false;
    this.at += 1;
    return true;
  }
}
