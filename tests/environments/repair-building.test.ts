/**
 * `pen env repair` where packages were built on this machine: from a source distribution of an index, an archive, a repository, a folder, and in
 * development mode. Their Python goes away or becomes another version, or they are damaged; building is allowed, or not.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { canServeGit } from "../building/git-server.ts";
import type { Ran } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { buildSource, projectFiles, writeProject } from "../support/sources.ts";
import { buildWheel } from "../support/wheels.ts";
import { digest, openWorld, projects, type CallOptions, type World } from "../support/world.ts";

/** A backend whose wheels are for the Python that it runs with, and for no other. It notes that it ran. */
const forOnePython = (notes: string): string => `
import pathlib
def _build(directory, files, settings):
    with open(${JSON.stringify(notes)}, "a") as log:
        log.write(NAME + "\\n")
    tag = "cp%d%d-none-any" % sys.version_info[:2]
    name = NAME.replace("-", "_") + "-" + VERSION + "-" + tag + ".whl"
    text = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: " + tag + "\\n"
    _write(os.path.join(directory, name), files + [(_info() + "/METADATA", _metadata()), (_info() + "/WHEEL", text)])
    return name
`;

// The oldest has no `ensurepip` of its own on some machines, and needs none here.
const all = pythons().filter(({ release: [, minor] }) => minor >= 8);
const [older, newer] = [all[0], all.at(-1)];
const hasTwo = older !== undefined && newer !== undefined && older.release[1] !== newer.release[1];

describe.skipIf(!hasTwo || !canServeGit)("pen env repair, what was built (needs two Pythons, git)", () => {
  let world: World;
  let notes: string;
  let count = 0;
  const names = ["archived", "editable", "folded", "from-git", "only-source"] as const;
  /** What each was installed from. */
  const given: Record<string, readonly string[]> = {};
  beforeAll(async () => {
    world = await openWorld();
    notes = join(realpathSync(world.folder), "built");
    const options = (name: string) => ({ name, version: "1.0", backend: forOnePython(notes) });
    const sdist = buildSource(options("only-source"));
    world.index.setProject("only-source", [{ filename: sdist.filename, bytes: sdist.bytes }]);
    const archive = buildSource(options("archived"));
    writeFileSync(join(world.work, archive.filename), archive.bytes);
    for (const name of ["editable", "folded", "from-git"]) writeProject(join(world.work, name), projectFiles(options(name)));
    const git = (...words: string[]): void => {
      const who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
      const ran = spawnSync("git", [...who, "-C", join(world.work, "from-git"), ...words], { encoding: "utf8", env: world.env });
      if (ran.status !== 0) throw new Error(ran.stderr);
    };
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-q", "-m", "one");
    Object.assign(given, {
      archived: [`archived @ file://${join(world.work, archive.filename)}`],
      editable: ["-e", "./editable"],
      folded: ["./folded"],
      "from-git": [`from-git @ git+file://${join(world.work, "from-git")}@main`],
      "only-source": ["only-source"],
    });
    for (const name of ["old", "new"]) mkdirSync(join(world.folder, name));
  });
  afterAll(() => world.close());

  const pen = (words: readonly string[], options: CallOptions = {}): Promise<Ran> =>
    world.pen(words, { ...options, env: { PYENV_ROOT: join(world.folder, "none"), ...options.env } });
  const good = async (ran: Promise<Ran>): Promise<string> => {
    const { status, stdout, stderr } = await ran;
    if (status !== 0) throw new Error(`ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  };
  /** An environment of the older Python, whose folder stands by itself so that it can go away. */
  const make = async (packages: readonly string[]): Promise<{ readonly root: string; readonly base: string }> => {
    const number = (count += 1);
    const base = join(world.folder, "old", String(number));
    mkdirSync(base);
    const [major, minor] = older?.release ?? [];
    for (const name of ["python3", `python${major}.${minor}`]) symlinkSync(older?.path ?? "", join(base, name));
    const root = join(realpathSync(world.work), `env${number}`);
    await good(pen(["venv", "-q", "--no-seed", "--python", older?.path ?? "", root]));
    for (const name of packages) await good(pen(["pip", "install", "-q", "--allow-builds", "--python", root, ...(given[name] ?? [])]));
    return { root, base };
  };
  /** As when the folder of the base Python was removed: the way back to it leads nowhere. */
  const loseBase = (root: string): void => {
    const config = join(root, "pyvenv.cfg");
    writeFileSync(
      config,
      readFileSync(config, "utf8").replace(/^(home|executable) = .*$/gm, (_, key: string) => `${key} = /gone/bin`),
    );
    rmSync(join(root, "bin", "python"));
    symlinkSync("/gone/bin/python3", join(root, "bin", "python"));
  };
  const listed = async (root: string): Promise<string[]> => {
    const found = JSON.parse(await good(pen(["pip", "list", "--python", root, "--format", "json"]))) as Array<{
      name: string;
      version: string;
    }>;
    return found.map(({ name, version }) => `${name} ${version}`).sort();
  };
  const origin = (root: string, name: string): unknown => {
    const library = readdirSync(join(root, "lib"))
      .map((folder) => join(root, "lib", folder, "site-packages"))
      .find((folder) => existsSync(join(folder, `${name.replaceAll("-", "_")}-1.0.dist-info`)));
    const path = join(library ?? "", `${name.replaceAll("-", "_")}-1.0.dist-info`, "direct_url.json");
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  };
  const says = (root: string, code: string): string => {
    const ran = spawnSync(join(root, "bin", "python"), ["-I", "-c", code], { encoding: "utf8", env: world.env, cwd: world.work });
    return ran.stdout.trim() + ran.stderr.trim();
  };
  const state = (root: string): Record<string, string> =>
    Object.fromEntries(Object.entries(digest(root)).filter(([path]) => !path.startsWith(".pen/")));
  const builds = (): string[] => (existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n").sort() : []);
  const forget = (): void => rmSync(notes, { force: true });
  const isNew = `${newer?.release.join(".")}`;

  test("its Python is gone: without leave nothing is touched, and the command that gives leave is named; that brings all back", async () => {
    const { root } = await make(names);
    const before = Object.fromEntries(names.map((name) => [name, origin(root, name)]));
    loseBase(root);
    const whole = state(root);
    forget();
    const refused = await pen(["env", "repair", "--python", newer?.path ?? "", root]);
    expect(refused.status).toBe(1);
    expect(refused.stdout.replace(/\s+/g, " ")).toContain("archived, from-git, only-source would have to be built from source");
    const leave = "--allow-build archived --allow-build from-git --allow-build only-source";
    expect(refused.stdout).toContain(`pen env repair --python ${newer?.path} ${leave} ${root}`);
    expect([state(root), builds()]).toEqual([whole, []]);

    const dry = await good(pen(["env", "repair", "--dry-run", "--python", newer?.path ?? "", ...leave.split(" "), root]));
    expect(dry).toContain("Would mend: Its base Python is gone");
    expect([state(root), builds()]).toEqual([whole, []]);

    await good(pen(["env", "repair", "--python", newer?.path ?? "", ...leave.split(" "), root]));
    // Each was built once, for the new Python.
    expect(builds()).toEqual([...names].sort());
    expect(await listed(root)).toEqual(names.map((name) => `${name} 1.0`));
    expect(
      says(
        root,
        "import archived, folded, from_git, only_source; print(archived.python, folded.python, from_git.python, only_source.python)",
      ),
    ).toBe(Array.from({ length: 4 }, () => `(${isNew.replace(".", ", ")})`).join(" "));
    expect(Object.fromEntries(names.map((name) => [name, origin(root, name)]))).toEqual(before);
    expect(
      readdirSync(join(root, "lib")).filter(
        (name) => name !== `python${isNew}` && existsSync(join(root, "lib", name, "site-packages", "only_source.py")),
      ),
    ).toEqual([]);
    expect(await good(pen(["env", "doctor", root]))).toBe(`ok ${root}\n`);
  }, 60_000);

  test("a build that fails leaves the environment as it is, with the words of the failure", async () => {
    const { root } = await make(["folded"]);
    loseBase(root);
    const whole = state(root);
    const backend = join(world.work, "folded", "own_backend.py");
    const honest = readFileSync(backend, "utf8");
    appendFileSync(backend, "\ndef build_wheel(*words):\n    raise ValueError('on purpose')\n");
    try {
      const { status, stdout } = await pen(["env", "repair", "--python", newer?.path ?? "", root]);
      expect([status, stdout.includes("on purpose")]).toEqual([1, true]);
      expect(state(root)).toEqual(whole);
      // Another version than the one that was installed is not it.
      writeFileSync(backend, honest.replace('"1.0"', '"2.0"'));
      const other = await pen(["env", "repair", "--python", newer?.path ?? "", root]);
      expect([other.status, other.stdout.replace(/\s+/g, " ").includes("turned out to be folded 2.0")]).toEqual([1, true]);
      expect(state(root)).toEqual(whole);
    } finally {
      writeFileSync(backend, honest);
    }
    await good(pen(["env", "repair", "--python", newer?.path ?? "", root]));
    expect(await listed(root)).toEqual(["folded 1.0"]);
  }, 60_000);

  test("a place that is gone is named, and nothing is touched", async () => {
    const { root } = await make(["folded"]);
    loseBase(root);
    const whole = state(root);
    renameSync(join(world.work, "folded"), join(world.work, "moved"));
    try {
      const { status, stdout } = await pen(["env", "repair", "--python", newer?.path ?? "", "--allow-builds", root]);
      expect([status, stdout.replace(/\s+/g, " ")]).toEqual([1, expect.stringContaining("folded 1.0: There is no file") as string]);
      expect(state(root)).toEqual(whole);
    } finally {
      renameSync(join(world.work, "moved"), join(world.work, "folded"));
    }
  });

  test("its Python became another version in place: the same", async () => {
    const { root, base } = await make(["only-source", "editable"]);
    await good(pen(["cache", "clean"]));
    rmSync(join(root, "bin", "python"));
    symlinkSync(join(base, "python3"), join(root, "bin", "python"));
    rmSync(join(base, "python3"));
    symlinkSync(newer?.realPath ?? "", join(base, "python3"));
    expect((await pen(["env", "doctor", "--json", root])).stdout).toContain("python-changed");
    const refused = await pen(["env", "repair", "--python", newer?.path ?? "", root]);
    expect(refused.stdout).toContain(`--allow-build only-source ${root}`);
    await good(pen(["env", "repair", "--python", newer?.path ?? "", root], { env: { PEN_ALLOW_BUILD: "only-source" } }));
    expect(await listed(root)).toEqual(["editable 1.0", "only-source 1.0"]);
    expect(says(root, "import sys, only_source; print(only_source.python == sys.version_info[:2])")).toBe("True");
  }, 30_000);

  test("at a terminal the person is asked; no leaves all as it is, yes builds", async () => {
    const { root } = await make(["only-source"]);
    await good(pen(["cache", "clean"]));
    loseBase(root);
    const whole = state(root);
    const words = ["env", "repair", "--python", newer?.path ?? "", root];
    const dry = await world.terminal([...words, "--dry-run"]);
    expect([dry.status, dry.stdout.includes("[y/N]")]).toEqual([1, false]);
    const no = await world.terminal(words, { input: "n" });
    expect([no.status, no.stdout.includes("own_backend"), state(root)]).toEqual([1, true, whole]);
    const yes = await world.terminal(words, { input: "y" });
    expect([yes.status, yes.stdout]).toEqual([0, expect.stringContaining("Mended: Its base Python is gone") as string]);
    expect(await listed(root)).toEqual(["only-source 1.0"]);
  }, 30_000);

  test("damaged, and the store has it no more: built again, and replaced as a whole", async () => {
    const { root } = await make(names);
    const library = join(root, "lib", `python${older?.release.join(".")}`, "site-packages");
    await good(pen(["cache", "clean"]));
    for (const name of ["archived.py", "folded.py", "from_git.py", "only_source.py", "__editable__.editable.pth"])
      rmSync(join(library, name));
    forget();
    const before = state(root);
    const refused = await pen(["env", "repair", root]);
    // What is named by its folder needs no leave.
    expect([refused.status, builds()]).toEqual([1, ["editable", "folded"]]);
    for (const name of ["archived", "from-git", "only-source"])
      expect(refused.stdout).toContain(`pen env repair --allow-build ${name} ${root}`);
    expect(Object.keys(before).length).toBeLessThan(Object.keys(state(root)).length);
    const told = await good(pen(["env", "repair", "--allow-builds", root]));
    expect(told).toContain("Builds only-source 1.0 from its source");
    expect(builds()).toEqual([...names].sort());
    expect(says(root, "import archived, folded, from_git, only_source; print('all')")).toBe("all");
    expect(await good(pen(["env", "doctor", root]))).toBe(`ok ${root}\n`);
  }, 60_000);

  test("what is missing and has no wheel is installed, where that is allowed", async () => {
    const needy = buildSource({ name: "needy", version: "1.0", requires: ["only-source"] });
    world.index.setProject("needy", [{ filename: needy.filename, bytes: needy.bytes }]);
    given["needy"] = ["needy"];
    const { root } = await make(["needy"]);
    await good(pen(["pip", "uninstall", "-y", "--python", root, "only-source"]));
    const { status, stdout } = await pen(["env", "repair", root]);
    expect([status, stdout]).toEqual([1, expect.stringContaining("needy 1.0 needs only-source") as string]);
    await good(pen(["env", "repair", "--allow-build", "only-source", root]));
    expect(await listed(root)).toEqual(["needy 1.0", "only-source 1.0"]);
  }, 30_000);

  test("pip and setuptools come in the newest version that the other Python can run; what was installed from a place of its own does not", async () => {
    for (const name of ["pip", "setuptools"])
      world.index.setProject(
        name,
        projects({ name, version: "1.0" }, { name, version: "2.0" }, { name, version: "3.0", requiresPython: ">=3.99" })[name] ?? [],
      );
    given["tools"] = ["pip==1.0", "setuptools==1.0"];
    const { root } = await make(["tools"]);
    loseBase(root);
    expect(await good(pen(["env", "repair", "--dry-run", "--python", newer?.path ?? "", root]))).toContain(
      "Would mend: Its base Python is gone",
    );
    const told = await good(pen(["env", "repair", "--python", newer?.path ?? "", root]));
    expect(told.replace(/\s+/g, " ")).toContain("Installs pip 2.0, setuptools 2.0 for Python");
    expect(await listed(root)).toEqual(["pip 2.0", "setuptools 2.0"]);

    const wheel = buildWheel({ name: "pip", version: "1.5" });
    writeFileSync(join(world.work, wheel.filename), wheel.bytes);
    given["placed"] = [`./${wheel.filename}`];
    const other = await make(["placed"]);
    loseBase(other.root);
    await good(pen(["env", "repair", "--python", newer?.path ?? "", other.root]));
    expect(await listed(other.root)).toEqual(["pip 1.5"]);
  }, 30_000);

  test("what is in the way of a package is found before anything is changed", async () => {
    const { root } = await make(["only-source"]);
    loseBase(root);
    const mine = join(root, "lib", `python${isNew}`, "site-packages", "only_source.py");
    mkdirSync(dirname(mine), { recursive: true });
    writeFileSync(mine, "mine = True\n");
    const whole = state(root);
    const { status, stdout } = await pen(["env", "repair", "--allow-builds", "--python", newer?.path ?? "", root]);
    expect([status, stdout]).toEqual([1, expect.stringContaining("belongs to no package") as string]);
    expect(state(root)).toEqual(whole);
  }, 30_000);

  test("a project in setuptools' old development mode, with its command, comes along", async () => {
    const project = writeProject(join(world.work, "legacy"), {
      ...projectFiles({ name: "legacy", version: "0.3", backend: forOnePython(notes) }),
      "legacy.egg-info/PKG-INFO": "Metadata-Version: 1.0\nName: legacy\nVersion: 0.3\n",
      "legacy.egg-info/entry_points.txt": "[console_scripts]\nlegacy-tool = legacy:main\n",
      "legacy.py": "word = 'here'\n",
    });
    const { root } = await make([]);
    const library = join(root, "lib", `python${older?.release.join(".")}`, "site-packages");
    writeFileSync(join(library, "legacy.egg-link"), `${project}\n.`);
    writeFileSync(join(library, "easy-install.pth"), `${project}\n`);
    writeFileSync(join(root, "bin", "legacy-tool"), "#!/bin/sh\n", { mode: 0o755 });
    loseBase(root);
    await good(pen(["env", "repair", "--python", newer?.path ?? "", root]));
    expect(await listed(root)).toEqual(["legacy 0.3"]);
    expect(says(root, "import legacy; print(legacy.word)")).toBe("here");
    // The project's backend makes no commands.
    expect([existsSync(join(root, "bin", "legacy-tool")), existsSync(library)]).toEqual([false, false]);
  }, 30_000);
});
