import { describe, expect, test } from "bun:test";
import { closest, excerpt, printable, printableLine, redactUrl } from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

describe("no control character of a package reaches the terminal", () => {
  const cases: ReadonlyArray<readonly [text: string, shown: string]> = [
    ["plain é 日本 🐍", "plain é 日本 🐍"],
    ["line\nbreak\tand tab", "line\nbreak\tand tab"],
    ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
    ["\u009b2J", "\\x9b2J"],
    ["over\rwrite", "over\\x0dwrite"],
    ["back\b\u007f", "back\\x08\\x7f"],
    ["nul\0", "nul\\x00"],
    ["user\u202enimda", "user\\u202enimda"],
    ["\u2066isolate\u2069\u200e\u200f\u061c", "\\u2066isolate\\u2069\\u200e\\u200f\\u61c"],
    ["two\u2028lines", "two\\u2028lines"],
  ];
  for (const [text, shown] of cases) test(JSON.stringify(text), () => expect(printable(text)).toBe(shown));

  test("every one of them, in each of the three functions", () => {
    const ranges = [
      [0, 0x1f],
      [0x7f, 0x9f],
      [0x202a, 0x202e],
      [0x2066, 0x2069],
    ] as const;
    for (const [from, to] of ranges) {
      for (let code = from; code <= to; code += 1) {
        const char = String.fromCharCode(code);
        if (char !== "\n" && char !== "\t") expect(printable(`a${char}b`)).not.toContain(char);
        expect(printableLine(`a${char}b`)).not.toContain(char);
        expect(excerpt(`a${char}b`)).not.toContain(char);
      }
    }
  });

  test("printableLine is one line", () => expect(printableLine("a\nb\tc\r\nd")).toBe("a\\nb\\tc\\x0d\\nd"));

  test("excerpt cuts, and not inside a character", () => {
    expect(excerpt("short")).toBe("'short'");
    expect(excerpt("x".repeat(100), 5)).toBe("'xxxxx…'");
    expect(excerpt("abcd🐍efgh", 5)).toBe("'abcd…'");
  });
});

describe("credentials are never shown", () => {
  const cases: ReadonlyArray<readonly [text: string, shown: string]> = [
    ["https://user:secret@host/simple/", "https://****@host/simple/"],
    ["https://secret@host", "https://****@host"],
    ["https://user:p@ss@host/a", "https://****@host/a"],
    ["https://user:s%40f@host:8080/a?b#c", "https://****@host:8080/a?b#c"],
    ["https://:secret@host/", "https://****@host/"],
    ["https://user:@host/", "https://****@host/"],
    ["git+ssh://git:secret@host/repo.git@v1.0", "git+ssh://****@host/repo.git@v1.0"],
    ["git+https://host/repo.git@v1.0#egg=x", "git+https://host/repo.git@v1.0#egg=x"],
    ["https://host/@scope/package", "https://host/@scope/package"],
    ["https://host:8080/a@b", "https://host:8080/a@b"],
    ["https://[::1]:8080/a@b", "https://[::1]:8080/a@b"],
    ["https://user:secret@[::1]:8080/a@b", "https://****@[::1]:8080/a@b"],
    ["https://host/?mail=a@b", "https://host/?mail=a@b"],
    ["https://host#a@b", "https://host#a@b"],
    ["https://user:se/cret@host/simple", "https://****@host/simple"],
    ["https://user:se#cret@host/simple", "https://****@host/simple"],
    ["https://user:se?cret@host/simple", "https://****@host/simple"],
    ["from https://a:b@one/x and https://c:d@two/y.", "from https://****@one/x and https://****@two/y."],
    ["https://a:b@one,https://c:d@two", "https://****@one,https://****@two"],
    ["https://host/?to=https://u:secret@inner/", "https://host/?to=https://****@inner/"],
    ["//user:secret@host/x", "//****@host/x"],
    ["mail me at a@b or //x", "mail me at a@b or //x"],
    ["'https://user:secret@host'", "'https://****@host'"],
    ["name @ file:///home/me@work/x.whl", "name @ file:///home/me@work/x.whl"],
    ["/home//me@work/x", "/home//me@work/x"],
    ["", ""],
  ];
  for (const [text, shown] of cases) test(text, () => expect(redactUrl(text)).toBe(shown));

  test("64 KiB of anything take no time", () => {
    for (const piece of ["//", "/", "@", "//a:b@", "//a:", "a@b/", "//a@b:c/", ":", "//:"]) {
      const text = piece.repeat(65_536 / piece.length);
      const started = processorTime();
      redactUrl(text);
      expect(processorTime() - started).toBeLessThan(100);
    }
  });
});

describe("did you mean", () => {
  const cases: ReadonlyArray<readonly [word: string, known: readonly string[], near: string | undefined]> = [
    ["instal", ["install", "uninstall", "list"], "install"],
    ["isntall", ["install", "uninstall", "list"], "install"],
    ["lst", ["install", "list"], "list"],
    ["banana", ["install", "list"], undefined],
    ["--upgrad", ["--upgrade", "--user"], "--upgrade"],
    ["install", ["install"], "install"],
    ["x", ["a", "b"], undefined],
    ["", ["a"], undefined],
    ["list", [], undefined],
    ["vnev", ["venv", "run"], "venv"],
    ["vevn", ["venv", "run"], "venv"],
    ["ven", ["venv", "run"], "venv"],
  ];
  for (const [word, known, near] of cases) test(word, () => expect(closest(word, known)).toBe(near));
  test("a word of 64 KiB takes no time", () => {
    const started = processorTime();
    expect(closest("a".repeat(65_536), ["install"])).toBeUndefined();
    expect(processorTime() - started).toBeLessThan(100);
  });
});
