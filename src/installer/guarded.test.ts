/** Guarded changes: undone when the work fails and when its process is killed at any step, from what the journal says alone. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silent } from "#foundation";
import { changeGuarded } from "./guarded.ts";
import { needsRecovery, recover } from "./recovery.ts";
import type { InstallTarget } from "./types.ts";

let root: string;
let target: InstallTarget;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "pen-guarded-")));
  target = { root, paths: { purelib: root, platlib: root, scripts: root, data: root, include: root }, pythonVersion: "" };
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "pyvenv.cfg"), "old\n");
  writeFileSync(join(root, "bin", "stale"), "stale\n", { mode: 0o755 });
  symlinkSync("/gone/python", join(root, "bin", "python"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const paths = (at: string) => ({
  replaced: ["pyvenv.cfg", "bin/python", "bin/stale"].map((name) => join(at, name)),
  created: [join(at, "bin", "activate")],
  newFolders: [join(at, "lib")],
});

/** The work in steps, each of which may be the last one before the process is killed. */
const steps: ReadonlyArray<(at: string) => void> = [
  (at) => {
    writeFileSync(join(at, "new"), "new\n");
    renameSync(join(at, "new"), join(at, "pyvenv.cfg"));
  },
  (at) => {
    symlinkSync("/there/python", join(at, "new"));
    renameSync(join(at, "new"), join(at, "bin", "python"));
  },
  (at) => unlinkSync(join(at, "bin", "stale")),
  (at) => writeFileSync(join(at, "bin", "activate"), "activate\n"),
  (at) => mkdirSync(join(at, "lib", "deep"), { recursive: true }),
  (at) => writeFileSync(join(at, "lib", "deep", "x"), ""),
];

function state(): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(root, below))) {
      const name = join(below, entry);
      const path = join(root, name);
      if (name === ".pen") continue;
      const status = lstatSync(path);
      if (status.isSymbolicLink()) found[name] = `-> ${readlinkSync(path)}`;
      else if (status.isDirectory()) {
        found[name] = "folder";
        walk(name);
      } else found[name] = `${(status.mode & 0o777).toString(8)} ${readFileSync(path, "utf8")}`;
    }
  };
  walk("");
  return found;
}

test("what succeeds stays, and nothing is left of the way there", () => {
  changeGuarded(target, paths(root), () => {
    for (const step of steps) step(root);
  });
  expect(state()).toMatchObject({ "pyvenv.cfg": "644 new\n", "bin/python": "-> /there/python", "bin/activate": "644 activate\n" });
  expect(existsSync(join(root, "bin", "stale"))).toBe(false);
  expect(readdirSync(join(root, ".pen"))).toEqual([]);
});

for (let count = 0; count <= steps.length; count += 1) {
  test(`an error after ${count} steps: all is as it was`, () => {
    const before = state();
    const work = (): never => {
      for (const step of steps.slice(0, count)) step(root);
      throw new Error("no more");
    };
    expect(() => changeGuarded(target, paths(root), work)).toThrow("no more");
    expect(state()).toEqual(before);
    expect(readdirSync(join(root, ".pen"))).toEqual([]);
  });

  test(`SIGKILL after ${count} steps: the environment is known for one, and the next command puts all back`, () => {
    const before = state();
    const script = `
      import { changeGuarded } from ${JSON.stringify(join(import.meta.dirname, "guarded.ts"))};
      import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
      import { join } from "node:path";
      const steps = [${steps.slice(0, count).map(String).join(", ")}];
      const paths = ${String(paths)};
      changeGuarded(${JSON.stringify(target)}, paths(${JSON.stringify(root)}), () => {
        for (const step of steps) step(${JSON.stringify(root)});
        process.kill(process.pid, "SIGKILL");
      });`;
    const ran = spawnSync(process.execPath, ["-e", script], { cwd: join(import.meta.dirname, "..", ".."), encoding: "utf8" });
    expect([ran.signal, ran.stderr]).toEqual(["SIGKILL", ""]);
    expect(existsSync(join(root, "pyvenv.cfg"))).toBe(true);
    expect(needsRecovery(target)).toBe(true);
    const said: string[] = [];
    expect(recover(target, (event) => void (event.type === "log" && said.push(event.message)))?.action).toBe("undone");
    expect(said).toEqual(["An earlier command was cut off (a repair): it has been undone"]);
    expect(state()).toEqual(before);
    expect(recover(target, silent)).toBeUndefined();
  });
}

test("a path outside of the environment is refused before anything is changed", () => {
  const outside = { replaced: [join(root, "..", "outside")], created: [] };
  expect(() => changeGuarded(target, outside, () => writeFileSync(join(root, "x"), ""))).toThrow("is not inside");
  expect(existsSync(join(root, "x"))).toBe(false);
});
