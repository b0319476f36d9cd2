import { describe, expect, test } from "bun:test";
import { type EntryPoint, parseEntryPoints, validateScriptEntryPoint } from "./entry-points.ts";

const script = (name: string, module: string = "m", attribute: string = "f"): EntryPoint => ({
  group: "console_scripts",
  name,
  module,
  attribute,
  extras: [],
});
const only = (value: string): EntryPoint => parseEntryPoints(`[console_scripts]\nx = ${value}\n`)[0] as EntryPoint;

describe("entry_points.txt", () => {
  test("the example of the specification", () => {
    const text =
      "[console_scripts]\nfoo = foomod:main\n# One which depends on extras:\nfoobar = foomod:main_bar [bar,baz]\n\n[pygments.lexers]\nfoo = package:Foo.Inner\nmodule = package.sub\n";
    expect(parseEntryPoints(text)).toEqual([
      { group: "console_scripts", name: "foo", module: "foomod", attribute: "main", extras: [] },
      { group: "console_scripts", name: "foobar", module: "foomod", attribute: "main_bar", extras: ["bar", "baz"] },
      { group: "pygments.lexers", name: "foo", module: "package", attribute: "Foo.Inner", extras: [] },
      { group: "pygments.lexers", name: "module", module: "package.sub", attribute: "", extras: [] },
    ]);
  });

  test("names keep their case; sections may come again; the same line twice is one", () => {
    expect(parseEntryPoints("[a]\nX=m:f\nx=m:g\n[b]\ny=m:f\n[a]\nX=m:f\nz=m:h\n").map(({ group, name }) => `${group}/${name}`)).toEqual([
      "a/X",
      "a/x",
      "a/z",
      "b/y",
    ]);
  });

  test("a value of another form stands in module, whole", () => {
    expect(parseEntryPoints("[a]\nx = some text: with (things)\n")[0]).toEqual({
      group: "a",
      name: "x",
      module: "some text: with (things)",
      attribute: "",
      extras: [],
    });
  });

  test.each([
    ["x = m:f\n", 1, "before the first section"],
    ["[a]\nx\n", 2, "name = value"],
    ["[a]\n= m:f\n", 2, "no name"],
    ["[a]\nx = m:f\nx = m:g\n", 3, "another value"],
    ["[a\nx = m:f\n", 1, "section header"],
    ["[]\n", 1, "section header"],
    ["[a]]\n", 1, "section header"],
    ["[DEFAULT]\nx = m:f\n", 1, "DEFAULT"],
    ["[a]\nx = m:f\u2028y = m:g\n", 2, "control character"],
    ["[a]\n# note\u0085y = m:g\n", 2, "control character"],
    ["[a]\nx = m:\u001b[2J\n", 2, "control character"],
    ["[a]\nx = m:f\0\n", 2, "control character"],
  ])("%j is refused", (text, line, why) => {
    let thrown: unknown;
    try {
      parseEntryPoints(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "INVALID_ENTRY_POINT", message: `Line ${line} of entry_points.txt cannot be read` });
    expect((thrown as { why: string }).why).toContain(why);
  });
});

describe("commands", () => {
  test.each(["pip", "pip3.12", "foo-bar", "foo_bar", "foo.bar", "2to3", "f++", "überprüfen", "a b", "foo@bar", "con"])(
    "%s is a fine name",
    (name) => {
      expect(() => validateScriptEntryPoint(script(name))).not.toThrow();
    },
  );

  test.each([
    ["m", "f"],
    ["a.b.c", "D.e.f"],
    ["_a1", "__main__"],
    ["módulo", "función"],
    ["match", "type"],
  ])("%s:%s is a fine reference", (module, attribute) => {
    expect(() => validateScriptEntryPoint(script("x", module, attribute))).not.toThrow();
  });

  const refuse = (rule: string, names: readonly string[]): void => {
    test.each(names.map((name) => [name]))(`${rule}: the name %j is refused, and never printed as it is`, (name) => {
      let thrown: unknown;
      try {
        validateScriptEntryPoint(script(name));
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: "INVALID_ENTRY_POINT" });
      expect((thrown as Error).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    });
  };
  refuse("ep_trav", ["../x", "a/b", "..\\x", "a\\b", "x/"]);
  refuse("ep_abs", ["/bin/sh", "C:\\x", "C:x", "//host/x"]);
  refuse("ep_dot", [".", "..", "", "x.", "x ", " x"]);
  refuse("ep_esc", ["\u001b[2J", "x\u0000", "x\ny", "x\ty", "x\u007f", "x\u009b31m", "x\u202ey", "x\u2028y"]);
  refuse("ep_option", ["-x", "--help"]);
  refuse("ep_windows", ["a:b", "a<b", 'a"b', "a|b", "a?b", "a*b"]);
  refuse("ep_long", ["x".repeat(256), "é".repeat(128)]);

  test.each([
    "m:f;import os",
    "m:f()",
    "m: f or g",
    "os:system('x')",
    "m:f #",
    "m.f",
    "m:",
    ":f",
    "m:f:g",
    "m..n:f",
    ".m:f",
    "m:.f",
    "m:f.",
    "m-n:f",
    "1m:f",
    "m:1f",
    "m:f [x] y",
    "m :f\\",
    "__import__('os'):f",
    "m\u00a0n:f",
  ])("ep_code_value: %j is refused", (value) => {
    expect(() => validateScriptEntryPoint(only(value))).toThrow("cannot be made");
  });

  test("ep_newline_value: a value that goes on in the next line is refused", () => {
    const [entryPoint] = parseEntryPoints("[console_scripts]\nx = m:f\n  import os\n");
    expect(entryPoint?.module).toBe("m:f\nimport os");
    expect(() => validateScriptEntryPoint(entryPoint as EntryPoint)).toThrow("cannot be made");
    for (const char of ["\n", "\r", "\u2028", "\u0085", "\u000c"]) {
      expect(() => validateScriptEntryPoint(script("x", `m${char}import os`))).toThrow("cannot be made");
      expect(() => validateScriptEntryPoint(script("x", "m", `f${char}g`))).toThrow("cannot be made");
    }
  });

  test.each([
    ["class", "f"],
    ["m", "lambda"],
    ["a.import.b", "f"],
    ["m", "f.None"],
    ["async", "f"],
  ])("ep_keyword: %s:%s is refused", (module, attribute) => {
    expect(() => validateScriptEntryPoint(script("x", module, attribute))).toThrow("cannot be made");
  });
});
