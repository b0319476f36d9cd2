import { describe, expect, test } from "bun:test";
import { normalizeName } from "#standards";
import { formatControl, readChoices, settingsFor } from "./build-choices.ts";

describe("--no-binary and --only-binary, as pip understands them", () => {
  const name = normalizeName("flask");
  test.each([
    [[], [], true, true],
    [[":all:"], [], false, true],
    [[], [":all:"], true, false],
    [["Flask"], [], false, true],
    [["other"], [], true, true],
    [[], ["flask"], true, false],
    [[":all:", ":none:"], [], true, true],
    [[":all:"], ["flask"], true, false],
    [["flask"], [":all:"], true, false],
    [[":none:"], [], true, true],
    [["flask", ":all:"], [], false, true],
  ] as const)("%j %j", (noBinary, onlyBinary, wheel, source) => {
    const control = formatControl(noBinary, onlyBinary);
    expect([control.allowsWheel(name), control.allowsSource(name)]).toEqual([wheel, source]);
  });
});

describe("settings for backends", () => {
  test("a key that comes again becomes a list; those of one project and of a line are laid over", () => {
    const choices = readChoices({ settings: ["a=1", "a=2", "b=x=y", "c="], packageSettings: ["My.Flask:b=2", "other:a=9"] });
    expect(settingsFor(choices, normalizeName("my-flask"), ["--config-settings=d=4", '--config-setting="e=5 6"', "-C=f=7"])).toEqual({
      a: ["1", "2"],
      b: "2",
      c: "",
      d: "4",
      e: "5 6",
      f: "7",
    });
    expect(settingsFor(choices, undefined, [])).toEqual({ a: ["1", "2"], b: "x=y", c: "" });
  });

  test("a key of the language's own is a key like any other", () => {
    const { settings } = readChoices({ settings: ["__proto__=1", "constructor=2"] });
    expect(Object.entries(settings)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
    ]);
  });

  test.each([[["novalue"]], [["=x"]]])("%j is refused", (settings) => expect(() => readChoices({ settings })).toThrow(/is no setting/));
  test("a setting without the name of its package is refused", () =>
    expect(() => readChoices({ packageSettings: ["a=b"] })).toThrow(/is no setting/));
  test("options of setup.py are refused", () => {
    expect(() => settingsFor(readChoices({}), undefined, ["--global-option=--x"])).toThrow(/cannot be given to a build/);
  });
});
