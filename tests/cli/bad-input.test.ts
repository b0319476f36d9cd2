/** Bad input: one clear error with its code, a status that is not 0, and environment, store and files as they were. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodes, type PenErrorCode } from "../../src/foundation/index.ts";
import type { Ran } from "../support/program.ts";
import { differences, digest, openWorld, projects, python, type CallOptions, type World } from "../support/world.ts";
import { buildWheel } from "../support/wheels.ts";

const offered = projects(
  { name: "flask", version: "1.0", requires: ["werkzeug>=1"], extras: ["async"] },
  { name: "flask", version: "2.0", requires: ["werkzeug>=1"], extras: ["async"] },
  { name: "werkzeug", version: "1.0" },
  { name: "early", version: "1.0rc1" },
  { name: "left", version: "1.0", requires: ["werkzeug<1"] },
  { name: "broken-needs", version: "1.0", requires: ["werkzeug >>> 1"] },
  { name: "windows-only", version: "1.0", tag: "cp313-cp313-win_amd64" },
  { name: "future", version: "1.0", requiresPython: ">=99", served: { requiresPython: ">=99" } },
);
const damaged = buildWheel({ name: "damaged", version: "1.0" });
const hostile = buildWheel({ name: "hostile", version: "1.0", files: { "../../escape.py": "x", "hostile.py": "" } });
const liar = buildWheel({ name: "liar", version: "1.0" });

interface Expected {
  readonly code: PenErrorCode;
  /** What the error must say. */
  readonly says: readonly string[];
}

describe.skipIf(python === undefined)("each is refused (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;

  beforeAll(async () => {
    world = await openWorld({ projects: offered });
    world.index.setProject("damaged", [
      {
        filename: damaged.filename,
        bytes: damaged.bytes.map((byte, at) => (at > 60 && at < 90 ? byte ^ 1 : byte)),
        metadata: "Metadata-Version: 2.1\nName: damaged\nVersion: 1.0\n",
      },
    ]);
    world.index.setProject("hostile", [
      { filename: hostile.filename, bytes: hostile.bytes, metadata: "Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n" },
    ]);
    world.index.setProject("liar", [{ filename: liar.filename, bytes: liar.bytes, hashes: { sha256: "0".repeat(64) } }]);
    world.index.setProject("source-only", [{ filename: "source_only-1.0.tar.gz", bytes: Buffer.from("x") }]);
    environment = world.environment("env");
    expect((await world.pen(["pip", "install", "werkzeug"], { environment })).status).toBe(0);
  }, 60_000);
  afterAll(() => world?.close());

  /** Runs the line and checks everything that holds for all bad input. */
  async function refuse(args: readonly string[], { code, says }: Expected, call: CallOptions = {}): Promise<Ran> {
    const before = [digest(world.work), digest(join(world.cache, "wheels"))] as const;
    const ran = await world.pen(args, { environment, ...call });
    expect({ code: /\[([A-Z_]+)\]/.exec(ran.stderr)?.[1], status: ran.status, stdout: ran.stdout, all: ran.stderr }).toEqual({
      code,
      status: errorCodes[code].exit,
      stdout: "",
      all: ran.stderr,
    });
    for (const words of says) expect(ran.stderr).toContain(words);
    expect(ran.stderr.match(/^error: /gm)).toHaveLength(1);
    expect(ran.stderr).not.toContain("    at ");
    expect(differences(before[0], digest(world.work))).toEqual([]);
    expect(differences(before[1], digest(join(world.cache, "wheels")))).toEqual([]);
    return ran;
  }

  const lines: ReadonlyArray<readonly [name: string, args: readonly string[], code: PenErrorCode, ...says: string[]]> = [
    ["unknown package", ["pip", "install", "flaks"], "PACKAGE_NOT_FOUND", "flaks", "hint:"],
    ["unknown version lists those that exist", ["pip", "install", "flask==9"], "RESOLUTION_CONFLICT", "flask==9", "1.0", "2.0"],
    ["only a pre-release fits", ["pip", "install", "early<1", "--prerelease", "disallow"], "RESOLUTION_CONFLICT", "1.0rc1"],
    ["a conflict names both sides", ["pip", "install", "flask", "left"], "RESOLUTION_CONFLICT", "werkzeug", "flask", "left"],
    ["a dependency that cannot be understood", ["pip", "install", "broken-needs"], "RESOLUTION_CONFLICT", "broken-needs", ">>>"],
    [
      "only wheels for other platforms",
      ["pip", "install", "windows-only"],
      "RESOLUTION_CONFLICT",
      "windows-only",
      "for cp313-cp313 on win_amd64",
    ],
    ["only a source distribution", ["pip", "install", "source-only"], "RESOLUTION_CONFLICT", "source-only", "only a source distribution"],
    ["only for other Pythons", ["pip", "install", "future"], "RESOLUTION_CONFLICT", "future", ">=99"],
    ["a wheel with damaged content", ["pip", "install", "damaged"], "INVALID_WHEEL", "damaged"],
    ["a hostile wheel", ["pip", "install", "hostile"], "INVALID_WHEEL", "escape.py"],
    ["another hash than the index promised", ["pip", "install", "liar"], "HASH_MISMATCH", "liar"],
    ["nothing named", ["pip", "install"], "NOTHING_NAMED", "hint:"],
    ["a requirement with a syntax error", ["pip", "install", "flask>>1"], "INVALID_REQUIREMENT", "column 7", "flask>>1\n          ^"],
    ["an extra with a syntax error", ["pip", "install", "flask[async"], "INVALID_REQUIREMENT", "^"],
    ["a marker with a syntax error", ["pip", "install", "flask; python_versoin > '3'"], "INVALID_REQUIREMENT", "^"],
    ["a name that is none", ["pip", "install", "-- --flask"], "USAGE"],
    ["a requirements file that is not there", ["pip", "install", "-r", "no-file.txt"], "REQUIREMENTS_FILE", "no-file.txt"],
    ["a constraints file that is not there", ["pip", "install", "flask", "-c", "no-file.txt"], "REQUIREMENTS_FILE", "no-file.txt"],
    ["a wheel that is not there", ["pip", "install", "./no-1.0-py3-none-any.whl"], "PACKAGE_NOT_FOUND", "no-1.0-py3-none-any.whl"],
    ["a folder that is no project", ["pip", "install", "."], "INVALID_SOURCE", "pyproject.toml"],
    ["development mode of a folder that is no project", ["pip", "install", "-e", "."], "INVALID_SOURCE"],
    ["a repository that is not there", ["pip", "install", "git+file:///nowhere/a.git"], "BUILD_FAILED", "file:///nowhere/a.git"],
    [
      "a repository with an option for a revision",
      ["pip", "install", "git+https://localhost/a.git@--upload-pack=x"],
      "INVALID_REQUIREMENT",
    ],
    ["a repository of another kind", ["pip", "install", "hg+https://localhost/a"], "INVALID_REQUIREMENT", "git"],
    ["unknown Python lists those that exist", ["venv", "-p", "3.99", "new"], "PYTHON_NOT_FOUND", "3.99", "3."],
    ["a Python that is not there", ["venv", "-p", "/nowhere/python", "new"], "PYTHON_NOT_FOUND", "/nowhere/python"],
    ["a request that is none", ["venv", "-p", "==>3", "new"], "USAGE", "==>3"],
    ["an environment where one is", ["venv", "env"], "ENV_EXISTS", "--clear"],
    ["a command that does not exist", ["instal"], "USAGE", "install"],
    ["an option before any command", ["--hlep"], "USAGE", "Did you mean: pen --help"],
    ["the version as a command", ["version"], "USAGE", "pen --version"],
    ["a misspelt command", ["venb"], "USAGE", "pen venv"],
    ["an option that does not exist", ["pip", "install", "--upgrad-all", "flask"], "USAGE", "--upgrad-all", "hint:"],
    ["an option without its value", ["pip", "install", "flask", "-r"], "USAGE", "-r"],
    ["a choice that is none", ["pip", "install", "--resolution", "lowst", "flask"], "USAGE", "lowest"],
    ["--user", ["pip", "install", "--user", "flask"], "EXTERNALLY_MANAGED", "pen venv"],
    [
      "the global Python by --python",
      ["pip", "install", "--python", python ?? "", "flask"],
      "EXTERNALLY_MANAGED",
      python ?? "",
      "pen venv",
    ],
    ["the global Python, uninstall", ["pip", "uninstall", "-y", "--python", python ?? "", "pip"], "EXTERNALLY_MANAGED"],
    [
      "a port nobody listens on",
      ["pip", "install", "--retries", "0", "-i", "http://127.0.0.1:9/simple/", "flask"],
      "NETWORK",
      "127.0.0.1:9",
      "hint:",
    ],
    [
      "a host that does not exist",
      ["pip", "install", "--retries", "0", "-i", "http://no-such-host.invalid/simple/", "flask"],
      "NETWORK",
      "no-such-host.invalid",
    ],
    ["an index URL that is none", ["pip", "install", "-i", "not a url", "flask"], "INVALID_CONFIG", "not a url"],
    ["a number that is none", ["pip", "install", "--timeout", "soon", "flask"], "USAGE", "soon"],
    ["a date that is none", ["pip", "install", "--exclude-newer", "someday", "flask"], "USAGE", "someday"],
    [
      "find-links that are not there",
      ["pip", "install", "--no-index", "--find-links", "no-folder", "flask"],
      "INVALID_CONFIG",
      "no-folder",
    ],
    [
      "offline without anything in the cache",
      ["pip", "install", "--offline", "flask", "--cache-dir", "../other-cache"],
      "OFFLINE",
      "flask",
    ],
    ["a command that is not in the environment", ["run", "no-such-command"], "PROCESS_FAILED", "no-such-command"],
    ["a hash of nothing", ["pip", "hash", "no-file"], "FILE_SYSTEM", "no-file"],
    ["a platform that is none", ["pip", "install", "--python-platform", "amiga", "flask"], "TARGET_UNSUPPORTED", "amiga"],
    ["a Python version that is none", ["pip", "install", "--python-version", "three", "flask"], "USAGE", "three"],
  ];
  for (const [name, args, code, ...says] of lines) test(name, () => refuse(args, { code, says }).then(() => undefined));

  const misspelt: ReadonlyArray<readonly [name: string, hint: string, suggestion: string | undefined]> = [
    ["reqeusts", "Did you mean requests?", "requests"],
    ["Sklearn", "is called scikit-learn", "scikit-learn"],
    ["json", "part of Python's standard library", undefined],
    ["zzqxv", "Check the spelling", undefined],
  ];
  for (const [name, hint, suggestion] of misspelt) {
    test(`a project that no index has: ${name}`, async () => {
      const { status, stdout } = await world.pen(["pip", "install", name, "--json"], { environment });
      const { error } = JSON.parse(stdout) as { error: { code: string; hint: string; data: { suggestion?: string } } };
      expect([status, error.code, error.data.suggestion]).toEqual([1, "PACKAGE_NOT_FOUND", suggestion]);
      expect(error.hint).toContain(hint);
    });
  }

  test("an unknown extra is a warning, as in pip", async () => {
    const ran = await world.pen(["pip", "install", "--dry-run", "flask[asink]"], { environment });
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain("asink");
  });

  test("requirements files point at line and column; a circle names its way", async () => {
    writeFileSync(join(world.work, "bad.txt"), "flask\nwerkzeug ==\n");
    await refuse(["pip", "install", "-r", "bad.txt"], { code: "INVALID_REQUIREMENT", says: ["bad.txt", "2", "^"] });
    writeFileSync(join(world.work, "one.txt"), "-r two.txt\n");
    writeFileSync(join(world.work, "two.txt"), "-r one.txt\n");
    await refuse(["pip", "install", "-r", "one.txt"], { code: "REQUIREMENTS_FILE", says: ["one.txt", "two.txt"] });
    writeFileSync(join(world.work, "odd.txt"), "--no-such-option\nflask\n");
    await refuse(["pip", "install", "-r", "odd.txt"], { code: "REQUIREMENTS_FILE", says: ["odd.txt", "--no-such-option"] });
    writeFileSync(join(world.work, "latin.txt"), Buffer.from([0x66, 0xff, 0xfe, 0x0a]));
    await refuse(["pip", "install", "-r", "latin.txt"], { code: "REQUIREMENTS_FILE", says: ["latin.txt"] });
  });

  describe("environments", () => {
    test("none at all", async () => {
      for (const args of [["list"], ["install", "flask"], ["uninstall", "-y", "flask"], ["check"], ["show", "flask"]]) {
        const ran = await world.pen(["pip", ...args]);
        expect(ran).toMatchObject({ status: 1, stdout: "" });
        expect(ran.stderr).toContain("[ENV_NOT_FOUND]");
        expect(ran.stderr).toContain("pen venv");
      }
    });

    test("VIRTUAL_ENV that leads nowhere", () =>
      refuse(["pip", "list"], { code: "ENV_NOT_FOUND", says: ["gone", "VIRTUAL_ENV"] }, { environment: join(world.work, "gone") }).then(
        () => undefined,
      ));

    test("pyvenv.cfg is rubbish", async () => {
      const broken = world.environment("rubbish");
      rmSync(join(broken, "pyvenv.cfg"));
      writeFileSync(join(broken, "pyvenv.cfg"), Buffer.from([0, 1, 2, 255]));
      await refuse(["pip", "install", "flask"], { code: "ENV_BROKEN", says: ["rubbish"] }, { environment: broken });
    });

    test("its base Python is gone", async () => {
      const broken = world.environment("baseless");
      for (const name of ["python", "python3"]) {
        rmSync(join(broken, "bin", name), { force: true });
        symlinkSync("/nowhere/bin/python3", join(broken, "bin", name));
      }
      await refuse(["pip", "install", "flask"], { code: "ENV_BROKEN", says: ["/nowhere/bin/python3", "hint:"] }, { environment: broken });
    });

    test("it was moved: it works on", async () => {
      const place = world.environment("before");
      renameSync(place, join(world.work, "after"));
      const ran = await world.pen(["pip", "install", "werkzeug"], { environment: join(world.work, "after") });
      expect(ran).toMatchObject({ status: 0, stderr: "" });
      rmSync(join(world.work, "after"), { recursive: true });
    });

    test("a folder that is no environment is not cleared", async () => {
      mkdirSync(join(world.work, "precious"));
      writeFileSync(join(world.work, "precious", "file"), "dear");
      await refuse(["venv", "--clear", "precious"], { code: "ENV_EXISTS", says: ["precious"] });
      writeFileSync(join(world.work, "a-file"), "");
      await refuse(["venv", "a-file"], { code: "ENV_EXISTS", says: ["a-file"] });
    });
  });

  describe("a lying index", () => {
    const page = "/simple/flask/";
    const cases: ReadonlyArray<
      readonly [name: string, fault: Parameters<World["index"]["faultAlways"]>[1], code: PenErrorCode, ...says: string[]]
    > = [
      ["answers 500", { status: 500 }, "NETWORK", "500"],
      ["answers 503 with a wait", { status: 503, headers: { "retry-after": "0" } }, "NETWORK", "503"],
      ["asks for credentials", { status: 401 }, "AUTH_REQUIRED", "401"],
      ["forbids", { status: 403 }, "AUTH_REQUIRED", "403"],
      [
        "sends rubbish as JSON",
        { body: "{ not json", headers: { "content-type": "application/vnd.pypi.simple.v1+json" } },
        "NETWORK",
        "flask",
      ],
      [
        "sends a page of another kind",
        { body: "<html>Welcome to the hotel</html>", headers: { "content-type": "text/plain" } },
        "NETWORK",
        "flask",
      ],
      ["breaks off", { cutAfter: 20 }, "NETWORK", "flask"],
      ["hangs up", { drop: true }, "NETWORK", "127.0.0.1"],
      ["sends a page without end", { endless: true }, "NETWORK", "is too long", "200 MiB"],
      ["says nothing", { stallAfter: -1 }, "NETWORK", "127.0.0.1"],
      ["leads in a circle", { status: 302, headers: { location: page } }, "NETWORK", "redirect"],
    ];
    for (const [name, fault, code, ...says] of cases) {
      test(name, async () => {
        world.index.faultAlways(page, fault);
        try {
          await refuse(["pip", "install", "flask", "--no-cache-dir", "--retries", "1", "--timeout", "1"], { code, says });
        } finally {
          world.index.faultAlways(page, undefined);
        }
      });
    }

    const file = "/files/flask-2.0-py3-none-any.whl";
    const files: typeof cases = [
      ["a truncated wheel", { cutAfter: 300 }, "NETWORK", "flask-2.0"],
      ["a wheel without end", { endless: true }, "HASH_MISMATCH", "flask-2.0", "longer than was promised"],
      ["a wheel that is not there", { status: 404 }, "NETWORK", "does not have it"],
      ["a page instead of a wheel", { body: "<html>Please log in</html>" }, "HASH_MISMATCH", "flask-2.0"],
    ];
    for (const [name, fault, code, ...says] of files) {
      test(name, async () => {
        world.index.faultAlways(file, fault);
        try {
          await refuse(["pip", "install", "flask", "--no-cache-dir", "--retries", "1", "--timeout", "1"], { code, says });
        } finally {
          world.index.faultAlways(file, undefined);
        }
      });
    }

    test("after all that the same command works", async () => {
      const fresh = world.environment("after-all");
      expect(await world.pen(["pip", "install", "flask"], { environment: fresh })).toMatchObject({ status: 0, stderr: "" });
    });
  });
});
