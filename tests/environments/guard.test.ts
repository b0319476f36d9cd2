/**
 * `pen guard on|status|off` against the real pip, in a home of its own with a Python of its own (tests/support/copied-python.ts): no Python of the
 * machine is written to.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host, type PenEvent } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import { iniNote } from "../../src/operations/guard/ini.ts";
import { markerText } from "../../src/operations/guard/markers.ts";
import { createEnvironment, guardOff, guardOn, guardStatus, type GuardReport } from "../../src/operations/index.ts";
import { copyable, copyPython } from "../support/copied-python.ts";
import { cleanEnvironment, run } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { execute, program } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { buildWheel } from "../support/wheels.ts";
import { digest, sitePackages } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
/** From 3.12 on the bundled pip obeys the marker. */
const real = [...pythons()].reverse().find((python) => python.release[1] >= 12 && copyable(python) !== undefined);

describe.skipIf(real === undefined)("pen guard (needs a Python 3.12 or newer under pyenv, with pip)", () => {
  let folder: string;
  let home: string;
  let host: Host;
  let python: string;
  let marker: string;
  let config: string;
  let environment: string;
  let wheels: string;

  beforeAll(async () => {
    if (real === undefined) return;
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-guard-")));
    home = join(folder, "home");
    mkdirSync(join(folder, "work"));
    const prefix = join(home, ".pyenv", "versions", real.version);
    python = copyPython(real, prefix);
    marker = join(prefix, "lib", `python${real.release.join(".")}`, "EXTERNALLY-MANAGED");
    config = join(home, ".config", "pip", "pip.conf");
    host = readHost({
      env: { ...cleanEnvironment(home), PEN_CACHE_DIR: join(folder, "cache") },
      cwd: join(folder, "work"),
      home,
      tmp: folder,
    });
    environment = (await createEnvironment({ host, path: join(folder, "env"), python, seed: [] })).environment.root;
    for (const name of readdirSync(join(dirname(marker), "site-packages")))
      cpSync(join(dirname(marker), "site-packages", name), join(sitePackages(environment), name), { recursive: true });
    wheels = join(folder, "wheels");
    mkdirSync(wheels);
    const wheel = buildWheel({ name: "demo", version: "1.0", files: { "demo.py": "" } });
    writeFileSync(join(wheels, wheel.filename), wheel.bytes);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    for (const name of [".config", ".pip", ".local", "dotfiles"]) rmSync(join(home, name), { recursive: true, force: true });
    rmSync(marker, { force: true });
  });
  afterEach(() => rmSync(join(dirname(marker), "site-packages", "demo.py"), { force: true }));

  const on = (options: { config?: boolean; markers?: boolean; env?: Record<string, string> } = {}): Promise<GuardReport> => {
    const { env, ...rest } = options;
    return guardOn({ host: { ...host, env: { ...host.env, ...env } }, ...rest });
  };
  const off = (): Promise<GuardReport> => guardOff({ host });
  const own = (report: GuardReport): GuardReport["pythons"][number] | undefined => report.pythons.find((one) => one.python === python);
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
  };
  const pip = (executable: string, env: Record<string, string> = {}): { status: number | null; said: string } => {
    const words = [
      executable,
      "-m",
      "pip",
      "install",
      "--no-index",
      "--no-cache-dir",
      "--disable-pip-version-check",
      "--find-links",
      wheels,
      "demo",
    ];
    const { status, stdout, stderr } = run(words, { env: { ...cleanEnvironment(home), ...env }, cwd: join(folder, "work") });
    return { status, said: stdout + stderr };
  };
  const installed = (): boolean => existsSync(join(dirname(marker), "site-packages", "demo.py"));
  /** All that is in the home, but for what the guard's own lock leaves. */
  const homeDigest = (): Record<string, string> => digest(home);

  test("pip's configuration: the real pip refuses outside, installs inside, and does again outside after `off`", async () => {
    const before = homeDigest();
    const report = await on({ markers: false });
    expect(report).toMatchObject({ on: true, requiredBy: config, changes: [{ path: config, kind: "pip-config", action: "written" }] });
    expect(own(report)).toMatchObject({ refused: true, by: ["require-virtualenv"], marker: null, noMarker: null });
    const outside = pip(python);
    expect([outside.status, outside.said.includes("Could not find an activated virtualenv"), installed()]).toEqual([3, true, false]);
    expect(pip(join(environment, "bin", "python")).status).toBe(0);
    expect(own(await guardStatus({ host }))).toMatchObject({ refused: true });
    expect((await off()).changes).toMatchObject([{ path: config, action: "removed" }]);
    expect(homeDigest()).toEqual(before);
    expect(own(await guardStatus({ host }))).toMatchObject({ refused: false, by: [] });
    expect([pip(python).status, installed()]).toEqual([0, true]);
    rmSync(join(dirname(marker), "site-packages", "demo-1.0.dist-info"), { recursive: true });
  }, 60_000);

  test("the marker: the real pip refuses outside with pen's words, installs inside", async () => {
    const before = homeDigest();
    const report = await on({ config: false });
    expect(report.changes).toEqual([{ path: marker, kind: "marker", action: "written", why: null }]);
    expect(own(report)).toMatchObject({ refused: true, by: ["externally-managed"], marker: "pen" });
    const outside = pip(python);
    expect([outside.status, outside.said.includes("pen guard off"), installed()]).toEqual([1, true, false]);
    const inside = run(
      [join(environment, "bin", "python"), "-m", "pip", "install", "--no-index", "--find-links", wheels, "--force-reinstall", "demo"],
      {
        env: cleanEnvironment(home),
        cwd: folder,
      },
    );
    expect(inside.status).toBe(0);
    // What `status` says of variables that overrule it is what pip does.
    const overruled = { PIP_BREAK_SYSTEM_PACKAGES: "1" };
    expect(own(await guardStatus({ host: { ...host, env: { ...host.env, ...overruled } } }))).toMatchObject({
      refused: false,
      marker: "pen",
    });
    expect(pip(python, overruled).status).toBe(0);
    rmSync(join(dirname(marker), "site-packages", "demo-1.0.dist-info"), { recursive: true });
    rmSync(join(dirname(marker), "site-packages", "demo.py"));
    expect((await off()).changes).toEqual([{ path: marker, kind: "marker", action: "removed", why: null }]);
    expect(homeDigest()).toEqual(before);
  }, 60_000);

  test("twice on and twice off is as once", async () => {
    write(config, "[list]\nformat = json\n");
    const before = homeDigest();
    await on();
    const once = homeDigest();
    expect((await on()).changes).toEqual([]);
    expect(homeDigest()).toEqual(once);
    await off();
    expect(homeDigest()).toEqual(before);
    expect(await off()).toMatchObject({ on: false, changes: [] });
    expect(homeDigest()).toEqual(before);
  });

  describe("what is not pen's stays", () => {
    test("a marker that was there before, one that somebody changed, and one that somebody put meanwhile", async () => {
      write(marker, "[externally-managed]\nError=ours\n");
      expect(own(await on())?.marker).toBe("other");
      await off();
      expect(readFileSync(marker, "utf8")).toContain("ours");
      rmSync(marker);
      await on();
      writeFileSync(marker, `${markerText}changed\n`);
      expect((await off()).changes).toContainEqual({ path: marker, kind: "marker", action: "kept", why: "it is not pen's any more" });
      expect(readFileSync(marker, "utf8")).toContain("changed");
    });
    test("what was written into pip's configuration meanwhile", async () => {
      write(config, "[global]\nrequire-virtualenv = no\ntimeout = 9\n");
      await on();
      writeFileSync(config, `${readFileSync(config, "utf8")}[list]\nformat = json\n`);
      await off();
      expect(readFileSync(config, "utf8")).toBe("[global]\nrequire-virtualenv = no\ntimeout = 9\n[list]\nformat = json\n");
    });
    test("a file that pen made and somebody wrote into", async () => {
      await on();
      writeFileSync(config, `${readFileSync(config, "utf8")}timeout = 9\n`);
      await off();
      expect(readFileSync(config, "utf8")).toBe("[global]\ntimeout = 9\n");
    });
    test("a value that somebody took back is theirs; `on` sets it again, and `off` gives theirs back", async () => {
      await on();
      writeFileSync(config, readFileSync(config, "utf8").replace("= true", "= false"));
      expect(own(await guardStatus({ host }))?.by).toEqual(["externally-managed"]);
      expect(own(await on())?.by).toEqual(["require-virtualenv", "externally-managed"]);
      await off();
      expect(readFileSync(config, "utf8")).toBe("[global]\nrequire-virtualenv = false\n");
    });
    test("require-virtualenv that was set before", async () => {
      write(config, "[global]\nrequire-virtualenv = 1\n");
      expect((await on({ markers: false })).changes).toEqual([]);
      await off();
      expect(readFileSync(config, "utf8")).toBe("[global]\nrequire-virtualenv = 1\n");
    });
    test("mode and link of the file, and bytes that are no UTF-8", async () => {
      const target = join(home, "dotfiles", "pip.conf");
      write(target, "", 0o600);
      writeFileSync(target, Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x0d, 0x0a]));
      mkdirSync(dirname(config), { recursive: true });
      symlinkSync(target, config);
      const before = homeDigest();
      await on({ markers: false });
      expect([lstatSync(config).isSymbolicLink(), statSync(target).mode & 0o777, own(await guardStatus({ host }))?.refused]).toEqual([
        true,
        0o600,
        true,
      ]);
      await off();
      expect(homeDigest()).toEqual(before);
      rmSync(target);
      await expect(on({ markers: false })).rejects.toMatchObject({ code: "FILE_SYSTEM" });
    });
  });

  test("the places of the configuration: the old one, both, and the one that PIP_CONFIG_FILE names; as the real pip reads them", async () => {
    const old = join(home, ".pip", "pip.conf");
    const named = join(folder, "work", "named.conf");
    const cases: ReadonlyArray<readonly [files: readonly string[], changed: readonly string[], env: Record<string, string>]> = [
      [[old], [old], {}],
      [[old, config], [old, config], {}],
      [[config], [config], {}],
      [[named], [named, config], { PIP_CONFIG_FILE: named }],
      [[], [config], { PIP_CONFIG_FILE: join(folder, "not-there") }],
    ];
    for (const [files, changed, env] of cases) {
      for (const file of [old, config, named]) rmSync(file, { force: true });
      for (const file of files) write(file, "[install]\nrequire-virtualenv = false\n");
      const before = homeDigest();
      const at = { ...host, env: { ...host.env, ...env } };
      const report = await on({ markers: false, env });
      expect(report.changes.map(({ path }) => path).sort()).toEqual([...changed].sort());
      expect(own(report)?.by).toEqual(["require-virtualenv"]);
      expect(pip(python, env).status).toBe(3);
      await guardOff({ host: at });
      expect(homeDigest()).toEqual(before);
    }
    rmSync(named, { force: true });
    // No configuration is read at all: the status says so, and the marker still holds.
    const none = { PIP_CONFIG_FILE: "/dev/null" };
    const report = await on({ env: none });
    expect(own(report)).toMatchObject({ refused: true, by: ["externally-managed"] });
    expect(own(await guardStatus({ host: { ...host, env: { ...host.env, PIP_REQUIRE_VIRTUALENV: "0" } } }))?.by).toEqual([
      "externally-managed",
    ]);
    await off();
  }, 60_000);

  describe("which Pythons get the marker", () => {
    const reason = async (): Promise<string | null | undefined> => own(await on({ config: false }))?.noMarker;
    test("not conda's", async () => {
      mkdirSync(join(dirname(marker), "..", "..", "conda-meta"));
      const events: PenEvent[] = [];
      try {
        expect([await reason(), existsSync(marker)]).toEqual(["conda manages it", false]);
        await guardOn({ host, onEvent: (event) => void events.push(event) });
        expect(events).toMatchObject([{ type: "log", level: "warning", code: "conda-guarded" }]);
      } finally {
        rmSync(join(dirname(marker), "..", "..", "conda-meta"), { recursive: true });
        await off();
      }
    });
    test("not one that stands outside of the home and of pyenv's folder", async () => {
      const at = { ...host, home: join(folder, "other"), env: { ...host.env, HOME: join(folder, "other"), PATH: join(python, "..") } };
      mkdirSync(join(folder, "other"), { recursive: true });
      const report = await guardOn({ host: at, config: false });
      expect([own(report)?.noMarker, existsSync(marker), report.changes]).toEqual(["it is not a Python of your own", false, []]);
    });
    test("none of the machine's, the administrator's run included", async () => {
      const report = await on();
      const written = report.changes.map(({ path }) => path);
      expect(written.every((path) => path.startsWith(`${folder}/`))).toBe(true);
      expect(report.pythons.filter((one) => !one.python.startsWith(`${folder}/`)).every((one) => one.marker !== "pen")).toBe(true);
      await off();
    });
  });

  describe("killed", () => {
    test("after writing down what it would do, and in the middle of a marker: `off` and `on` both go on from there", async () => {
      write(config, "[global]\ntimeout = 9\n");
      const before = homeDigest();
      await on();
      const done = homeDigest();
      const state = readFileSync(join(home, ".local", "share", "pen", "guard.json"), "utf8");
      const crash = (): void => {
        write(join(home, ".local", "share", "pen", "guard.json"), state, 0o600);
        writeFileSync(config, "[global]\ntimeout = 9\n");
        writeFileSync(marker, markerText.slice(0, 30));
      };
      crash();
      await off();
      expect(homeDigest()).toEqual(before);
      crash();
      await on();
      expect(homeDigest()).toEqual(done);
      await off();
      expect(homeDigest()).toEqual(before);
    });
    test("what was written down is lost or rubbish: lines and markers say themselves whose they are", async () => {
      for (const text of [
        undefined,
        "",
        "{",
        "null",
        '{"configs": [5], "markers": [null]}',
        '{"version": 1, "on": 1, "configs": {}, "markers": "x"}',
      ]) {
        write(config, "[global]\ntimeout = 9\n");
        await on();
        const state = join(home, ".local", "share", "pen", "guard.json");
        if (text === undefined) rmSync(state);
        else writeFileSync(state, text);
        await off();
        expect([readFileSync(config, "utf8"), existsSync(marker), existsSync(state)]).toEqual(["[global]\ntimeout = 9\n", false, false]);
      }
    });
    test("the program itself, at any moment", async () => {
      write(config, "[global]\nrequire-virtualenv = no\n");
      const before = homeDigest();
      const env = { ...host.env } as Record<string, string>;
      const go = (word: string, after?: number): Promise<unknown> =>
        execute(program(), ["guard", word, "-q"], {
          cwd: host.cwd,
          env,
          started: (child) => {
            if (after !== undefined) setTimeout(() => child.kill("SIGKILL"), after);
          },
        });
      await guardStatus({ host }); // The Pythons have been asked before.
      for (let after = 4; after < 40; after += 4) {
        await go("on", after);
        if (after % 8 === 0) await go("off", after);
        await go("off");
        expect(homeDigest()).toEqual(before);
      }
    }, 120_000);
    test("two at once", async () => {
      write(config, "[global]\ntimeout = 9\n");
      const before = homeDigest();
      await Promise.all([on(), on(), off(), on()]);
      await on();
      expect(readFileSync(config, "utf8").split(iniNote)).toHaveLength(2);
      await off();
      expect(homeDigest()).toEqual(before);
    });
  });

  test("what is written down is for the owner alone: pip's lines may hold passwords", async () => {
    await on();
    expect(statSync(join(home, ".local", "share", "pen", "guard.json")).mode & 0o777).toBe(0o600);
    await off();
  });

  test("a Python whose folder is read-only, or another's, gets no marker", async () => {
    const library = dirname(marker);
    const away = `${library} away`;
    chmodSync(library, 0o555);
    try {
      const report = await on({ config: false });
      // The administrator may write everywhere.
      expect(own(report)?.noMarker).toBe(process.getuid?.() === 0 ? null : "its folder is read-only");
    } finally {
      chmodSync(library, 0o755);
      await off();
    }
    expect(existsSync(away)).toBe(false);
    renameSync(library, away);
    renameSync(away, library);
  });

  test("the commands: text, status, JSON by the schema", async () => {
    const seen = { out: "", err: "" };
    const terminal = {
      out: (text: string) => void (seen.out += text),
      err: (text: string) => void (seen.err += text),
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      columns: 80,
    };
    const pen = async (...words: string[]): Promise<{ status: number; out: string }> => {
      seen.out = "";
      return { status: await runProgram(["guard", ...words], { terminal, calledAs: "pen", modeWords: 0, host }), out: seen.out };
    };
    expect(await pen("status")).toMatchObject({ status: 1, out: expect.stringContaining("The guard is off.") as unknown });
    expect((await pen("on", "--json", "--no-markers")).status).toBe(0);
    expect((await pen("on")).out).toContain(`wrote ${marker}`);
    for (const word of ["on", "status", "off"]) {
      const { status, out } = await pen(word, "--json");
      expect([word, status, schemaProblems(JSON.parse(out), { $ref: `#/$defs/guard ${word}` }, schema)]).toEqual([word, 0, []]);
    }
    expect((await pen("on", "--nothing")).status).toBe(2);
    expect((await pen()).out).toContain("status");
  });
});
