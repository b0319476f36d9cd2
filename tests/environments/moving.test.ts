/** `pen env move` and `pen env clone` on real environments: of pen, of venv, virtualenv and uv. What worked before works after, at its new place. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { parseRecord } from "#standards";
import { runProgram } from "../../src/cli/program.ts";
import { cloneEnvironment, createEnvironment, install, moveEnvironment, type LinkMode } from "../../src/operations/index.ts";
import { cleanEnvironment, shellProgram } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { program } from "../support/program.ts";
import { pythonThat } from "../support/pythons.ts";
import { buildWheel } from "../support/wheels.ts";
import { digest, sitePackages } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const python = pythonThat("import venv, ensurepip");
const tools = process.env["PEN_TEST_TOOLS"];
const tool = (name: string): string | undefined => (tools !== undefined && existsSync(join(tools, name)) ? join(tools, name) : undefined);

function toolWords(name: string, ...words: readonly string[]): readonly string[] | undefined {
  const path = tool(name);
  return path === undefined || python === undefined ? undefined : [path, ...words, python.path];
}

/** How each tool makes an environment with pip (uv: without) at a place. */
const makers: ReadonlyArray<readonly [name: string, words: readonly string[] | undefined]> = [
  ["python -m venv", python && [python.path, "-m", "venv"]],
  ["virtualenv", toolWords("virtualenv", "-q", "--no-download", "-p")],
  ["uv", toolWords("uv", "venv", "-q", "--offline", "-p")],
];
const hostile = 'o\'d "$X" `é` !;#(%';

// Other tools take their time.
setDefaultTimeout(60_000);

describe.skipIf(python === undefined)("moving and cloning environments (needs a Python with venv)", () => {
  let folder: string;
  let host: Host;
  let count = 0;
  let wheels: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-moving-")));
    wheels = join(folder, "wheels");
    for (const name of ["work", "wheels", "home"]) mkdirSync(join(folder, name));
    const env: Record<string, string> = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      PEN_DATA_DIR: join(folder, "data"),
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      PIP_NO_INDEX: "1",
      UV_OFFLINE: "1",
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
    const wheel = buildWheel({
      name: "hello",
      version: "1.5",
      files: {
        "hello/__init__.py": "import sys\ndef main():\n    print('hi', sys.prefix, *sys.argv[1:])\n",
      },
      dataFiles: { "scripts/old-hello": "#!python\n# coding: latin-1\n'''word'''\nprint('old hi', __doc__)\n" },
      entryPoints: { console_scripts: { hello: "hello:main" } },
    });
    writeFileSync(join(wheels, wheel.filename), wheel.bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

  const place = (name = "e"): string => join(folder, "work", `${name}${(count += 1)}`);
  const run = (words: readonly string[], cwd = host.cwd): { status: number | null; out: string } => {
    const { status, stdout, stderr } = spawnSync(words[0] ?? "", words.slice(1), { encoding: "utf8", env: host.env, cwd, timeout: 60_000 });
    return { status, out: `${stdout}${stderr}`.trim() };
  };
  const own = async (linkMode: LinkMode, copies = false): Promise<string> => {
    const root = place();
    await createEnvironment({ host, path: root, python: python?.path, seed: [], copies });
    await install({ host, python: root, requirements: ["hello"], linkMode, indexes: { noIndex: true, findLinks: [wheels] } });
    return root;
  };
  const foreign = (words: readonly string[], root: string): void => {
    expect(run([...words, root])).toEqual({ status: 0, out: expect.anything() as string });
    const target = words[0]?.endsWith("/uv") === true;
    const adding = target
      ? [words[0] ?? "", "pip", "install", "-q", "--python", join(root, "bin", "python"), "--no-index", "-f", wheels, "hello"]
      : [join(root, "bin", "python"), "-m", "pip", "install", "-q", "-f", wheels, "hello"];
    expect(run(adding).status).toBe(0);
  };
  /** Every file of RECORD has the hash that stands there. */
  const recordHolds = (root: string): void => {
    const library = sitePackages(root);
    const rows = parseRecord(readFileSync(join(library, "hello-1.5.dist-info", "RECORD"), "utf8"));
    for (const { path, hash } of rows) {
      if (hash === undefined) continue;
      const digestOf = createHash("sha256")
        .update(readFileSync(join(library, path)))
        .digest("base64url");
      expect([path, hash.digest]).toEqual([path, digestOf]);
    }
    expect(rows.some(({ path }) => path.endsWith("bin/hello"))).toBe(true);
  };
  const works = (root: string): void => {
    expect(run([join(root, "bin", "hello"), "a b"]).out).toBe(`hi ${root} a b`);
    expect(run([join(root, "bin", "old-hello")]).out).toBe("old hi word");
    for (const shell of ["bash", "dash", "zsh", "fish", "tcsh"]) {
      const program = shellProgram(shell);
      if (program === undefined) continue;
      const script = shell === "fish" ? "activate.fish" : shell === "tcsh" ? "activate.csh" : "activate";
      if (!existsSync(join(root, "bin", script))) continue;
      // The place stands in a variable: quoting is not what is tested here.
      const line =
        shell === "fish"
          ? `source $E/bin/${script}; echo $VIRTUAL_ENV; command -v hello`
          : shell === "tcsh"
            ? `source $E:q/bin/${script}; echo $VIRTUAL_ENV:q; which hello`
            : `. "$E/bin/${script}"; echo "$VIRTUAL_ENV"; command -v hello`;
      const words = shell === "tcsh" ? ["-f", "-c", line] : ["-c", line];
      const { stdout } = spawnSync(program, words, { encoding: "utf8", env: { ...host.env, E: root, HOME: join(folder, "home") } });
      expect([shell, stdout.trim()]).toEqual([shell, `${root}\n${root}/bin/hello`]);
    }
  };

  for (const [name, words] of makers) {
    test.skipIf(words === undefined)(
      `an environment of ${name} moves to a hostile place and back (needs ${name}, PEN_TEST_TOOLS)`,
      async () => {
        const old = place("old");
        foreign(words ?? [], old);
        const { to, changed, stale } = await moveEnvironment({ host, environment: old, to: `${hostile}${(count += 1)}` });
        // uv writes a script for cmd everywhere: there is no quoting that would do, and nobody can run it here.
        expect([existsSync(old), stale.filter(({ path }) => !path.endsWith("/activate.bat"))]).toEqual([false, []]);
        expect(changed.map(({ path }) => path)).toContain(join(to, "bin", "hello"));
        expect(changed.find(({ path }) => path.endsWith("/activate"))?.kind).toBe("activation");
        works(to);
        recordHolds(to);
        // Nothing names the old place any more.
        for (const [path] of Object.entries(digest(to))) {
          if (lstatSync(join(to, path)).isSymbolicLink() || path === "bin/activate.bat") continue;
          expect([path, readFileSync(join(to, path), "latin1").includes(old)]).toEqual([path, false]);
        }
        // What was changed once finds its place from now on: a plain mv is enough.
        const again = place("again");
        run(["mv", to, again]);
        works(again);
      },
    );
    test.skipIf(words === undefined)(
      `a clone of an environment of ${name} works; the old one is untouched (needs ${name})`,
      async () => {
        const old = place("old");
        foreign(words ?? [], old);
        const before = digest(old);
        const { to } = await cloneEnvironment({ host, environment: old, to: place("clone") });
        expect({ ...digest(old), ".pen/lock": "" }).toEqual({ ...before, ".pen/lock": "" });
        works(to);
        recordHolds(to);
        expect(run([join(old, "bin", "hello")]).out).toBe(`hi ${old}`);
        rmSync(old, { recursive: true });
        works(to);
      },
      60_000,
    );
  }
  test("the /bin/sh form that pip writes for long places becomes one that finds its place", async () => {
    const old = join(place("long"), "x".repeat(120), "with blank");
    mkdirSync(dirname(old), { recursive: true });
    foreign([python?.path ?? "", "-m", "venv"], old);
    expect(readFileSync(join(old, "bin", "hello"), "utf8")).toStartWith("#!/bin/sh\n'''exec'");
    const { to } = await moveEnvironment({ host, environment: old, to: place("short") });
    works(to);
    recordHolds(to);
  }, 60_000);
  for (const linkMode of ["hardlink", "copy", "symlink"] as const) {
    test(`a clone shares what the old one shares (${linkMode}), and moves`, async () => {
      const old = await own(linkMode);
      const report = await cloneEnvironment({ host, environment: old, to: place("clone") });
      const { to } = report;
      works(to);
      const module = (root: string): string =>
        linkMode === "symlink"
          ? join(dirname(sitePackages(root)), "linked-packages", "hello")
          : join(sitePackages(root), "hello", "__init__.py");
      if (linkMode === "symlink")
        expect([lstatSync(module(to)).isSymbolicLink(), readlinkSync(module(to))]).toEqual([true, readlinkSync(module(old))]);
      else expect(statSync(module(to)).ino === statSync(module(old)).ino).toBe(linkMode === "hardlink");
      // Its own files are its own.
      for (const name of ["pyvenv.cfg", "bin/activate"]) expect(statSync(join(to, name)).ino).not.toBe(statSync(join(old, name)).ino);
      rmSync(old, { recursive: true });
      const moved = await moveEnvironment({ host, environment: to, to: place("moved") });
      works(moved.to);
      expect(run([join(moved.to, "bin", "python"), "-c", "import hello; print(hello.__name__)"]).out).toBe("hello");
    });
  }
  test("the store knows the new place: pruning takes nothing that a moved or cloned environment links to", async () => {
    const old = await own("symlink");
    const clone = await cloneEnvironment({ host, environment: old, to: place("clone") });
    const moved = await moveEnvironment({ host, environment: old, to: place("moved") });
    const { pruneCache } = await import("../../src/operations/index.ts");
    await pruneCache({ host });
    works(clone.to);
    works(moved.to);
  });
  test("copies stay copies, and one file under its several names", async () => {
    const old = await own("copy", true);
    const { to } = await cloneEnvironment({ host, environment: old, to: place("clone") });
    const names = readdirSync(join(to, "bin")).filter((name) => name.startsWith("python"));
    expect(new Set(names.map((name) => statSync(join(to, "bin", name)).ino)).size).toBe(1);
    expect(statSync(join(to, "bin", "python")).ino).not.toBe(statSync(join(old, "bin", "python")).ino);
    works(to);
  });
  test("links, .pth files, editable installs and origins inside the environment lead to the new place", async () => {
    const old = await own("copy");
    const library = sitePackages(old);
    mkdirSync(join(old, "src", "inner"), { recursive: true });
    writeFileSync(join(old, "src", "inner", "inner.py"), "x = 1\n");
    writeFileSync(join(library, "__editable__.inner.pth"), `${old}/src/inner\n`);
    writeFileSync(join(library, "__editable___found_1_finder.py"), `MAPPING = {'found': '${old}/src/inner/inner.py'}\n`);
    mkdirSync(join(library, "inner-1.dist-info"));
    writeFileSync(
      join(library, "inner-1.dist-info", "direct_url.json"),
      JSON.stringify({ url: `file://${old}/src/inner`, dir_info: { editable: true } }),
    );
    symlinkSync(join(old, "bin", "hello"), join(old, "bin", "hey"));
    symlinkSync("/nowhere", join(old, "outside"));
    const { to, changed } = await moveEnvironment({ host, environment: old, to: place("moved") });
    expect(changed.map(({ kind }) => kind).sort()).toEqual(["editable", "link", "origin", "path-file"]);
    expect(run([join(to, "bin", "python"), "-c", "import inner; print(inner.__file__)"]).out).toBe(`${to}/src/inner/inner.py`);
    expect(readFileSync(join(sitePackages(to), "__editable___found_1_finder.py"), "utf8")).toContain(`'${to}/src/inner/inner.py'`);
    expect(readFileSync(join(sitePackages(to), "inner-1.dist-info", "direct_url.json"), "utf8")).toContain(`file://${to}/src/inner`);
    expect([readlinkSync(join(to, "bin", "hey")), readlinkSync(join(to, "outside"))]).toEqual(["hello", "/nowhere"]);
  });
  test("a project that names its environment in .venv (PEP 832) is told the new place", async () => {
    const old = await own("copy");
    const project = place("project");
    mkdirSync(project);
    writeFileSync(join(project, ".venv"), `${old}\n`);
    writeFileSync(join(old, ".project"), `${project}\n`);
    const { to } = await moveEnvironment({ host, environment: old, to: place("moved") });
    expect(readFileSync(join(project, ".venv"), "utf8").trim()).toBe(to);
  });
  test("a script of somebody else, and one for another Python, stay byte by byte", async () => {
    const old = await own("copy");
    const texts = { "to-system": "#!/usr/bin/python3\nx\n", shell: `#!/bin/sh\nexec ${old}/bin/python "$@"\n`, plain: "no script\n" };
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(old, "bin", name), text);
    const { to } = await moveEnvironment({ host, environment: old, to: place("moved") });
    for (const [name, text] of Object.entries(texts)) expect(readFileSync(join(to, "bin", name), "utf8")).toBe(text);
  });
  test("across file systems it is copied whole, and the old one removed (needs /dev/shm as another one)", async () => {
    const other = "/dev/shm";
    if (!existsSync(other) || statSync(other).dev === statSync(folder).dev) return;
    const elsewhere = mkdtempSync(join(other, "pen-moving-"));
    try {
      const old = await own("hardlink");
      const { to } = await moveEnvironment({ host, environment: old, to: join(elsewhere, "e") });
      works(to);
      expect([existsSync(old), readdirSync(elsewhere)]).toEqual([false, ["e"]]);
      const { to: back } = await cloneEnvironment({ host, environment: to, to: place("back") });
      works(back);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
  test("a broken environment, whose Python is gone, moves too", async () => {
    const old = await own("copy");
    rmSync(join(old, "bin", "python"));
    symlinkSync("/gone/python3", join(old, "bin", "python"));
    const { to } = await moveEnvironment({ host, environment: old, to: place("moved") });
    expect(readlinkSync(join(to, "bin", "python"))).toBe("/gone/python3");
  });

  test("an environment that inherits from the one that moves gets its new place", async () => {
    const parent = await own("hardlink");
    const heir = place("heir");
    await createEnvironment({ host, path: heir, python: python?.path, seed: [], inherit: [parent] });
    const seen = (): string => run([join(heir, "bin", "python"), "-c", "import hello; print(hello.__file__)"]).out;
    expect(seen()).toStartWith(`${parent}/`);
    const { to, changed } = await moveEnvironment({ host, environment: parent, to: place("parent") });
    expect(changed.map(({ path }) => path)).toContain(join(heir, "pyvenv.cfg"));
    expect(seen()).toStartWith(`${to}/`);
    const clone = await cloneEnvironment({ host, environment: heir, to: place("heir") });
    expect(run([join(clone.to, "bin", "python"), "-c", "import hello; print(hello.__file__)"]).out).toStartWith(`${to}/`);
  });
  test("a name for an environment that is kept by name stands beside it", async () => {
    const { createNamedEnvironment } = await import("../../src/operations/index.ts");
    await createNamedEnvironment({ host, name: "science", python: python?.path, seed: [] });
    const clone = await cloneEnvironment({ host, environment: "science", to: "physics" });
    expect(clone.to).toBe(join(dirname(clone.from), "physics"));
    const moved = await moveEnvironment({ host, environment: "physics", to: "./here" });
    expect(moved.to).toBe(join(host.cwd, "here"));
    expect(await moveEnvironment({ host, environment: "science", to: "3.12" }).catch(({ code }: { code: string }) => code)).toBe("USAGE");
  });
  test("killed at any moment, a whole environment stands: the old one always, after a move the old or the new", async () => {
    const old = await own("copy");
    for (let number = 0; number < 1500; number += 1) {
      if (number % 30 === 0) mkdirSync(join(sitePackages(old), `m${number}`));
      writeFileSync(join(sitePackages(old), `m${number - (number % 30)}`, `f${number}.py`), `x = ${number}\n`);
    }
    const whole = Object.keys(digest(old)).length;
    let at = old;
    const outcomes = new Set<boolean>();
    for (const [verb, delay] of [20, 35, 50, 65, 80, 100, 130, 200].flatMap((wait) => [
      ["clone", wait] as const,
      ["move", wait] as const,
    ])) {
      const to = place(verb);
      const child = spawn(program(), ["env", verb, at, to], { env: host.env, cwd: host.cwd, stdio: "ignore" });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      setTimeout(() => child.kill("SIGKILL"), delay);
      await ended;
      const arrived = existsSync(join(to, "pyvenv.cfg"));
      outcomes.add(arrived);
      if (verb === "move" && arrived) {
        expect(existsSync(at)).toBe(false);
        at = to;
      }
      for (const root of [at, ...(arrived ? [to] : [])]) {
        expect(Object.keys(digest(root)).filter((path) => !path.startsWith(".pen")).length).toBeGreaterThanOrEqual(whole - 2);
        expect(run([join(root, "bin", "hello")]).out).toBe(`hi ${root}`);
      }
      if (!arrived) expect(existsSync(to)).toBe(false);
    }
    // What the killed ones left goes with the next command there, as soon as nobody can be at work in it.
    const leftovers = (): string[] => readdirSync(host.cwd).filter((name) => name.startsWith(".pen-tmp"));
    const mine = join(host.cwd, `.pen-tmp-${process.pid}-00112233445566`.slice(0, -2));
    mkdirSync(mine);
    for (const name of leftovers()) utimesSync(join(host.cwd, name), new Date(0), new Date(0));
    await cloneEnvironment({ host, environment: at, to: place("clone") });
    expect(leftovers().map((name) => join(host.cwd, name))).toEqual([mine]);
    rmSync(mine, { recursive: true });
    expect(outcomes.size).toBeGreaterThan(0);
  });

  describe("refusals: nothing is touched", () => {
    const refused = async (work: Promise<unknown>, code: string): Promise<void> => {
      expect(
        await work.then(
          () => "done",
          (error: { code: string }) => error.code,
        ),
      ).toBe(code);
    };
    test("a taken place, a place inside, a colon, an empty name, a link, no environment, a Python", async () => {
      const old = await own("copy");
      const before = digest(old);
      const taken = place("taken");
      writeFileSync(taken, "mine");
      mkdirSync(`${taken}d`);
      symlinkSync("/nowhere", `${taken}l`);
      const link = place("link");
      symlinkSync(old, link);
      for (const verb of [moveEnvironment, cloneEnvironment]) {
        for (const to of [taken, `${taken}d`, `${taken}l`, old]) await refused(verb({ host, environment: old, to }), "ENV_EXISTS");
        await refused(verb({ host, environment: old, to: join(old, "sub") }), "USAGE");
        for (const to of ["", "a:b", "x\0y"]) await refused(verb({ host, environment: old, to }), "TARGET_UNSUPPORTED");
        await refused(verb({ host, environment: link, to: place() }), "ENV_EXISTS");
        await refused(verb({ host, environment: "no-such", to: place() }), "ENV_NOT_FOUND");
        await refused(verb({ host, environment: dirname(dirname(python?.realPath ?? "")), to: place() }), "ENV_NOT_FOUND");
      }
      expect([digest(old), readFileSync(taken, "utf8")]).toEqual([before, "mine"]);
    });
    test("a file that cannot be read leaves nothing of a clone", async () => {
      if (process.getuid?.() === 0) return;
      const old = await own("copy");
      chmodSync(join(sitePackages(old), "hello", "__init__.py"), 0);
      const to = place("clone");
      await refused(cloneEnvironment({ host, environment: old, to }), "FILE_SYSTEM");
      expect([existsSync(to), readdirSync(host.cwd).filter((name) => name.startsWith(".pen-tmp"))]).toEqual([false, []]);
    });
    test("cut off in the middle, no clone stands anywhere", async () => {
      const old = await own("copy");
      const to = place("clone");
      const before = readdirSync(host.cwd);
      const stop = new AbortController();
      stop.abort(new Error("stop"));
      expect(await cloneEnvironment({ host, environment: old, to, signal: stop.signal }).then(() => "done", String)).toContain("stop");
      expect(readdirSync(host.cwd)).toEqual(before);
    });
  });

  test("the commands: text, exit status, JSON by the schema", async () => {
    const pen = async (
      words: readonly string[],
      more: Record<string, string> = {},
    ): Promise<{ status: number; out: string; err: string }> => {
      let out = "";
      let err = "";
      const terminal = {
        out: (text: string) => void (out += text),
        err: (text: string) => void (err += text),
        outIsTerminal: false,
        errIsTerminal: false,
        inIsTerminal: false,
        columns: 80,
      };
      const at = { ...host, env: { ...host.env, ...more } };
      return { status: await runProgram(words, { terminal, calledAs: "pen", modeWords: 0, host: at }), out, err };
    };
    const old = await own("hardlink");
    appendFileSync(join(old, "bin", "hello"), "");
    const to = place("clone");
    const cloned = await pen(["env", "clone", old, to, "--json"]);
    expect([cloned.status, schemaProblems(JSON.parse(cloned.out), { $ref: "#/$defs/env clone" }, schema)]).toEqual([0, []]);
    const moved = await pen(["env", "move", to, `${to}-m`, "--json"]);
    expect([moved.status, schemaProblems(JSON.parse(moved.out), { $ref: "#/$defs/env move" }, schema)]).toEqual([0, []]);
    const text = await pen(["env", "move", `${to}-m`, to], { VIRTUAL_ENV: `${to}-m` });
    expect([text.status, text.out, text.err.includes("deactivate")]).toEqual([0, `Moved to ${to}.\n`, true]);
    expect((await pen(["env", "move", to])).status).toBe(2);
    expect((await pen(["env", "clone"])).status).toBe(2);
    expect((await pen(["env", "clone", old, to])).err).toContain("is taken");
  });
});
