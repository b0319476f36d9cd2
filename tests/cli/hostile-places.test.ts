/** Places that programs trip over: odd names, folders without permission, full disks. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programOnPath } from "../support/interpreters.ts";
import { execute, program, type Ran } from "../support/program.ts";
import { differences, digest, openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const offered = projects(
  {
    name: "tool",
    version: "1.0",
    requires: ["part"],
    entryPoints: { console_scripts: { tool: "tool:main" } },
    files: { "tool/__init__.py": "def main():\n    print('tool runs')\n" },
  },
  {
    name: "tool",
    version: "2.0",
    requires: ["part"],
    entryPoints: { console_scripts: { tool: "tool:main" } },
    files: { "tool/__init__.py": "def main():\n    print('tool runs')\n" },
  },
  { name: "part", version: "1.0" },
  { name: "large", version: "1.0", files: { "large/data.bin": Buffer.alloc(6_000_000, 7) } },
);

const isRoot = process.getuid?.() === 0;
const setpriv = programOnPath("setpriv");
/** One that every user can start; those of pyenv may stand in a home that others cannot enter. */
const systemPython = "/usr/bin/python3";
const canBeNobody = isRoot && setpriv !== undefined && existsSync(systemPython);
const canMount = ((): boolean => {
  if (!isRoot) return false;
  const place = mkdtempSync(join(tmpdir(), "pen-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place]);
  if (status === 0) spawnSync("umount", [place]);
  rmSync(place, { recursive: true, force: true });
  return status === 0;
})();

describe.skipIf(python === undefined)("needs a Python with venv and ensurepip", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
  });
  afterAll(() => world?.close());

  const clean = (ran: Ran, code: string): void => {
    expect({ code: /\[([A-Z_]+)\]/.exec(ran.stderr)?.[1], all: ran.stderr }).toEqual({ code, all: ran.stderr });
    expect(ran.status).toBe(1);
    expect(ran.stderr).not.toContain("    at ");
  };

  describe("names of folders", () => {
    const names = [
      "with space",
      "single ' quote",
      'double " quote',
      "dollar $HOME `id` $(id)",
      "semi;colon & more",
      "ünï-cödé 日本",
      "-dash",
      "back\\slash",
      "percent %s %25",
      "new\nline",
    ];
    for (const name of names) {
      test(name, async () => {
        const folder = join(world.work, name);
        mkdirSync(folder);
        expect(await world.pen(["venv"], { cwd: folder })).toMatchObject({ status: 0 });
        expect(await world.pen(["pip", "install", "tool"], { cwd: folder })).toMatchObject({ status: 0, stderr: "" });
        expect(await world.pen(["run", "tool"], { cwd: folder })).toMatchObject({ status: 0, stdout: "tool runs\n" });
        const activated = spawnSync("sh", ["-c", ". ./.venv/bin/activate && command -v python && pip --version"], {
          cwd: folder,
          encoding: "utf8",
          env: world.env,
        });
        expect(activated.stdout).toStartWith(`${folder}/.venv/bin/python\npip `);
        expect(await world.pen(["pip", "uninstall", "-y", "tool"], { cwd: folder })).toMatchObject({ status: 0 });
      });
    }

    test("not UTF-8: refused, instead of working in a folder of another name", async () => {
      const folder = Buffer.concat([Buffer.from(`${world.work}/`), Buffer.from([0x62, 0xff, 0xfe])]);
      mkdirSync(folder);
      const ran = await execute("/bin/sh", ["-c", `cd "$(printf '${world.work}/b\\377\\376')" && exec ${program()} venv`], {
        cwd: world.work,
        env: world.env,
      });
      clean(ran, "TARGET_UNSUPPORTED");
      const named = await execute("/bin/sh", ["-c", `exec ${program()} venv "$(printf 'b\\377\\376')"`], {
        cwd: world.work,
        env: world.env,
      });
      expect(named).toMatchObject({ status: 2, stdout: "" });
      expect(readdirSync(folder)).toEqual([]);
      expect(readdirSync(world.work, { encoding: "buffer" }).filter((name) => name[0] === 0x62 && (name[1] ?? 0) > 0x7f)).toHaveLength(1);
      rmSync(folder, { recursive: true });
    });

    test("a working folder that is gone", async () => {
      const folder = join(world.work, "going");
      mkdirSync(folder);
      const ran = await execute("/bin/sh", ["-c", `cd '${folder}' && rmdir '${folder}' && exec ${program()} venv`], {
        cwd: world.work,
        env: world.env,
      });
      expect(ran).toMatchObject({ status: 1, stdout: "" });
      expect(ran.stderr).toContain("working ");
      expect(ran.stderr).not.toContain("    at ");
    });
  });

  describe.skipIf(!canBeNobody)("another user (needs root, setpriv and /usr/bin/python3)", () => {
    let home: string;
    beforeAll(() => {
      home = join(world.folder, "nobody");
      mkdirSync(home);
      chownSync(home, 65534, 65534);
      chmodSync(world.folder, 0o755);
    });
    // The executable and the Python of this machine may stand where nobody else can look.
    const asNobody = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
      execute(setpriv ?? "", ["--reuid=65534", "--regid=65534", "--clear-groups", copyOfProgram(), ...args], {
        cwd,
        env: { ...world.env, HOME: home, PEN_CACHE_DIR: join(home, "cache"), TMPDIR: home, ...env },
      });
    let copy: string | undefined;
    const copyOfProgram = (): string => {
      if (copy === undefined) {
        copy = join(world.folder, "pen");
        cpSync(program(), copy);
        chmodSync(copy, 0o755);
      }
      return copy;
    };

    test("a folder that cannot be written to", async () => {
      const place = join(world.folder, "not-yours");
      mkdirSync(place);
      const ran = await asNobody(["venv", "--no-seed", "-p", systemPython], place);
      clean(ran, "FILE_SYSTEM");
      expect(ran.stderr).toContain(place);
      expect(readdirSync(place)).toEqual([]);
    });

    test("an environment that cannot be written to", async () => {
      const environment = world.bareEnvironment("theirs");
      const before = digest(environment);
      const ran = await asNobody(["pip", "install", "tool", "--python", environment], home);
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/\[(FILE_SYSTEM|ENV_BROKEN|PYTHON_NOT_FOUND|PYTHON_BROKEN)\]/);
      expect(ran.stderr).not.toContain("    at ");
      expect(differences(before, digest(environment))).toEqual([]);
    });

    test("a requirements file that cannot be read", async () => {
      expect((await asNobody(["venv", "--no-seed", "-p", systemPython], home)).status).toBe(0);
      const file = join(home, "secret.txt");
      writeFileSync(file, "tool\n");
      chmodSync(file, 0o000);
      const ran = await asNobody(["pip", "install", "-r", "secret.txt"], home);
      expect(ran.status).toBe(1);
      expect(ran.stderr).toContain("secret.txt");
      expect(ran.stderr).toMatch(/\[(FILE_SYSTEM|REQUIREMENTS_FILE)\]/);
    });

    test("site-packages that cannot be written to", async () => {
      const folder = join(home, "locked");
      mkdirSync(folder);
      chownSync(folder, 65534, 65534);
      expect((await asNobody(["venv", "--no-seed", "-p", systemPython], folder)).status).toBe(0);
      const site = sitePackages(join(folder, ".venv"));
      chmodSync(site, 0o555);
      const before = digest(join(folder, ".venv"));
      clean(await asNobody(["pip", "install", "tool"], folder), "FILE_SYSTEM");
      expect(differences(before, digest(join(folder, ".venv"))).filter((path) => !path.startsWith(".pen/"))).toEqual([]);
      chmodSync(site, 0o755);
      expect((await asNobody(["pip", "install", "tool"], folder)).status).toBe(0);
    });

    test("a cache that cannot be written to is done without", async () => {
      const cache = join(world.folder, "sealed");
      mkdirSync(cache);
      expect((await asNobody(["venv", "--no-seed", "-p", systemPython, join(home, "uncached")], home)).status).toBe(0);
      const ran = await asNobody(["pip", "install", "large", "--cache-dir", cache], join(home, "uncached"));
      expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining(`pen's cache cannot be written to: ${cache}`)]);
      expect(readdirSync(cache)).toEqual([]);
    });

    test("HOME that is still that of another user, or no folder at all", async () => {
      const theirs = join(world.folder, "theirs");
      mkdirSync(join(theirs, ".pip"), { recursive: true });
      writeFileSync(join(theirs, ".pip", "pip.conf"), "[global]\nno-index = true\n");
      cpSync(world.cache, join(theirs, ".cache", "pen"), { recursive: true });
      chmodSync(theirs, 0o700);
      for (const [name, HOME] of [
        ["theirs", theirs],
        ["null", "/dev/null"],
      ] as const) {
        const env = { HOME, PEN_CACHE_DIR: "", PIP_CONFIG_FILE: "" };
        const environment = join(home, `home-${name}`);
        expect(await asNobody(["venv", "--no-seed", "-p", systemPython, environment], home, env)).toMatchObject({ status: 0 });
        const ran = await asNobody(["pip", "install", "tool", "--python", environment], home, env);
        expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining("pen's cache cannot be written to")]);
        // About answers of indexes, and about wheels: more is nobody's business.
        expect(ran.stderr.match(/^warning:/gm)).toHaveLength(2);
        expect(await asNobody(["pip", "list", "--python", environment], home, env)).toMatchObject({ status: 0, stderr: "" });
        expect(await asNobody(["env", "list"], home, env)).toMatchObject({ status: 0, stderr: "" });
      }
    });
  });

  describe.skipIf(!canMount)("a full disk (needs root and tmpfs)", () => {
    let place: string;
    beforeEach(() => {
      place = join(world.folder, "small-disk");
      mkdirSync(place);
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", place]);
    });
    afterEach(() => {
      spawnSync("umount", [place]);
      rmSync(place, { recursive: true, force: true });
    });

    test("under the environment", async () => {
      expect((await world.pen(["venv", "--no-seed", place + "/env"])).status).toBe(0);
      const environment = join(place, "env");
      expect((await world.pen(["pip", "install", "tool==1.0"], { environment })).status).toBe(0);
      const before = digest(environment);
      const ran = await world.pen(["pip", "install", "-U", "tool", "large"], { environment });
      clean(ran, "FILE_SYSTEM");
      expect(ran.stderr).toContain("ENOSPC");
      expect(differences(before, digest(environment)).filter((path) => !path.startsWith(".pen/"))).toEqual([]);
      expect((await world.pen(["run", "tool"], { environment })).stdout).toBe("tool runs\n");
    });

    test("under the store", async () => {
      const environment = world.bareEnvironment(`for-full-${Date.now()}`);
      const before = digest(environment);
      const ran = await world.pen(["pip", "install", "large", "--cache-dir", join(place, "cache")], { environment });
      clean(ran, "FILE_SYSTEM");
      expect(ran.stderr).toContain("ENOSPC");
      expect(differences(before, digest(environment)).filter((path) => !path.startsWith(".pen/"))).toEqual([]);
      const kept = existsSync(join(place, "cache", "wheels")) ? digest(join(place, "cache", "wheels")) : {};
      expect(Object.keys(kept).filter((path) => path.includes("large"))).toEqual([]);
    });

    test("under the output", async () => {
      const environment = world.bareEnvironment(`for-output-${Date.now()}`);
      writeFileSync(join(world.work, "needs.in"), "tool\n");
      spawnSync("sh", ["-c", `head -c 4m /dev/zero > '${place}/fill'`]);
      const ran = await world.pen(["pip", "compile", "needs.in", "-o", join(place, "out.txt")], { environment });
      clean(ran, "FILE_SYSTEM");
      expect(readdirSync(place)).toEqual(["fill"]);
    });
  });

  test("an environment that was moved works on, with its commands", async () => {
    const folder = join(world.work, "moving");
    mkdirSync(folder);
    await world.pen(["venv"], { cwd: folder });
    await world.pen(["pip", "install", "tool==1.0"], { cwd: folder });
    renameSync(folder, join(world.work, "moved"));
    const bin = join(world.work, "moved", ".venv", "bin");
    const ran = await execute(join(bin, "tool"), [], { cwd: world.work, env: world.env });
    expect(ran).toMatchObject({ status: 0, stdout: "tool runs\n" });
    expect(await world.pen(["pip", "check"], { cwd: join(world.work, "moved") })).toMatchObject({ status: 0 });
  });
});
