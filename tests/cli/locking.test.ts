/** compile, sync and tree, as uv's documentation describes them. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld, projects, python, sitePackages, type World } from "../support/world.ts";
import type { Ran } from "../support/program.ts";

const offered = projects(
  { name: "Flask", version: "2.0", requires: ["Werkzeug>=2", "click>=7"] },
  {
    name: "Flask",
    version: "3.0",
    requires: ["Werkzeug>=3", "click>=8", 'dotenv>=1; extra == "env"', 'colorama; sys_platform == "win32"'],
    extras: ["env"],
  },
  { name: "Werkzeug", version: "2.0" },
  { name: "Werkzeug", version: "3.0" },
  { name: "click", version: "7.0" },
  { name: "click", version: "8.0" },
  { name: "click", version: "8.1" },
  { name: "dotenv", version: "1.0" },
  { name: "colorama", version: "0.4" },
  { name: "pytest", version: "8.0", requires: ["click<8.1"] },
);

describe.skipIf(python === undefined)("needs a Python with venv and ensurepip", () => {
  let world: World;
  let folder: string;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
  });
  afterAll(() => world?.close());
  beforeEach(() => {
    folder = mkdtempSync(join(world.work, "project-"));
  });

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const compile = (...args: string[]): Promise<Ran> => world.pen(["pip", "compile", "--python", python ?? "", ...args], { cwd: folder });
  const good = async (ran: Promise<Ran>): Promise<string> => {
    const { status, stdout, stderr } = await ran;
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    return stdout;
  };

  describe("compile", () => {
    test("pins everything, sorted, with who needs it, below a header that says how", async () => {
      write("requirements.in", "flask\n");
      const text = await good(compile("requirements.in"));
      expect(text).toMatch(/^# This file was made by pen with the following command:\n# {4}pen pip compile .*requirements\.in\n/);
      expect(text.replace(/^# .*\n/gm, "")).toBe(
        "click==8.1\n    # via flask\nflask==3.0\n    # via -r requirements.in\nwerkzeug==3.0\n    # via flask\n",
      );
    });

    test("--no-header --no-annotate leave only the pins", async () => {
      write("requirements.in", "flask[env]\n");
      expect(await good(compile("requirements.in", "--no-header", "--no-annotate"))).toBe(
        "click==8.1\ndotenv==1.0\nflask==3.0\nwerkzeug==3.0\n",
      );
      expect(await good(compile("requirements.in", "--no-header", "--no-annotate", "--no-strip-extras"))).toContain("flask[env]==3.0\n");
    });

    test("-o writes the file and nothing on stdout; what it pins stays until -U or -P", async () => {
      write("requirements.in", "flask\n");
      write("out.txt", "click==8.0\nflask==2.0\nwerkzeug==2.0\n");
      expect(await good(compile("requirements.in", "-o", "out.txt", "--no-header", "--no-annotate"))).toBe("");
      expect(read("out.txt")).toBe("click==8.0\nflask==2.0\nwerkzeug==2.0\n");
      await good(compile("requirements.in", "-o", "out.txt", "--no-header", "--no-annotate", "-P", "click"));
      expect(read("out.txt")).toBe("click==8.1\nflask==2.0\nwerkzeug==2.0\n");
      await good(compile("requirements.in", "-o", "out.txt", "--no-header", "--no-annotate", "--upgrade"));
      expect(read("out.txt")).toBe("click==8.1\nflask==3.0\nwerkzeug==3.0\n");
    });

    test("the same input gives the same bytes, also a second time into the same file", async () => {
      write("requirements.in", "pytest\nflask\n");
      await good(compile("requirements.in", "-o", "out.txt", "--generate-hashes"));
      const first = read("out.txt");
      await good(compile("requirements.in", "-o", "out.txt", "--generate-hashes"));
      expect(read("out.txt")).toBe(first);
      expect(first.match(/--hash=sha256:[0-9a-f]{64}/g)).toHaveLength(4);
    });

    test("--generate-hashes is what --require-hashes asks for, with the real pip too", async () => {
      write("requirements.in", "flask\n");
      await good(compile("requirements.in", "-o", "out.txt", "--generate-hashes"));
      const environment = world.environment(`hashed-${folder.slice(-6)}`);
      const pip = await world.pip(environment, ["install", "--require-hashes", "-r", join(folder, "out.txt")]);
      expect(pip).toMatchObject({ status: 0 });
      await good(world.pen(["pip", "check"], { environment }));
    });

    test("--generate-hashes computes the hashes of files whose place states none", async () => {
      const [wheel] = projects({ name: "loose", version: "1.0" })["loose"] ?? [];
      mkdirSync(join(folder, "wheels"));
      writeFileSync(join(folder, "wheels", wheel?.filename ?? ""), wheel?.bytes ?? "");
      world.index.setProject("bare", [{ ...projects({ name: "bare", version: "1.0" })["bare"]![0]!, hashes: {} }]);
      write("requirements.in", "loose\nbare\n");
      const text = await good(compile("requirements.in", "--find-links", "wheels", "--generate-hashes", "--no-header", "--no-annotate"));
      const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
      const bare = projects({ name: "bare", version: "1.0" })["bare"]![0]!;
      expect(text).toContain(`--hash=sha256:${digest(wheel!.bytes)}`);
      expect(text).toContain(`--hash=sha256:${digest(bare.bytes)}`);
    });

    test("--resolution lowest and lowest-direct", async () => {
      write("requirements.in", "flask>=2\n");
      expect(await good(compile("requirements.in", "--no-header", "--no-annotate", "--resolution", "lowest"))).toBe(
        "click==7.0\nflask==2.0\nwerkzeug==2.0\n",
      );
      expect(await good(compile("requirements.in", "--no-header", "--no-annotate", "--resolution", "lowest-direct"))).toBe(
        "click==8.1\nflask==2.0\nwerkzeug==3.0\n",
      );
    });

    test("constraints, overrides and excludes", async () => {
      write("requirements.in", "flask\n");
      write("bounds.txt", "click<8.1\npytest<1\n");
      write("force.txt", "werkzeug==2.0\n");
      const plain = ["requirements.in", "--no-header", "--no-annotate"];
      expect(await good(compile(...plain, "-c", "bounds.txt"))).toBe("click==8.0\nflask==3.0\nwerkzeug==3.0\n");
      expect(await good(compile(...plain, "--override", "force.txt"))).toBe("click==8.1\nflask==3.0\nwerkzeug==2.0\n");
      expect(await good(compile(...plain, "--exclude", "click"))).toBe("flask==3.0\nwerkzeug==3.0\n");
      expect(await good(compile(...plain, "--no-deps"))).toBe("flask==3.0\n");
    });

    test("another platform; all platforms with markers", async () => {
      write("requirements.in", "flask\n");
      const plain = ["requirements.in", "--no-header", "--no-annotate"];
      expect(await good(compile(...plain, "--python-platform", "windows"))).toBe("click==8.1\ncolorama==0.4\nflask==3.0\nwerkzeug==3.0\n");
      expect(await good(compile(...plain, "--universal"))).toContain("colorama==0.4 ; sys_platform == 'win32'\n");
    });

    test("standard input, several files, --emit-index-url", async () => {
      write("a.in", "click\n");
      write("b.in", "dotenv\n");
      expect(await good(compile("a.in", "b.in", "--no-header", "--no-annotate"))).toBe("click==8.1\ndotenv==1.0\n");
      expect(
        await good(
          world.pen(["pip", "compile", "-", "--no-header", "--no-annotate", "--python", python ?? ""], { cwd: folder, input: "click<8\n" }),
        ),
      ).toBe("click==7.0\n");
      const explicit = await good(compile("a.in", "--no-header", "--no-annotate", "--emit-index-url", "-i", world.index.indexUrl));
      expect(explicit).toBe(`--index-url ${world.index.indexUrl}\n\nclick==8.1\n`);
    });

    test("pylock.toml by the name of the file or --format", async () => {
      write("requirements.in", "flask\n");
      await good(compile("requirements.in", "-o", "pylock.toml"));
      expect(read("pylock.toml")).toContain('lock-version = "1.0"\n');
      expect(Bun.TOML.parse(read("pylock.toml"))).toMatchObject({ packages: [{ name: "click" }, { name: "flask" }, { name: "werkzeug" }] });
      expect(await good(compile("requirements.in", "--format", "pylock.toml"))).toContain('lock-version = "1.0"\n');
    });

    test("a conflict leaves the file as it was", async () => {
      write("requirements.in", "pytest\nclick>=8.1\n");
      write("out.txt", "click==8.0\n");
      const ran = await compile("requirements.in", "-o", "out.txt");
      expect(ran).toMatchObject({ status: 1, stdout: "" });
      expect(ran.stderr).toContain("[RESOLUTION_CONFLICT]");
      expect(read("out.txt")).toBe("click==8.0\n");
      expect(readdirSync(folder).sort()).toEqual(["out.txt", "requirements.in"]);
    });
  });

  describe("sync", () => {
    const names = (environment: string): string[] =>
      readdirSync(sitePackages(environment))
        .filter((name) => name.endsWith(".dist-info") && !name.startsWith("pip-"))
        .map((name) => name.replace(".dist-info", ""))
        .sort();

    test("installs, changes and removes until the environment is what the file says; pip stays", async () => {
      const environment = world.environment(`sync-${folder.slice(-6)}`);
      await good(world.pen(["pip", "install", "click==7.0", "dotenv"], { environment }));
      write("pins.txt", "click==8.0\nflask==3.0\nwerkzeug==3.0\n");
      const dry = await good(world.pen(["pip", "sync", "--dry-run", "pins.txt"], { environment, cwd: folder }));
      expect(dry).toContain(" - dotenv 1.0\n");
      expect(names(environment)).toEqual(["click-7.0", "dotenv-1.0"]);
      const told = await good(world.pen(["pip", "sync", "pins.txt"], { environment, cwd: folder }));
      expect(told.split("\n").slice(0, -2)).toEqual([" ↑ click 8.0 (was 7.0)", " - dotenv 1.0", " + flask 3.0", " + werkzeug 3.0"]);
      expect(names(environment)).toEqual(["click-8.0", "flask-3.0", "werkzeug-3.0"]);
      expect(readdirSync(sitePackages(environment))).toContain("pip");
      const before = statSync(sitePackages(environment)).mtimeMs;
      expect(await good(world.pen(["pip", "sync", "pins.txt"], { environment, cwd: folder }))).toStartWith("Nothing to do");
      expect(statSync(sitePackages(environment)).mtimeMs).toBe(before);
    });

    test("an empty file needs --allow-empty-requirements", async () => {
      const environment = world.bareEnvironment(`empty-${folder.slice(-6)}`);
      await good(world.pen(["pip", "install", "click"], { environment }));
      write("empty.txt", "# nothing\n");
      expect((await world.pen(["pip", "sync", "empty.txt"], { environment, cwd: folder })).status).toBe(2);
      expect(names(environment)).toEqual(["click-8.1"]);
      await good(world.pen(["pip", "sync", "--allow-empty-requirements", "empty.txt"], { environment, cwd: folder }));
      expect(names(environment)).toEqual([]);
    });

    test("hashes in the file are checked", async () => {
      const environment = world.bareEnvironment(`sync-hash-${folder.slice(-6)}`);
      write("pins.txt", `click==8.0 --hash=sha256:${"1".repeat(64)}\n`);
      const ran = await world.pen(["pip", "sync", "pins.txt"], { environment, cwd: folder });
      expect(ran.status).toBe(1);
      expect(ran.stderr).toContain("[HASH_MISMATCH]");
      expect(names(environment)).toEqual([]);
    });

    test("--target works on a plain folder", async () => {
      write("pins.txt", "click==8.0\n");
      mkdirSync(join(folder, "out"));
      await good(world.pen(["pip", "sync", "--target", "out", "--python", python ?? "", "pins.txt"], { cwd: folder }));
      expect(existsSync(join(folder, "out", "click", "__init__.py"))).toBe(true);
    });
  });

  test("tree: forward, inverted, of one package, to a depth", async () => {
    const environment = world.bareEnvironment(`tree-${folder.slice(-6)}`);
    await good(world.pen(["pip", "install", "flask[env]", "pytest"], { environment }));
    const tree = (...args: string[]): Promise<string> => good(world.pen(["pip", "tree", ...args], { environment }));
    expect(await tree()).toBe(
      ["dotenv v1.0", "Flask v3.0", "├── click v8.0 (>=8)", "└── Werkzeug v3.0 (>=3)", "pytest v8.0", "└── click v8.0 (<8.1)", ""].join(
        "\n",
      ),
    );
    expect(await tree("--invert", "--package", "click")).toBe("click v8.0\n├── Flask v3.0 (>=8)\n└── pytest v8.0 (<8.1)\n");
    expect(await tree("--depth", "0")).toBe("dotenv v1.0\nFlask v3.0\npytest v8.0\n");
    expect(await tree("--package", "flask")).toStartWith("Flask v3.0\n├── click");
  });
});
