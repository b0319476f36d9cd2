/** What people see: colours, progress, quietness; and that nothing a package says can steer their terminal. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wrapLines } from "../../src/cli/output/wrap.ts";
import type { Ran } from "../support/program.ts";
import { openWorld, projects, python, sitePackages, withFields, type World } from "../support/world.ts";

/** Sets the title, clears the screen, hides what follows, and turns the direction of writing. */
const attack = "\u001b]0;owned\u0007\u001b[2J\u001b[8m\u009b31m\u202egnp.exe\b\b";
/** What of it may never arrive; pen's own colours and its erasing of a line may. */
const dangerous = /\u001b(?!\[(?:\d+m|K))|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u007f\u009b\u202e]|\u001b\[8m/;
const ownColours = /\u001b\[\d+m/;

const offered = projects(
  { name: "plain", version: "1.0", requires: ["part"] },
  { name: "part", version: "1.0" },
  { name: "part", version: "2.0" },
  {
    name: "large",
    version: "1.0",
    files: { "large/data.bin": new Uint8Array(Array.from({ length: 400_000 }, (_, at) => (at * 7919) % 251)) },
  },
  { name: "pulled", version: "1.0", served: { yanked: `because ${attack}` } },
  {
    name: "evil-meta",
    version: "1.0",
    metadata: withFields(`Summary: ${attack}`, `Author: ${attack}`, `License: ${attack}`, `Home-page: ${attack}`),
  },
  { name: "evil-needs", version: "1.0", requires: [`${attack} >= 1`] },
  { name: "evil-python", version: "1.0", served: { requiresPython: `>=99 ${attack}` } },
);

describe.skipIf(python === undefined)("needs a Python with venv, ensurepip and pty", () => {
  let world: World;
  let environment: string;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
    environment = world.environment("env");
    expect((await world.pen(["pip", "install", "plain", "evil-meta"], { environment })).status).toBe(0);
    // What only another tool can have put there.
    const info = join(sitePackages(environment), "wild-1.0.dist-info");
    mkdirSync(info);
    writeFileSync(
      join(info, "METADATA"),
      `Metadata-Version: 2.1\nName: wi${attack}ld\nVersion: 1.0${attack}\nSummary: ${attack}\nClassifier: ${attack}\nProject-URL: ${attack}, x\nRequires-Dist: plain (>=9${attack})\nRequires-Dist: missing>=1\n`,
    );
    writeFileSync(join(info, "RECORD"), `"wild/${attack}.py",,\n`);
    writeFileSync(join(info, "INSTALLER"), `${attack}\n`);
    writeFileSync(join(info, "entry_points.txt"), `[console_scripts]\n${attack} = a:b\n`);
    writeFileSync(join(info, "direct_url.json"), JSON.stringify({ url: `file:///${attack}`, dir_info: { editable: true } }));
  });
  afterAll(() => world?.close());

  describe("control characters of packages never arrive", () => {
    const lines = [
      "pip list",
      "pip list -v",
      "pip list --format freeze",
      "pip list --format json",
      "pip list --json",
      "pip freeze",
      "pip show wild evil-meta",
      "pip show -v -f wild",
      "pip show --json wild",
      "pip check",
      "pip tree",
      "pip tree --invert",
      "pip inspect",
      "pip install evil-needs",
      "pip install evil-python",
      "pip install pulled==1.0",
      "pip uninstall --dry-run wild",
      `pip install ${attack}`,
      `pip show ${attack}`,
      `venv -p ${attack} x`,
      `run ${attack}`,
      attack,
      `pip --${attack}`,
      `pip install -r ${attack}`,
      `pip install --index-url http://127.0.0.1:9/${encodeURI("x")}${attack} plain --retries 0`,
    ];
    for (const line of lines) {
      test(JSON.stringify(line), async () => {
        const args = line.split(" ").filter((word) => word !== "");
        const [piped, seen] = [await world.pen(args, { environment }), await world.terminal(args, { environment })];
        expect(dangerous.exec(piped.stdout + piped.stderr)).toBeNull();
        expect(ownColours.test(piped.stdout + piped.stderr)).toBe(false);
        expect(dangerous.exec(seen.stdout.replaceAll("\r\n", "\n"))).toBeNull();
      });
    }

    test("from an index that answers with an error page", async () => {
      world.index.faultAlways("/simple/nasty/", { status: 403, body: attack, headers: { "x-reason": "no" } });
      const ran = await world.terminal(["pip", "install", "nasty"], { environment });
      expect(ran.status).toBe(1);
      expect(dangerous.exec(ran.stdout)).toBeNull();
    });
  });

  describe("colours", () => {
    const cases: ReadonlyArray<readonly [name: string, terminal: boolean, args: string, env: Record<string, string>, coloured: boolean]> = [
      ["on a terminal", true, "", {}, true],
      ["not through a pipe", false, "", {}, false],
      ["NO_COLOR", true, "", { NO_COLOR: "1" }, false],
      ["an empty NO_COLOR says nothing", true, "", { NO_COLOR: "" }, true],
      ["--color always in a pipe", false, "--color always", {}, true],
      ["--color never", true, "--color never", {}, false],
      ["--no-color", true, "--no-color", {}, false],
      ["--color always beats NO_COLOR", false, "--color=always", { NO_COLOR: "1" }, true],
      ["FORCE_COLOR in a pipe", false, "", { FORCE_COLOR: "1" }, true],
      ["PEN_COLOR", true, "", { PEN_COLOR: "never" }, false],
      ["a terminal that can do nothing", true, "", { TERM: "dumb" }, false],
    ];
    for (const [name, terminal, args, env, coloured] of cases) {
      test(name, async () => {
        const words = ["pip", "install", "--dry-run", "part==1.0", ...args.split(" ").filter((word) => word !== "")];
        const call = { environment, env };
        const ran = terminal ? await world.terminal(words, call) : await world.pen(words, call);
        expect(ran.status).toBe(0);
        expect(ownColours.test(ran.stdout)).toBe(coloured);
        const failed = ["pip", "install", "no-such-thing", ...args.split(" ").filter((word) => word !== "")];
        const error = terminal ? await world.terminal(failed, call) : await world.pen(failed, call);
        expect(ownColours.test(error.stdout + error.stderr)).toBe(coloured);
      });
    }
  });

  describe("progress", () => {
    const bars = /Downloading ━*─*/;
    const install = async (how: "pen" | "terminal", ...more: string[]): Promise<Ran> => {
      world.index.faultAlways("/files/large-1.0-py3-none-any.whl", { delayMs: 300 });
      return world[how](["pip", "install", "--force-reinstall", "--no-cache-dir", "large", ...more], { environment });
    };
    test("is drawn on a terminal, and gone at the end", async () => {
      const ran = await install("terminal");
      expect(ran.stdout).toMatch(bars);
      const last = ran.stdout
        .trimEnd()
        .split("\n")
        .slice(-2)
        .map((line) => line.replace(/.*\r\u001b\[K/, ""));
      expect(last[0]).toContain("large");
      expect(last[1]).toMatch(/^Successfully installed 1 package in [\d.]+ m?s\.$/);
    });
    test("help is as wide as the terminal; one without a size counts as 80 columns", async () => {
      const widest = async (columns: string): Promise<number> => {
        const { stdout } = await world.terminal(["pip", "install", "--help"], {
          environment,
          env: { TERMINAL_COLUMNS: columns, NO_COLOR: "1" },
        });
        expect(stdout).toContain("--upgrade-strategy");
        return Math.max(...stdout.split(/\r?\n/).map((line) => line.length));
      };
      expect(await widest("200")).toBeLessThanOrEqual(100);
      expect(await widest("200")).toBeGreaterThan(80);
      expect(await widest("80")).toBeLessThanOrEqual(80);
      expect(await widest("0")).toBe(await widest("80"));
      expect(await widest("50")).toBeLessThanOrEqual(66);
    });
    test("is not drawn through a pipe, nor with -q, --progress-bar off or --json", async () => {
      for (const ran of [
        await install("pen"),
        await install("terminal", "-q"),
        await install("terminal", "--progress-bar", "off"),
        await install("terminal", "--json"),
      ])
        expect(ran.stdout + ran.stderr).not.toMatch(/Downloading|\r\u001b/);
    });
  });

  describe("how much is said", () => {
    const told = async (...more: string[]): Promise<[stdout: string, stderr: string]> => {
      const ran = await world.pen(["pip", "install", "--no-deps", "--force-reinstall", "pulled==1.0", ...more], { environment });
      expect(ran.status).toBe(0);
      return [ran.stdout, ran.stderr];
    };
    test("plain: the changes on stdout, warnings on stderr", async () => {
      const [out, err] = await told();
      expect(out).toMatch(/pulled 1\.0[^]*Successfully installed pulled-1\.0/);
      expect(err).toContain("warning:");
    });
    test("-q: only warnings", async () => {
      const [out, err] = await told("-q");
      expect(out).toBe("");
      expect(err).toContain("warning:");
    });
    test("-qq: nothing", async () => expect(await told("-qq")).toEqual(["", ""]));
    test("-q before the command, as pip takes it", async () => {
      const ran = await world.pen(["pip", "-qq", "install", "--force-reinstall", "part"], { environment });
      expect(ran).toMatchObject({ status: 0, stdout: "", stderr: "" });
    });
    test("-qq still shows errors", async () => {
      const ran = await world.pen(["pip", "install", "-qq", "no-such-thing"], { environment });
      expect(ran.stderr).toContain("[PACKAGE_NOT_FOUND]");
    });
    test("with -q commands that only look print nothing, as in pip, but for the status and for JSON", async () => {
      expect((await world.pen(["pip", "list", "-q"], { environment })).stdout).toBe("");
      expect((await world.pen(["pip", "list", "-q", "--json"], { environment })).stdout).toContain("plain");
    });
  });

  describe("words", () => {
    for (const args of [
      [],
      ["--help"],
      ["pip"],
      ["pip", "--help"],
      ["help"],
      ["help", "venv"],
      ["venv", "--help"],
      ["pip", "install", "-h"],
      ["cache", "--help"],
    ]) {
      test(`pen ${args.join(" ")}: help on stdout with examples`, async () => {
        const ran = await world.pen(args);
        expect(ran).toMatchObject({ status: 0, stderr: "" });
        expect(ran.stdout).toMatch(/Usage: pen/);
        expect(ran.stdout.split("\n").every((line) => line === line.trimEnd())).toBe(true);
      });
    }
    test("--version, -V", async () => {
      for (const args of [["--version"], ["-V"], ["pip", "--version"]])
        expect((await world.pen(args)).stdout).toMatch(/^pen \d+\.\d+\.\d+\n$/);
    });
    test("uninstall asks on a terminal; no is no", async () => {
      const no = await world.terminal(["pip", "uninstall", "part"], { environment, input: "n" });
      expect(no.stdout).toMatch(/Remove these\?[^]*Nothing was removed\./);
      expect((await world.pen(["pip", "show", "part"], { environment })).status).toBe(0);
      const yes = await world.terminal(["pip", "uninstall", "part"], { environment, input: "y" });
      expect(yes).toMatchObject({ status: 0 });
      expect((await world.pen(["pip", "show", "part"], { environment })).status).toBe(1);
    });
    test("what no longer fits is told, and not with --no-warn-conflicts", async () => {
      world.index.setProject("strict", projects({ name: "strict", version: "1.0", requires: ["part<2"] })["strict"]);
      const place = world.bareEnvironment("broken");
      expect((await world.pen(["pip", "install", "strict"], { environment: place })).status).toBe(0);
      const ran = await world.pen(["pip", "install", "-U", "part"], { environment: place });
      expect(ran.status).toBe(0);
      expect(ran.stderr).toContain("strict 1.0 has requirement part<2, but you have part 2.0.");
      await world.pen(["pip", "install", "part==1.0"], { environment: place });
      expect((await world.pen(["pip", "install", "-U", "--no-warn-conflicts", "part"], { environment: place })).stderr).toBe("");
    });
    test("the habits of pip users are understood", async () => {
      const words =
        "pip --disable-pip-version-check --no-input install --root-user-action=ignore --no-warn-script-location --prefer-binary --progress-bar off --no-cache-dir part";
      expect(await world.pen(words.replace("--no-input install", "install --no-input").split(" "), { environment })).toMatchObject({
        status: 0,
        stderr: "",
      });
    });
  });
});

test("long lines of an error are broken between words, and keep their indentation", () => {
  const text = `error: short\n  ${"word ".repeat(30).trimEnd()}\n    one^\n`;
  const lines = wrapLines(text, 50).split("\n");
  expect(lines.every((line) => line.length <= 50)).toBe(true);
  expect(lines.filter((line) => line.startsWith("  word"))).toHaveLength(4);
  expect(lines.join(" ").replace(/ +/g, " ")).toBe(text.replace(/[ \n]+/g, " "));
  expect(wrapLines(`x ${"y".repeat(90)}`, 50)).toBe(`x\n${"y".repeat(90)}`);
});
