import { expect, test } from "bun:test";
import { isPenError } from "#foundation";
import { editedConfig } from "./config-editing.ts";
import { parsePyvenvConfig } from "./pyvenv-config.ts";

const key = "include-system-site-packages";
const cases: ReadonlyArray<readonly [what: string, before: string, edit: readonly [string, readonly string[]], after: string]> = [
  ["a value", "home = /x\npen = 1\n", [key, ["true"]], `home = /x\npen = 1\n${key} = true\n`],
  ["in its place", `a = 1\n${key} = false\npen = 1\n`, [key, ["true"]], `a = 1\n${key} = true\npen = 1\n`],
  ["comments and what nobody knows stay", `# mine\n${key}=false\nodd\n x = y \n`, [key, ["true"]], `# mine\n${key} = true\nodd\n x = y \n`],
  [
    "doubled keys become one",
    `${key} = false\nhome = /x\nInclude-System-Site-Packages = true\n`,
    [key, ["false"]],
    `${key} = false\nhome = /x\n`,
  ],
  ["no line break at the end", "home = /x", ["prompt", ["p"]], "home = /x\nprompt = 'p'\n"],
  ["CRLF stays", "home = C:\\x\r\npen = 1\r\n", [key, ["true"]], `home = C:\\x\r\npen = 1\r\n${key} = true\r\n`],
  ["a byte-order mark", `\ufeff${key} = false\nhome = /x\n`, [key, ["true"]], `${key} = true\nhome = /x\n`],
  ["taken out", "prompt = 'a'\nhome = /x\n", ["prompt", []], "home = /x\n"],
  ["nothing to take out", "home = /x\n", ["prompt", []], "home = /x\n"],
  ["several", "home = /x\n", ["inherits", ["/a", "/b"]], "home = /x\ninherits = /a\ninherits = /b\n"],
  ["fewer than before", "inherits = /a\npen = 1\ninherits = /b\n", ["inherits", ["/c"]], "inherits = /c\npen = 1\n"],
  ["an empty file", "", [key, ["true"]], `${key} = true\n`],
];
for (const [what, before, [name, values], after] of cases) test(what, () => expect(editedConfig(before, name, values)).toBe(after));

test("a prompt is read again as it was written, in files of pen and of other tools", () => {
  for (const prompt of ["plain", "it's", 'a "word"', `both ' and "`, "back\\slash", "\\n", "$(touch x)", "'", "ends\\", "é ∆"])
    for (const text of ["home = /x\npen = 1\n", "home = /x\nversion = 3.12\n", "home = /x\nprompt = 'old'\n"])
      expect(parsePyvenvConfig(editedConfig(text, "prompt", [prompt])).get("prompt")).toBe(prompt);
});

test("security: a line break in a value cannot bring a line of its own", () => {
  for (const value of ["x\nhome = /evil", "x\rhome = /evil", "x\u2028y", "\u0000"]) {
    try {
      editedConfig("home = /x\n", "prompt", [value]);
      throw new Error("not refused");
    } catch (error) {
      expect(isPenError(error, "INVALID_CONFIG")).toBe(true);
    }
  }
});
