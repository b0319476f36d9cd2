import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRecord } from "#standards";
import { realPythons } from "../../tests/support/interpreters.ts";
import { isPythonOf, pinnedScripts, recordedRoots, relocatableScript, relocateScripts, scriptPython } from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "pen-relocation-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const python = realPythons().at(-1);

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
/** Head, the Python that it names, its options. */
const heads: ReadonlyArray<readonly [head: string, python: string, options: string]> = [
  ["#!/x/bin/python\n", "/x/bin/python", ""],
  ["#!/x/bin/python3.12\n", "/x/bin/python3.12", ""],
  ["#! /x/bin/python3.13t -u -E\n", "/x/bin/python3.13t", " -u -E"],
  ["#!/x/bin/pypy3\r\n", "/x/bin/pypy3", ""],
  ["#!/x y/bin/python3 -s\n", "/x y/bin/python3", " -s"],
  ["#!/é/bin/python\n", "/é/bin/python", ""],
  ["#!/bin/sh\n'''exec' /x/bin/python3 \"$0\" \"$@\"\n' '''\n", "/x/bin/python3", ""],
  ["#!/bin/sh\n'''exec' \"/x y/bin/python3\" -sE \"$0\" \"$@\"\n' '''\n", "/x y/bin/python3", " -sE"],
  ["#!/bin/sh\n'''exec' '/x y/bin/python' \"$0\" \"$@\"\n' '''\n", "/x y/bin/python", ""],
  ["#!/bin/sh\n'''exec' '/it'\"'\"'s/bin/python' \"$0\" \"$@\"\n' '''\n", "/it's/bin/python", ""],
  ["#!/bin/sh\n'''exec' \"/x/bin/python3.9\" \"$0\" \"$@\" #'''\n", "/x/bin/python3.9", ""],
];
const others = [
  "",
  "#!",
  "#!/usr/bin/env python3\n",
  "#!python\n",
  "#!/bin/sh\n",
  '#!/bin/sh\nexec /x/bin/python "$0"\n',
  "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n",
  "#!/bin/sh\n'''exec' `x`/bin/python \"$0\" \"$@\"\n' '''\n",
  "#!/bin/sh\n'''exec' /x/bin/python \"$0\" \"$@\"\nno end\n",
  "#!/bin/sh\n'''exec' '/x/bin/python\n",
  "#!/x/bin/pythonic\n",
  "#!/x/bin/python-config\n",
  "\x7fELF#!/x/bin/python\n",
];

describe("heads of scripts", () => {
  test("the Python that each form names", () => {
    for (const [head, path] of heads) expect([head, scriptPython(bytes(`${head}x = 1\n`))]).toEqual([head, path]);
    for (const text of others)
      expect([text, scriptPython(bytes(text)), relocatableScript(bytes(text))]).toEqual([text, undefined, undefined]);
  });
  test("the new head names no place, keeps options, and all below stays", () => {
    const body = "x = '''/x/bin/python'''\r\nprint(x)\n";
    for (const [head, , options] of heads) {
      if (!head.endsWith("\n")) continue;
      const text = Buffer.from(relocatableScript(bytes(head + body)) ?? []).toString();
      expect([text.startsWith("#!/bin/sh\n"), text.endsWith(body), text.includes(`/python"${options} "$_pen_self"`)]).toEqual([
        true,
        true,
        true,
      ]);
      expect(text.slice(0, -body.length)).not.toContain("/x");
      expect(relocatableScript(bytes(text))).toBeUndefined();
    }
  });
  test.skipIf(python === undefined)("scripts with each head run, docstring, __future__ and coding included (needs a Python)", () => {
    const bin = join(base, "r un", "bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(python ?? "", join(bin, "python"));
    const bodies = [
      "import sys; print('ran', sys.argv[1:])\n",
      "'''doc'''\nfrom __future__ import annotations\nimport sys; print('ran', sys.argv[1:])\n",
      "# -*- coding: latin-1 -*-\nimport sys; print('ran', sys.argv[1:])\n",
    ];
    for (const [head] of heads) {
      if (!head.endsWith("\n")) continue;
      for (const body of bodies) {
        const path = join(bin, "script");
        writeFileSync(path, relocatableScript(bytes(head + body)) ?? "");
        chmodSync(path, 0o755);
        const { stdout, stderr } = spawnSync(path, ["a b", "$x"], { encoding: "utf8" });
        expect([head, stdout, stderr]).toEqual([head, "ran ['a b', '$x']\n", ""]);
      }
    }
  });
  test("hostile input of 64 KiB is answered in under 100 ms", () => {
    for (const filler of [" ", "/python ", "'", '"', "\\", "$(", "#!/x/python ", "a\n"]) {
      for (const start of ["#!/", "#!/bin/sh\n'''exec' ", "#!/bin/sh\n'''exec' '/x/bin/python' "]) {
        const text = bytes(start + filler.repeat(65_536 / filler.length));
        const before = processorTime();
        scriptPython(text);
        relocatableScript(text);
        expect(processorTime() - before).toBeLessThan(100);
      }
    }
  });
});

describe("scripts of an environment", () => {
  const root = join(base, "env");
  const library = join(root, "lib", "site-packages");
  const paths = { purelib: library, platlib: library, scripts: join(root, "bin") };
  test("only those of the named places change; mode and RECORD follow; a linked file elsewhere stays", () => {
    mkdirSync(join(library, "a-1.dist-info"), { recursive: true });
    mkdirSync(join(root, "bin"));
    const write = (name: string, text: string, mode = 0o755): void => writeFileSync(join(root, "bin", name), text, { mode });
    write("own", "#!/old/bin/python3\nx\n");
    write("read-only", "#!/old/bin/python3\nx\n", 0o555);
    write("other", "#!/elsewhere/bin/python3\nx\n");
    writeFileSync(join(base, "stored"), "#!/old/bin/python3\nshared\n");
    linkSync(join(base, "stored"), join(root, "bin", "shared"));
    symlinkSync(join(base, "stored"), join(root, "bin", "link"));
    writeFileSync(
      join(library, "a-1.dist-info", "RECORD"),
      "../../bin/own,sha256=AAAA,1\n../../bin/other,sha256=BBBB,1\na-1.dist-info/RECORD,,\n",
    );
    expect(pinnedScripts(paths.scripts).map(({ python: path }) => path)).toEqual(
      ["/old/bin/python3", "/old/bin/python3", "/elsewhere/bin/python3", "/old/bin/python3"].sort(),
    );
    const changed = relocateScripts(paths, isPythonOf(["/old"]));
    expect(changed.map((path) => path.slice(root.length + 5))).toEqual(["own", "read-only", "shared"]);
    expect(readFileSync(join(base, "stored"), "utf8")).toBe("#!/old/bin/python3\nshared\n");
    expect(statSync(join(root, "bin", "own")).mode & 0o777).toBe(0o755);
    const [own, other, record] = parseRecord(readFileSync(join(library, "a-1.dist-info", "RECORD"), "utf8"));
    expect([own?.size, other, record]).toEqual([
      statSync(join(root, "bin", "own")).size,
      { path: "../../bin/other", hash: { algorithm: "sha256", digest: "BBBB" }, size: 1 },
      { path: "a-1.dist-info/RECORD" },
    ]);
    expect(relocateScripts(paths, isPythonOf(["/old"]))).toEqual([]);
  });
  test("a RECORD that cannot be read, and one that is not there, stop nothing", () => {
    mkdirSync(join(library, "b-1.dist-info"));
    mkdirSync(join(library, "c-1.dist-info"));
    writeFileSync(join(library, "b-1.dist-info", "RECORD"), '"broken\n');
    writeFileSync(join(root, "bin", "late"), "#!/old/bin/python3\n");
    expect(relocateScripts(paths, isPythonOf(["/old"]))).toHaveLength(1);
    expect(readFileSync(join(library, "b-1.dist-info", "RECORD"), "utf8")).toBe('"broken\n');
  });
});

test("the places that an environment was known by: what venv, virtualenv and uv wrote", () => {
  const root = join(base, "known");
  mkdirSync(join(root, "bin"), { recursive: true });
  const known = (config: string, activate: string): string[] => {
    writeFileSync(join(root, "pyvenv.cfg"), config);
    writeFileSync(join(root, "bin", "activate"), activate);
    return recordedRoots(root, root).slice(1);
  };
  expect(known("home = /usr/bin\ncommand = /usr/bin/python3 -m venv --copies /old/a b\n", "")).toEqual(["/old/a b"]);
  expect(known("home = /usr/bin\n", "VIRTUAL_ENV='/old/v'\nexport VIRTUAL_ENV\n")).toEqual(["/old/v"]);
  expect(known("home = /usr/bin\n", '    export VIRTUAL_ENV="/old/w"\n')).toEqual(["/old/w"]);
  expect(known("home = /usr/bin\n", "export VIRTUAL_ENV=/old/x\n")).toEqual(["/old/x"]);
  expect(known("home = /usr/bin\n", 'VIRTUAL_ENV="$(cd x)"\nVIRTUAL_ENV=$1\n')).toEqual([]);
  expect(known("home = /usr/bin\ncommand = /usr/bin/python3 -m venv .venv\n", "VIRTUAL_ENV=/\n")).toEqual([]);
});
