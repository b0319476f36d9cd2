import { describe, expect, test } from "bun:test";
import { PenError } from "#foundation";
import { chooseColours } from "./colours.ts";
import { errorJson, errorText, exitStatus } from "./errors.ts";
import { ProgressReporter } from "./progress.ts";
import { durationText, sizeText } from "./sizes.ts";
import { columnsTable } from "./table.ts";

const plain = chooseColours("never", {}, true);

describe("errors", () => {
  const error = new PenError("NETWORK", "No answer\u001b[2J", {
    why: "two\nlines\u202e",
    hint: "type `pen`",
    data: { url: "u" },
    cause: new Error("inner"),
  });
  test("what happened, why, what to type; no control characters", () => {
    expect(errorText(error, plain, { verbose: false, asPip: false })).toBe(
      "error: No answer\\x1b[2J [NETWORK]\n  two\n  lines\\u202e\n\nhint: type `pen`\n",
    );
    expect(errorText(new PenError("USAGE", "bare"), plain, { verbose: false, asPip: false })).toBe("error: bare [USAGE]\n");
  });
  test("the cause only on request; a stack only for a defect", () => {
    expect(errorText(error, plain, { verbose: false, asPip: false })).not.toContain("inner");
    expect(errorText(error, plain, { verbose: true, asPip: false })).toContain("Error: inner");
    expect(errorText(new TypeError("oops"), plain, { verbose: false, asPip: false })).toContain("defect in pen");
    expect(errorText(new DOMException("x", "AbortError"), plain, { verbose: false, asPip: false })).toContain("Interrupted");
    expect(errorText(new PenError("USAGE", "bare"), plain, { verbose: false, asPip: true })).toBe("ERROR: bare [USAGE]\n");
  });
  test("exit statuses", () => {
    expect([
      exitStatus(error),
      exitStatus(new PenError("USAGE", "x")),
      exitStatus(new TypeError("x")),
      exitStatus(new DOMException("x", "AbortError")),
    ]).toEqual([1, 2, 70, 130]);
  });
  test("as JSON", () => {
    expect(errorJson(error)).toEqual({
      code: "NETWORK",
      message: "No answer\u001b[2J",
      why: "two\nlines\u202e",
      hint: "type `pen`",
      data: { url: "u" },
    });
    expect(errorJson(new TypeError("x"))).toEqual({ code: "INTERNAL", message: "x" });
  });
});

test("colours: the option, then NO_COLOR, then FORCE_COLOR, then the terminal", () => {
  const isPainted = (...given: Parameters<typeof chooseColours>): boolean => chooseColours(...given).red("x") !== "x";
  const cases: ReadonlyArray<readonly [...Parameters<typeof chooseColours>, boolean]> = [
    ["always", { NO_COLOR: "1" }, false, true],
    ["never", { FORCE_COLOR: "1" }, true, false],
    ["auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["auto", { FORCE_COLOR: "1" }, false, true],
    ["auto", { NO_COLOR: "" }, true, true],
    ["auto", { TERM: "dumb" }, true, false],
    ["auto", {}, true, true],
    ["auto", {}, false, false],
  ];
  for (const [choice, env, isTerminal, painted] of cases)
    expect([choice, env, isTerminal, isPainted(choice, env, isTerminal)]).toEqual([choice, env, isTerminal, painted]);
});

test("sizes and times", () => {
  expect([0, 1023, 1024, 1536, 1024 ** 2 * 1.25, 1024 ** 5].map(sizeText)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 KiB",
    "1.3 MiB",
    "1024.0 TiB",
  ]);
  expect([0, 34.4, 999.4, 1000, 61_234].map(durationText)).toEqual(["0 ms", "34 ms", "999 ms", "1.00 s", "61.23 s"]);
});

test("tables are drawn as pip draws them", () => {
  expect(
    columnsTable(
      ["Package", "Version"],
      [
        ["a", "1.0"],
        ["é🐍-long-name", "2"],
      ],
    ),
  ).toBe("Package      Version\n------------ -------\na            1.0\né🐍-long-name 2\n");
  expect(columnsTable(["A"], [])).toBe("A\n-\n");
});

describe("progress", () => {
  const draw = (terminal: boolean, quiet: number, verbose: number): readonly [ProgressReporter, () => string] => {
    let text = "";
    const sink = {
      out: () => {},
      err: (more: string) => (text += more),
      outIsTerminal: terminal,
      errIsTerminal: terminal,
      inIsTerminal: terminal,
      columns: 60,
    };
    return [new ProgressReporter(sink, { colour: plain, quiet, verbose, bars: terminal, asPip: false }), () => text];
  };
  const play = (reporter: ProgressReporter): void => {
    reporter.emit({ type: "phase", phase: "download" });
    reporter.emit({ type: "progress", phase: "download", id: "a", done: 512, total: 1024, unit: "bytes" });
    reporter.emit({ type: "log", level: "warning", code: "odd", message: "odd\u001b[31m\nname" });
    reporter.emit({ type: "log", level: "info", code: "fact", message: "a fact" });
    reporter.emit({ type: "log", level: "debug", code: "detail", message: "a detail" });
    reporter.emit({ type: "waiting", resource: "the store\u0007", pid: 7 });
    reporter.finish();
  };
  test("piped: lines only, control characters escaped", () => {
    const [reporter, text] = draw(false, 0, 0);
    play(reporter);
    expect(text()).toBe("warning: odd\\x1b[31m\\nname\na fact\nWaiting for the store\\x07 (waiting for PID 7) …\n");
  });
  test("quiet, very quiet and verbose", () => {
    for (const [quiet, verbose, has, hasNot] of [
      [1, 0, /warning.*Waiting/s, /a fact/],
      [2, 0, /^$/, /./],
      [0, 1, /a detail/, /^$/],
    ] as const) {
      const [reporter, text] = draw(false, quiet, verbose);
      play(reporter);
      expect(text()).toMatch(has);
      expect(text()).not.toMatch(hasNot);
    }
  });
  test("on a terminal: one live line, no wider than it, gone at the end", () => {
    const [reporter, text] = draw(true, 0, 0);
    play(reporter);
    expect(text()).toContain("\r\u001b[KDownloading");
    for (const part of text().split(/\r\u001b\[K|\n/)) expect(part.length).toBeLessThan(60);
    const [second, after] = draw(true, 0, 0);
    second.emit({ type: "phase", phase: "install" });
    second.finish();
    expect(after()).toEndWith("\r\u001b[K");
  });
});
