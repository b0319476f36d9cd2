import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type Host } from "#foundation";
import { parseIni, readConfigFile } from "./ini.ts";
import { processorTime } from "../../../tests/support/processor-time.ts";

const texts: readonly string[] = [
  "[virtualenv]\nclear = true\n",
  "\n[virtualenv]\nPython = 3.12\n  3.11\n\n  3.10\nprompt: a = b\n",
  "[virtualenv]\n# comment\n; another\nkey = value ; not a comment\n",
  "[virtualenv]\nkey =\nother =   \n",
  "[virtualenv]\nkey = 50%\nother = %(home)s\n",
  "[DEFAULT]\nclear = on\n[virtualenv]\nno_seed=1\n",
  "[virtualenv]\nlist =\n    a\n    # within\n    b\n\nnext = 1\n",
  "[virtualenv]\r\nkey = a\r\n b\r\n",
  "  [virtualenv]\n  key = a\n    more\n  next = b\n",
  "[a]b]\nkey = 1\n",
  "[virtualenv]\nkey\n",
  "[virtualenv]\nkey = 1\nKEY = 2\n",
  "[virtualenv]\na = 1\n[virtualenv]\nb = 2\n",
  "key = 1\n",
  "[virtualenv]\n= 1\n",
  "[]\na = 1\n",
  "# only a comment\n",
  "",
  "[virtualenv]\nkey = a\n\n\n",
  "[virtualenv]\n\tkey = a\n\t\tb\n",
  "[virtualenv]\nkey = a\n[other]\n more = 1\n",
  "[virtualenv]\npath: /a:/b=c\n",
];

const oracle = `
import configparser, json, sys
out = []
for text in json.load(sys.stdin):
    parser = configparser.ConfigParser(interpolation=None)
    try:
        import io
        parser.read_file(io.StringIO(text, newline=None))
        out.append({name: {key: parser.get(name, key) for key in parser.options(name) } for name in parser.sections()})
    except configparser.Error:
        out.append(None)
json.dump(out, sys.stdout)
`;

describe("the text", () => {
  test("a section of keys", () => {
    const ini = parseIni("[virtualenv]\nClear = true\nlist =\n  a\n  b\n");
    expect(typeof ini === "string" ? ini : ini.get("virtualenv")).toEqual(
      new Map([
        ["clear", "true"],
        ["list", "\na\nb"],
      ]),
    );
  });

  test("a mistake is named with its line", () => expect(parseIni("[virtualenv]\na = 1\nb\n")).toBe("Line 3: it is no `key = value`."));

  const python = spawnSync("python3", ["-c", "import configparser"]).status === 0;
  test.skipIf(!python)("is read as Python's configparser reads it (needs python3)", () => {
    const { stdout, stderr } = spawnSync("python3", ["-c", oracle], { input: JSON.stringify(texts), encoding: "utf8" });
    expect(stderr).toBe("");
    const ours = texts.map((text) => {
      const ini = parseIni(text);
      if (typeof ini === "string") return null;
      const defaults = ini.get("DEFAULT") ?? new Map<string, string>();
      return Object.fromEntries(
        [...ini]
          .filter(([name]) => name !== "DEFAULT")
          .map(([name, keys]) => [name, Object.fromEntries([...keys, ...[...defaults].filter(([key]) => !keys.has(key))])]),
      );
    });
    const read = ours as readonly unknown[];
    for (const [at, answer] of (JSON.parse(stdout) as unknown[]).entries()) expect([texts[at], read[at]]).toEqual([texts[at], answer]);
  });

  test("security: 64 KiB of hostile text are answered at once", () => {
    const started = processorTime();
    for (const part of ["[", "]", "=", " ", "[a]\n", "a\n", "\n", " = ", "[a]\nb = \n c\n"]) parseIni(part.repeat(65_536 / part.length));
    expect(processorTime() - started).toBeLessThan(300);
  });
});

describe("the file", () => {
  const folder = mkdtempSync(join(tmpdir(), "pen-ini-"));
  const host = (env: Record<string, string>): Host => readHost({ env, cwd: folder, home: join(folder, "home"), platform: "linux" });

  test("its usual place, and those that variables name", () => {
    expect(readConfigFile(host({}))).toMatchObject({
      path: join(folder, "home/.config/virtualenv/virtualenv.ini"),
      state: "missing",
      isNamed: false,
    });
    expect(readConfigFile(host({ XDG_CONFIG_HOME: "/x" })).path).toBe("/x/virtualenv/virtualenv.ini");
    expect(readConfigFile(host({ VIRTUALENV_CONFIG_FILE: "own.ini" }))).toMatchObject({ path: join(folder, "own.ini"), isNamed: true });
    expect(readConfigFile(host({ VIRTUALENV_CONFIG_FILE: "" })).isNamed).toBe(false);
  });

  test("is read with a mark of its order of bytes, and [DEFAULT] counts beside [virtualenv] only", () => {
    writeFileSync(join(folder, "own.ini"), "\ufeff[DEFAULT]\nclear = on\n[virtualenv]\nno_seed = 1\n");
    const file = readConfigFile(host({ VIRTUALENV_CONFIG_FILE: "own.ini" }));
    expect([file.state, file.get("no_seed"), file.get("clear"), file.get("other")]).toEqual(["active", "1", "on", undefined]);
    writeFileSync(join(folder, "own.ini"), "[DEFAULT]\nclear = on\n");
    expect(readConfigFile(host({ VIRTUALENV_CONFIG_FILE: "own.ini" })).get("clear")).toBeUndefined();
  });

  test("security: bytes that are no UTF-8, a folder, and a mistake count as no file, and say why", () => {
    const path = join(folder, "bad.ini");
    for (const bytes of [Buffer.from([0xff, 0xfe, 0x00]), "no section = 1\n", "x".repeat(2 ** 20 + 1)]) {
      writeFileSync(path, bytes);
      const file = readConfigFile(host({ VIRTUALENV_CONFIG_FILE: path }));
      expect(file.state).toBe("failed to parse");
      expect(file.problem).toMatch(/\w/);
    }
    rmSync(path);
    mkdirSync(path);
    expect(readConfigFile(host({ VIRTUALENV_CONFIG_FILE: path })).state).toBe("failed to parse");
    rmSync(folder, { recursive: true });
  });
});
