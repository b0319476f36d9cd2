/** `pen venv --inherit`: what an heir sees, in every Python here; what never happens to the parent; what is refused; what is said when a parent is gone. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaProblems } from "../support/json-schema.ts";
import type { Ran } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { digest, openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const module = (name: string, word: string): Record<string, string> => ({ [`${name}.py`]: `word = '${word}'\n` });
const offered = projects(
  { name: "shared", version: "1.0", files: module("shared", "1") },
  { name: "shared", version: "2.0", files: module("shared", "2") },
  {
    name: "needy",
    version: "1.0",
    requires: ["shared<2"],
    files: module("needy", "1"),
    entryPoints: { console_scripts: { needy: "needy:word.strip" } },
  },
  { name: "own", version: "1.0", files: module("own", "1") },
);
const all = pythons();

describe.skipIf(python === undefined)("layered environments (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => void (world = await openWorld({ projects: offered })));
  afterAll(() => world?.close());
  let count = 0;
  const at = (...names: readonly string[]): string => join(world.work, ...names);
  const good = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await world.pen(args);
    if (ran.status !== 0) throw new Error(`pen ${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
    return ran;
  };
  const bad = async (args: readonly string[], ...says: readonly string[]): Promise<void> => {
    const ran = await world.pen(args);
    expect(ran.status).not.toBe(0);
    for (const text of says) expect(ran.stderr).toContain(text);
  };
  /** Makes one and puts packages in. */
  const make = async (words: readonly string[] = [], packages: readonly string[] = []): Promise<string> => {
    const name = `env${(count += 1)}`;
    await good("venv", "--no-seed", ...words, name);
    if (packages.length > 0) await good("pip", "install", "--python", name, ...packages);
    return name;
  };
  const says = (name: string, code: string): string => {
    const { stdout, stderr } = spawnSync(at(name, "bin", "python"), ["-I", "-c", code], { encoding: "utf8" });
    return (stdout + stderr).trim();
  };
  const word = (name: string, of = "shared"): string => says(name, `import ${of}; print(${of}.word)`);
  const listed = async (name: string, ...words: readonly string[]): Promise<unknown> =>
    JSON.parse((await good("pip", "list", "--format", "json", "--python", name, ...words)).stdout);

  for (const { path, version } of all)
    test(`Python ${version}: own first, then inherited in order, over several generations; moved; linked parents; sys.path as explained`, async () => {
      const strange = `ho'st $(touch x) é${version}`;
      mkdirSync(at(strange));
      const first = join(strange, "first");
      await good("venv", "--no-seed", "-p", path, first);
      await good("pip", "install", "--python", first, "shared==1.0", "needy");
      const second = await make(["-p", path], ["--link-mode", "symlink", "shared==2.0", "own"]);
      const heir = await make(["--inherit", first]);
      expect(readFileSync(at(heir, "pyvenv.cfg"), "utf8")).toContain(`inherits = ${at(first)}\n`);
      const grand = await make(["--inherit", heir, "--inherit", second]);
      expect(word(heir)).toBe("1");
      expect([word(grand), word(grand, "needy"), word(grand, "own")]).toEqual(["1", "1", "1"]);
      const other = await make(["--inherit", second, "--inherit", heir]);
      expect([word(other), word(other, "needy")]).toEqual(["2", "1"]);
      const elsewhere = `${grand}-moved`;
      renameSync(at(grand), at(elsewhere));
      expect(word(elsewhere)).toBe("1");
      await good("pip", "install", "--python", elsewhere, "shared==2.0");
      expect([word(elsewhere), word(heir), word(first)]).toEqual(["2", "1", "1"]);
      // What pen says of the path is what Python has.
      const explained = JSON.parse((await good("explain", elsewhere, "--json")).stdout) as {
        path: Array<{ path: string; source: string; file?: string }>;
      };
      expect(schemaProblems(explained, { $ref: "#/$defs/explain" }, schema)).toEqual([]);
      const there = explained.path.filter(({ source }) => source !== "start").map((entry) => entry.path);
      expect(JSON.parse(says(elsewhere, "import sys, json; print(json.dumps(sys.path))"))).toEqual(there);
      const inherited = explained.path.filter(({ source }) => source === "inherited");
      expect(inherited.map((entry) => entry.path)).toEqual([heir, first, second].map((name) => sitePackages(at(name))));
      expect(inherited[1]?.file).toStartWith(sitePackages(at(heir)));
      expect((await good("env", "doctor", elsewhere)).stdout).toContain("ok ");
      expect(existsSync(at("x"))).toBe(false);
    }, 60_000);

  test("list, check, freeze and --local", async () => {
    const parent = await make([], ["needy"]);
    const heir = await make(["--inherit", parent], ["own"]);
    expect(await listed(heir)).toEqual([
      { name: "needy", version: "1.0", inherited_from: at(parent) },
      { name: "own", version: "1.0" },
      { name: "shared", version: "1.0", inherited_from: at(parent) },
    ]);
    expect(await listed(heir, "--local")).toEqual([{ name: "own", version: "1.0" }]);
    expect((await good("pip", "list", "--python", heir)).stdout).toMatch(/Inherited from\n.*\nneedy +1\.0 +\//);
    expect(
      schemaProblems(JSON.parse((await good("pip", "list", "--json", "--python", heir)).stdout), { $ref: "#/$defs/pip list" }, schema),
    ).toEqual([]);
    expect((await good("pip", "freeze", "--python", heir)).stdout).toBe("own==1.0\n");
    expect((await good("pip", "show", "--python", heir, "shared")).stdout).toContain(`Location: ${sitePackages(at(parent))}\n`);
    expect((await good("pip", "tree", "--python", heir)).stdout).toMatch(/needy.*\n.*shared/);
    expect((await good("pip", "check", "--python", heir)).stdout).toContain("No broken");
    // The heir's own version comes first, and does not fit what the parent has.
    await good("pip", "install", "--python", heir, "shared==2.0");
    expect(await listed(heir)).toEqual([
      { name: "needy", version: "1.0", inherited_from: at(parent) },
      { name: "own", version: "1.0" },
      { name: "shared", version: "2.0" },
    ]);
    expect((await world.pen(["pip", "check", "--python", heir])).stdout).toContain("needy 1.0");
    expect((await good("pip", "check", "--python", parent)).stdout).toContain("No broken");
  });

  test("a parent is never changed by a command for its heir", async () => {
    const parent = await make([], ["shared==1.0"]);
    const heir = await make(["--inherit", parent]);
    const before = digest(at(parent));
    // What is inherited is there already.
    expect((await good("pip", "install", "--python", heir, "needy")).stdout).not.toContain("shared");
    expect(await listed(heir)).toEqual([
      { name: "needy", version: "1.0" },
      { name: "shared", version: "1.0", inherited_from: at(parent) },
    ]);
    await bad(
      ["pip", "uninstall", "-y", "--python", heir, "needy", "shared"],
      "NOT_INSTALLED",
      "inherited",
      at(parent),
      `--python ${at(parent)} shared`,
    );
    expect(word(heir, "needy")).toBe("1");
    await good("pip", "install", "--python", heir, "--force-reinstall", "--no-deps", "shared==1.0");
    await good("pip", "uninstall", "-y", "--python", heir, "shared", "needy");
    expect(word(heir)).toBe("1");
    await good("pip", "install", "--python", heir, "-U", "shared");
    expect([word(heir), word(parent)]).toEqual(["2", "1"]);
    writeFileSync(at("pinned.txt"), "own==1.0\n");
    await good("pip", "sync", "--python", heir, "pinned.txt");
    await good("venv", "--clear", "--no-seed", "--inherit", parent, heir);
    await good("env", "remove", "--yes", heir);
    expect(digest(at(parent))).toEqual(before);
  });

  describe("refused, and nothing is made", () => {
    test("what is no environment, what is named twice, and a base Python", async () => {
      const parent = await make();
      symlinkSync(at(parent), at("the-same"));
      mkdirSync(at("a-folder"));
      await bad(["venv", "--inherit", "nowhere", "never"], "ENV_NOT_FOUND");
      await bad(["venv", "--inherit", "a-folder", "never"], "ENV_NOT_FOUND");
      await bad(["venv", "--inherit", "", "never"], "USAGE");
      await bad(["venv", "--inherit", parent, "--inherit", "the-same", "never"], "USAGE", "twice");
      expect(existsSync(at("never"))).toBe(false);
    });
    test.skipIf(all.length < 2)("another version of Python (needs two)", async () => {
      const [one, two] = [all[0], all.at(-1)];
      const parent = await make(["-p", one?.path ?? ""]);
      await bad(["venv", "-p", two?.path ?? "", "--inherit", parent, "never"], "TARGET_UNSUPPORTED", `Python ${one?.release.join(".")}`);
      expect(existsSync(at("never"))).toBe(false);
      // Without -p, the parent's Python is taken.
      expect((await good("venv", "--no-seed", "--json", "--inherit", parent, "same-python")).stdout).toContain(
        `"version":"${one?.version}"`,
      );
    });
    test("circles: itself, over links, over others", async () => {
      const first = await make();
      const second = await make(["--inherit", first]);
      const third = await make(["--inherit", second]);
      symlinkSync(at(first), at(`${first}-link`));
      const before = digest(at(first));
      for (const parent of [first, second, third, `${first}-link`]) {
        await bad(["venv", "--no-seed", "--allow-existing", "--inherit", parent, first], "TARGET_UNSUPPORTED");
        await bad(["venv", "--no-seed", "--clear", "--inherit", parent, first], "TARGET_UNSUPPORTED");
        await bad(["env", "set", first, "inherits", parent], "TARGET_UNSUPPORTED");
      }
      const without = (tree: Record<string, string>): string[] =>
        Object.entries(tree).flatMap(([path, what]) => (path.startsWith(".pen") ? [] : [`${path} ${what}`]));
      expect(without(digest(at(first)))).toEqual(without(before));
      // One that was made by hand is walked once, by Python as by pen.
      appendFileSync(at(first, "pyvenv.cfg"), `inherits = ${at(third)}\n`);
      const line = readFileSync(join(sitePackages(at(third)), "zz-pen-inherits.pth"), "utf8").replace(second, third);
      writeFileSync(join(sitePackages(at(first)), "zz-pen-inherits.pth"), line);
      expect(says(first, "print('starts')")).toBe("starts");
      expect((await good("pip", "list", "--python", first)).stderr).toBe("");
      expect((await world.pen(["explain", first])).status).toBe(0);
    });
  });

  test("a parent that is gone: Python starts as before, and pen says so", async () => {
    const parent = await make([], ["shared==1.0"]);
    const heir = await make(["--inherit", parent], ["own"]);
    renameSync(at(parent), at(`${parent}-gone`));
    expect(says(heir, "import own; print(own.word)")).toBe("1");
    expect(says(heir, "import shared")).toContain("No module named 'shared'");
    expect((await good("pip", "list", "--python", heir)).stderr).toContain(`inherits from ${at(parent)}, which is gone`);
    const doctor = await world.pen(["env", "doctor", heir, "--json"]);
    expect(doctor.status).toBe(1);
    expect(doctor.stdout).toContain('"inherited-gone"');
    expect((await good("explain", heir)).stdout).toContain("which is gone");
    // Where it stands now, and then no parent at all.
    await good("env", "set", heir, "inherits", `${parent}-gone`);
    expect(word(heir)).toBe("1");
    await good("env", "set", heir, "inherits", "");
    expect(existsSync(join(sitePackages(at(heir)), "zz-pen-inherits.pth"))).toBe(false);
    expect(readFileSync(at(heir, "pyvenv.cfg"), "utf8")).not.toContain("inherits");
    expect((await good("env", "doctor", heir)).stdout).toContain("ok ");
  });

  test("laid over again, an environment keeps what it inherits", async () => {
    const parent = await make([], ["shared==1.0"]);
    const heir = await make(["--inherit", parent]);
    rmSync(at(heir, "bin", "python3"));
    await good("venv", "--no-seed", "--allow-existing", heir);
    expect(word(heir)).toBe("1");
  });
});
