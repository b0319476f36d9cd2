import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Interpreter } from "#python";
import { pythons } from "../../tests/support/pythons.ts";
import { inheritanceObstacle, inheritanceText, inheritedFolder } from "./inheritance.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const interpreter = (minor: number, more: Partial<Interpreter> = {}): Interpreter =>
  ({
    implementation: "cpython",
    versionInfo: [3, minor, 0, "final", 0],
    freeThreaded: false,
    debug: false,
    pointerBits: 64,
    markers: { os_name: "posix", sys_platform: "linux", platform_machine: "x86_64" },
    ...more,
  }) as unknown as Interpreter;

const hostile = [
  "plain",
  "with blank",
  "it's",
  'a "word"',
  "$(touch x)",
  "`x`",
  "back\\slash",
  "#hash",
  "line\nbreak",
  "é",
  "日本",
  "🐍",
  "'); import os; os.system('false') #",
  "%s",
  "~",
  "-n",
  "tab\t",
];

test("a line says which folder it adds; any other line says nothing", () => {
  for (const name of hostile) {
    const text = inheritanceText([`/x/${name}`], interpreter(12));
    expect(text.split("\n")).toHaveLength(2);
    expect(/^[\x20-\x7e]*\n$/.test(text)).toBe(true);
    expect(inheritedFolder(text.trimEnd())).toBe(`/x/${name}/lib/python3.12/site-packages`);
  }
  const line = inheritanceText(["/x"], interpreter(12)).trimEnd();
  for (const other of [
    "",
    "/x",
    "import os",
    line.replace("/x", "/x'"),
    line.replace("/x", "\\n"),
    `${line} `,
    line.slice(0, -1),
    line.toUpperCase(),
  ])
    expect(inheritedFolder(other)).toBeUndefined();
  const started = processorTime();
  inheritedFolder(line.replace("/x", "\\x2".repeat(20_000)));
  inheritedFolder("import os, sys, site; _pen = os.fsdecode(b'".repeat(2000));
  expect(processorTime() - started).toBeLessThan(100);
});

test("what keeps one environment from inheriting another", () => {
  expect(inheritanceObstacle(interpreter(12), interpreter(12))).toBeUndefined();
  const others: ReadonlyArray<readonly [Interpreter, string]> = [
    [interpreter(11), "Python 3.11"],
    [interpreter(12, { implementation: "pypy" }), "PyPy 3.12"],
    [interpreter(12, { freeThreaded: true }), "free-threaded"],
    [interpreter(12, { debug: true }), "debug"],
    [interpreter(12, { pointerBits: 32 }), "32 bits"],
  ];
  for (const [other, says] of others) expect(inheritanceObstacle(interpreter(12), other)).toContain(says);
});

describe.skipIf(pythons().length === 0)("the lines in every Python here (needs a Python)", () => {
  let folder: string;
  beforeAll(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-inherits-")))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const { path, version, release } of pythons()) {
    test(`Python ${version}: hostile names are added as they are, in the C locale too, and nothing is executed`, () => {
      const about = interpreter(release[1]);
      const place = join(folder, version);
      const roots = hostile.map((name) => join(place, name));
      const library = join("lib", `python${release.join(".")}`, "site-packages");
      for (const root of roots) mkdirSync(join(root, library), { recursive: true });
      const site = join(place, "site");
      mkdirSync(site);
      // Twice, and one that is not there: nothing comes of it.
      writeFileSync(join(site, "zz.pth"), inheritanceText([...roots, join(place, "gone"), ...roots], about));
      const code = `import site, sys, os; before = len(sys.path); site.addsitedir(${JSON.stringify(site)}); sys.stdout.buffer.write(b"\\0".join(os.fsencode(p) for p in sys.path[before + 1:]))`;
      for (const locale of ["C.UTF-8", "C", "POSIX"]) {
        const ran = spawnSync(path, ["-I", "-S", "-c", code], { cwd: place, env: { LC_ALL: locale, PATH: "/nowhere" } });
        expect(ran.stderr.toString()).toBe("");
        expect(ran.stdout.toString().split("\0")).toEqual(roots.map((root) => join(root, library)));
      }
    });
  }
});
