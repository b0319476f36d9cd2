/** Every row of the table in docs/pip.md: what `pen pip` does, and what the same program does under the name `pip`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startIndex, type IndexServer, type ServedFile } from "../support/index-server.ts";
import { execute, program, type Ran } from "../support/program.ts";
import { buildSource } from "../support/sources.ts";
import { openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const source = buildSource({ name: "built", version: "1.0" });
const offered: Record<string, ServedFile[]> = {
  ...projects(
    { name: "lib", version: "1.0" },
    { name: "lib", version: "2.0" },
    { name: "lib", version: "3.0b1" },
    { name: "early", version: "1.0a1" },
    { name: "app", version: "1.0", requires: ["lib"] },
    { name: "app", version: "1.1", requires: ["lib"] },
    { name: "strict", version: "1.0", requires: ["lib<2"] },
    { name: "gone", version: "1.0", served: { yanked: "bad" } },
    { name: "fast", version: "1.0", tag: "cp312-cp312-win_amd64", requires: ['only-windows; sys_platform == "win32"'] },
    { name: "only-windows", version: "1.0", tag: "py3-none-win_amd64" },
  ),
  built: [{ filename: source.filename, bytes: source.bytes }],
};

type Caller = (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>;

interface Place {
  readonly world: World;
  readonly other: IndexServer;
  readonly work: string;
  /** In an environment of its own, under one of the two names. */
  readonly call: Caller;
  readonly isPip: boolean;
}

const installed = (ran: Ran): string =>
  /^(?:Successfully|Would) install(?:ed)? (.*)$/m.exec(ran.stdout)?.[1] ?? `${ran.status}: ${ran.stderr}`;
const bytecodeIn = (environment: string): string[] =>
  readdirSync(sitePackages(environment), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".pyc"));
const code = (ran: Ran): string => /\[([A-Z_]+)\]/.exec(ran.stderr)?.[1] ?? String(ran.status);

const rules: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  "several indexes": async ({ call, other, isPip }) => {
    const choice = ["install", "--dry-run", "lib", "--extra-index-url", other.indexUrl];
    expect(installed(await call(choice))).toBe(isPip ? "lib-2.5" : "lib-2.0");
    expect(installed(await call([...choice, "--index-strategy", isPip ? "first-index" : "best-match"]))).toBe(
      isPip ? "lib-2.0" : "lib-2.5",
    );
  },
  "pre-releases": async ({ call }) => {
    expect(installed(await call(["install", "--dry-run", "lib"]))).toBe("lib-2.0");
    expect(installed(await call(["install", "--dry-run", "lib>=3.0b1"]))).toBe("lib-3.0b1");
    expect(installed(await call(["install", "--dry-run", "early"]))).toBe("early-1.0a1");
    expect(installed(await call(["install", "--dry-run", "--prerelease", "allow", "lib"]))).toBe("lib-3.0b1");
    expect(code(await call(["install", "--dry-run", "--prerelease", "disallow", "early"]))).toBe("RESOLUTION_CONFLICT");
  },
  "what is installed": async ({ call }) => {
    await call(["install", "lib==1.0"]);
    expect(installed(await call(["install", "app"]))).toBe("app-1.1");
  },
  "`-U`": async ({ call }) => {
    await call(["install", "lib==1.0", "app==1.0"]);
    expect(installed(await call(["install", "--dry-run", "-U", "app"]))).toBe("app-1.1");
    expect(installed(await call(["install", "--dry-run", "-U", "--upgrade-strategy", "eager", "app"]))).toBe("app-1.1 lib-2.0");
    expect(installed(await call(["install", "--dry-run", "-P", "lib", "app"]))).toBe("lib-2.0");
  },
  "a conflict with what stays": async ({ call }) => {
    await call(["install", "strict"]);
    const ran = await call(["install", "lib==2.0"]);
    expect([ran.status, installed(ran)]).toEqual([0, "lib-2.0"]);
    expect(ran.stderr).toContain("strict 1.0 has requirement lib<2, but you have lib 2.0");
  },
  "building from source": async ({ call, isPip }) => {
    const ran = await call(["install", "built"]);
    if (isPip) expect(installed(ran)).toBe("built-1.0");
    else {
      expect(ran.stderr).toContain("--allow-build");
      expect(installed(await call(["install", "--allow-build", "built", "built"]))).toBe("built-1.0");
    }
  },
  "a global Python, `--user`": async ({ call, world }) => {
    expect(code(await call(["install", "--user", "lib"]))).toBe("EXTERNALLY_MANAGED");
    expect(code(await call(["install", "--python", python ?? "", "lib"]))).toBe("EXTERNALLY_MANAGED");
    expect(existsSync(join(world.folder, "home", ".local", "lib"))).toBe(false);
  },
  bytecode: async ({ call, work }) => {
    await call(["install", "lib==1.0"]);
    expect(bytecodeIn(join(work, "env"))).toEqual([]);
    await call(["install", "--force-reinstall", "--compile", "lib==1.0"]);
    expect(bytecodeIn(join(work, "env")).length).toBe(1);
  },
  hashes: async ({ call, work }) => {
    const digest = new Bun.CryptoHasher("sha256").update(offered["lib"]?.[0]?.bytes ?? "").digest("hex");
    writeFileSync(join(work, "r.txt"), `lib==1.0 --hash=sha256:${digest}\napp==1.0\n`);
    expect(code(await call(["install", "-r", "r.txt"]))).toBe("HASH_REQUIRED");
    for (const algorithm of ["md5", "sha1"]) {
      writeFileSync(join(work, "r.txt"), `lib==1.0 --hash=${algorithm}:${"0".repeat(algorithm === "md5" ? 32 : 40)}\n`);
      expect((await call(["install", "-r", "r.txt"])).stderr).toContain(`${algorithm.toUpperCase()} is not taken`);
    }
  },
  "`--platform`, `--python-version`": async ({ call, work }) => {
    const ran = await call(["download", "-d", "w", "--platform", "win_amd64", "--python-version", "3.12", "fast"]);
    expect(ran).toMatchObject({ status: 0 });
    expect(existsSync(join(work, "w", "only_windows-1.0-py3-none-win_amd64.whl"))).toBe(true);
  },
  "a yanked version": async ({ call }) => {
    expect((await call(["install", "--dry-run", "gone"])).status).toBe(1);
    const ran = await call(["install", "--dry-run", "gone==1.0"]);
    expect(installed(ran)).toBe("gone-1.0");
    expect(ran.stderr).toContain("is a yanked version");
  },
  "`--no-require-hashes`, `--root`, `--client-cert`, `--global-option`": async ({ call }) => {
    for (const words of [["--no-require-hashes"], ["--root", "x"], ["--client-cert", "x"], ["--global-option", "x"]]) {
      const ran = await call(["install", ...words, "lib"]);
      expect([code(ran), ran.stderr.includes("hint:")]).toEqual(["USAGE", true]);
    }
  },
  "a `pylock.toml` that lacks what its packages need": async ({ call, work, world }) => {
    const name = "app-1.0-py3-none-any.whl";
    const sha256 = createHash("sha256")
      .update(offered["app"]?.find(({ filename }) => filename === name)?.bytes ?? "")
      .digest("hex");
    const file = `{name = "${name}", url = "${world.index.origin}/files/${name}", hashes = {sha256 = "${sha256}"}}`;
    const lock = `lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "app"\nversion = "1.0"\nwheels = [${file}]\n`;
    writeFileSync(join(work, "pylock.toml"), lock);
    expect(installed(await call(["install", "-r", "pylock.toml"]))).toBe("app-1.0");
    expect((await call(["check"])).stdout).toContain("app 1.0 requires lib, which is not installed.");
  },
  "a failed `download`": async ({ call, work }) => {
    expect((await call(["download", "-d", "w", "nowhere"])).status).toBe(1);
    expect(existsSync(join(work, "w"))).toBe(false);
  },
};

test("every row of the table has its test", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "pip.md"), "utf8");
  const table = page.slice(page.indexOf("## As pip, as uv"), page.indexOf("## Configuration"));
  const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, first = ""]) => first);
  expect(Object.keys(rules).sort()).toEqual(rows.sort());
});

for (const name of ["pen pip", "pip"] as const)
  describe.skipIf(python === undefined)(`${name} (needs a Python with venv and ensurepip)`, () => {
    let world: World;
    let other: IndexServer;
    beforeAll(async () => {
      world = await openWorld({ projects: offered });
      other = await startIndex({ projects: projects({ name: "lib", version: "2.5" }) });
      symlinkSync(program(), join(world.folder, "pip"));
    });
    afterAll(async () => {
      await other?.close();
      await world?.close();
    });
    for (const [at, [rule, check]] of Object.entries(rules).entries())
      test(
        rule,
        async () => {
          const work = join(world.work, String(at));
          mkdirSync(work);
          const environment = world.bareEnvironment(join(String(at), "env"));
          const call: Caller = (words, env = {}) =>
            name === "pip"
              ? execute(join(world.folder, "pip"), words, { cwd: work, env: { ...world.env, VIRTUAL_ENV: environment, ...env } })
              : world.pen(["pip", ...words], { environment, cwd: work, env });
          await check({ world, other, work, call, isPip: name === "pip" });
        },
        30_000,
      );
  });
