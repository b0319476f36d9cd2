/** `pen env set` on environments of pen and of venv: one key changes, at once or not at all, and everything else stays. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaProblems } from "../support/json-schema.ts";
import { openWorld, python, sitePackages, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;

describe.skipIf(python === undefined)("pen env set (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    await world.pen(["venv", "--no-seed", "-p", python ?? "", "mine"]);
    world.bareEnvironment("theirs");
  });
  afterAll(() => world?.close());
  const config = (name: string): string => join(world.work, name, "pyvenv.cfg");
  const seesBase = (name: string): boolean =>
    spawnSync(join(world.work, name, "bin", "python"), [
      "-I",
      "-c",
      "import sys, site; sys.exit(0 if any(p.startswith(sys.base_prefix) and 'packages' in p for p in sys.path) else 3)",
    ]).status === 0;

  for (const name of ["mine", "theirs"]) {
    test(`system-site-packages of ${name}: Python sees it, and all else stays`, async () => {
      appendFileSync(config(name), "# a note\n  odd = yes \nno equals sign\n");
      const before = readFileSync(config(name), "utf8");
      for (const [value, seen] of [
        ["on", true],
        ["on", true],
        ["off", false],
        ["TRUE", true],
        ["no", false],
      ] as const) {
        const ran = await world.pen(["env", "set", name, "system-site-packages", value, "--json"]);
        expect(schemaProblems(JSON.parse(ran.stdout), { $ref: "#/$defs/env set" }, schema)).toEqual([]);
        expect(seesBase(name)).toBe(seen);
      }
      expect(readFileSync(config(name), "utf8")).toBe(before);
    });
    test(`the prompt of ${name}, with whatever is in it`, async () => {
      const before = readFileSync(config(name), "utf8");
      for (const prompt of ["plain", "it's", '$(touch x) "q" `touch x`', "back\\slash", "é 日本"]) {
        const ran = await world.pen(["env", "set", name, "prompt", prompt]);
        expect(ran.status).toBe(0);
        expect(ran.stderr.includes("Another tool made this environment")).toBe(name === "theirs");
        const explained = JSON.parse((await world.pen(["explain", name, "--json"])).stdout) as {
          config: Array<{ key: string; value: string }>;
        };
        expect(explained.config.find(({ key }) => key === "prompt")?.value).toBe(prompt);
        if (name !== "mine") continue;
        const shown = spawnSync("/bin/sh", ["-c", `. ./mine/bin/activate; printf %s "$VIRTUAL_ENV_PROMPT"`], {
          cwd: world.work,
          encoding: "utf8",
        });
        expect(shown.stdout).toBe(prompt);
      }
      await world.pen(["env", "set", name, "prompt", "."]);
      expect(readFileSync(config(name), "utf8")).toContain("prompt = 'work'\n");
      await world.pen(["env", "set", name, "prompt", ""]);
      expect(readFileSync(config(name), "utf8")).toBe(before);
      expect(existsSync(join(world.work, "x"))).toBe(false);
    });
  }
  const refused: ReadonlyArray<readonly [words: readonly string[], code: string, says: string]> = [
    [["mine", "promt", "x"], "USAGE", "Did you mean prompt?"],
    [["mine", "home", "/x"], "USAGE", "made from"],
    [["mine", "system-site-packages", "perhaps"], "USAGE", "on or off"],
    [["mine", "system-site-packages", ""], "USAGE", "on or off"],
    [["mine", "prompt", "a\nhome = /evil"], "INVALID_CONFIG", "line break"],
    [["nowhere", "prompt", "x"], "ENV_NOT_FOUND", "pen env list"],
    [[".", "prompt", "x"], "ENV_NOT_FOUND", "pyvenv.cfg"],
    [["mine", "prompt"], "USAGE", "VALUE"],
  ];
  for (const [words, code, says] of refused)
    test(`refused: pen env set ${words.map((word) => JSON.stringify(word)).join(" ")}`, async () => {
      const before = readFileSync(config("mine"), "utf8");
      const ran = await world.pen(["env", "set", ...words]);
      expect(ran.status).not.toBe(0);
      expect(ran.stderr).toContain(code);
      expect(ran.stderr).toContain(says);
      expect(readFileSync(config("mine"), "utf8")).toBe(before);
    });
  test("a broken environment too, and its mode stays", async () => {
    const place = join(world.work, "broken");
    mkdirSync(join(place, "bin"), { recursive: true });
    spawnSync("ln", ["-s", "/nowhere/python", join(place, "bin", "python")]);
    writeFileSync(join(place, "pyvenv.cfg"), "home = /nowhere\n");
    chmodSync(join(place, "pyvenv.cfg"), 0o600);
    expect((await world.pen(["env", "set", "broken", "system-site-packages", "on"])).status).toBe(0);
    expect(readFileSync(join(place, "pyvenv.cfg"), "utf8")).toBe("home = /nowhere\ninclude-system-site-packages = true\n");
    expect(statSync(join(place, "pyvenv.cfg")).mode & 0o777).toBe(0o600);
    rmSync(place, { recursive: true });
  });
  test("killed at any moment: pyvenv.cfg and the file that Python reads say the same, as before or as wanted", async () => {
    await world.pen(["venv", "--no-seed", "-p", python ?? "", "parent"]);
    const file = join(sitePackages(join(world.work, "mine")), "zz-pen-inherits.pth");
    const set = (value: string, kill?: number): Promise<unknown> =>
      world.pen(
        ["env", "set", "mine", "inherits", value],
        kill === undefined ? {} : { started: (child) => void setTimeout(() => child.kill("SIGKILL"), kill) },
      );
    const started = performance.now();
    await set("");
    const usual = performance.now() - started;
    let killed = 0;
    for (let trial = 0; trial < 24; trial += 1) {
      const ran = (await set(trial % 2 === 0 ? "parent" : "", usual * (0.3 + trial / 34))) as { signal: string | null };
      if (ran.signal === "SIGKILL") killed += 1;
      // The next command settles what was cut off.
      expect((await world.pen(["pip", "list", "--python", "mine"])).status).toBe(0);
      expect([trial, existsSync(file)]).toEqual([trial, readFileSync(config("mine"), "utf8").includes("inherits = ")]);
    }
    expect(killed).toBeGreaterThan(0);
    await set("");
    expect(existsSync(file)).toBe(false);
  }, 30_000);
  test("eight at once: every change is there", async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        world.pen(["env", "set", "mine", ...(at % 2 === 0 ? ["prompt", `p${at}`] : ["system-site-packages", "on"])]),
      ),
    );
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 0));
    const text = readFileSync(config("mine"), "utf8");
    expect(text).toContain("include-system-site-packages = true\n");
    expect(text).toMatch(/^prompt = 'p\d'$/m);
  });
});
