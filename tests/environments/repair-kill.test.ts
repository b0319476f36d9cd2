/**
 * SIGKILL while the real program repairs, at moments spread over its run. Each time the environment is still known for one, and the same
 * command again leads to the tree of an undisturbed repair. The moments come from a seed (PEN_TEST_SEED).
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { createEnvironment, install } from "../../src/operations/index.ts";
import { startIndex, type IndexServer } from "../support/index-server.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { execute, program, type Ran } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { differences, digest, projects, sitePackages } from "../support/world.ts";

const python = pythons().at(-1);
const seed = Number(process.env["PEN_TEST_SEED"] ?? 7);

describe.skipIf(python === undefined)("kills during pen env repair (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let index: IndexServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-repair-kill-")));
    for (const name of ["work", "bin"]) mkdirSync(join(folder, name));
    symlinkSync(python?.path ?? "", join(folder, "bin", `python${python?.release.join(".")}`));
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`many/m${at}.py`, `x = ${at}\n`]));
    index = await startIndex({
      projects: projects(
        { name: "many", version: "1.0", files: many, requires: ["small"], entryPoints: { console_scripts: { many: "many:main" } } },
        { name: "small", version: "1.0" },
      ),
    });
    const clean = cleanEnvironment(join(folder, "home"));
    env = {
      ...clean,
      PATH: `${folder}/bin:${clean["PATH"]}`,
      PEN_CACHE_DIR: join(folder, "cache"),
      PYENV_ROOT: join(folder, "none"),
      PEN_INDEX_URL: index.indexUrl,
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(async () => {
    await index.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const root = (): string => join(folder, "env");
  const repair = (kill?: number): Promise<Ran | { readonly status: null }> => {
    const words = ["env", "repair", root()];
    if (kill === undefined) return execute(program(), words, { cwd: join(folder, "work"), env });
    return new Promise((resolve) => {
      const child = spawn(program(), words, { cwd: join(folder, "work"), env, stdio: "ignore", detached: true });
      const timer = setTimeout(() => {
        try {
          process.kill(-(child.pid ?? 0), "SIGKILL");
        } catch {
          // It had ended.
        }
      }, kill);
      child.on("close", () => {
        clearTimeout(timer);
        resolve({ status: null });
      });
    });
  };
  /** Everything in the environment but what pen itself keeps there. */
  const tree = (): Record<string, string> =>
    Object.fromEntries(Object.entries(digest(root())).filter(([path]) => !path.startsWith(".pen/")));
  const restore = (): void => {
    rmSync(root(), { recursive: true, force: true });
    expect(spawnSync("cp", ["-a", join(folder, "broken"), root()]).status).toBe(0);
  };

  test("40 kills: what was cut off is undone or finished, and the same command again mends all", async () => {
    await createEnvironment({ host, path: root(), python: python?.path, seed: [] });
    await install({ host, python: root(), requirements: ["many"], linkMode: "copy", indexes: { indexUrl: index.indexUrl } });
    const packages = sitePackages(root());
    // Its Python is gone, half of the files are, a script was made for another place, RECORD of the other is gone, activation is.
    rmSync(join(root(), "bin", "python"));
    symlinkSync("/gone/bin/python3", join(root(), "bin", "python"));
    writeFileSync(join(root(), "pyvenv.cfg"), readFileSync(join(root(), "pyvenv.cfg"), "utf8").replace(/^home = .*$/m, "home = /gone/bin"));
    for (let at = 0; at < 200; at += 2) rmSync(join(packages, "many", `m${at}.py`));
    writeFileSync(join(root(), "bin", "many"), "#!/old/place/bin/python\nfrom many import main\n", { mode: 0o755 });
    rmSync(join(packages, "small-1.0.dist-info", "RECORD"));
    for (const name of ["activate", "activate.fish"]) rmSync(join(root(), "bin", name));
    writeFileSync(join(root(), "bin", "mine"), "#!/usr/bin/env python3\n", { mode: 0o755 });
    expect(spawnSync("cp", ["-a", root(), join(folder, "broken")]).status).toBe(0);

    await repair();
    let time = Infinity;
    for (let round = 0; round < 2; round += 1) {
      restore();
      const ran = (await repair()) as Ran;
      expect([ran.status, ran.stdout]).toEqual([0, expect.anything()]);
      time = Math.min(time, ran.milliseconds);
    }
    const whole = tree();
    let state = seed;
    const random = (): number => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
    let inside = 0;
    for (let trial = 0; trial < 40; trial += 1) {
      restore();
      const delay = time * (0.15 + 0.85 * random());
      await repair(delay);
      const context = `seed ${seed}, trial ${trial}, after ${delay.toFixed(1)} ms`;
      if (existsSync(join(root(), ".pen", "journal.json")) || existsSync(join(root(), ".pen", "committed.json"))) inside += 1;
      expect([context, existsSync(join(root(), "pyvenv.cfg")), readFileSync(join(root(), "bin", "mine"), "utf8")]).toEqual([
        context,
        true,
        "#!/usr/bin/env python3\n",
      ]);
      const again = (await repair()) as Ran;
      if (again.status !== 0) throw new Error(`${context}: ${again.stdout}${again.stderr}`);
      expect([context, ...differences(whole, tree())]).toEqual([context]);
      expect([context, ...readdirSync(join(root(), ".pen")).filter((name) => name.startsWith("undo") || name.endsWith(".json"))]).toEqual([
        context,
      ]);
    }
    console.log(`seed ${seed}: 40 kills, ${inside} within a transaction`);
    expect(dirname(packages).startsWith(root())).toBe(true);
  }, 180_000);
});
