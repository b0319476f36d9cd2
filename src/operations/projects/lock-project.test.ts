import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isPenError } from "#foundation";
import { openLockWorld, type LockWorld } from "../../../tests/support/lock-world.ts";
import { cleanEnvironment, run } from "../../../tests/support/interpreters.ts";
import { projectFiles, writeProject } from "../../../tests/support/sources.ts";
import { buildWheel } from "../../../tests/support/wheels.ts";
import { projects, python } from "../../../tests/support/world.ts";
import { lockedRequirements } from "./locked-requirements.ts";
import { isFresh, lockStatus, openProject, pylockPath, withPipfile } from "./project.ts";

const wheels = [
  { name: "app", version: "1.0", requires: ["low>=1", "winpart; sys_platform == 'win32'"], served: { requiresPython: ">=3.8" } },
  { name: "app", version: "2.0", requires: ["low>=2", "winpart; sys_platform == 'win32'"], served: { requiresPython: ">=3.8" } },
  { name: "low", version: "1.0" },
  { name: "low", version: "2.0", served: { requiresPython: ">=2.7, !=3.0.*" } },
  { name: "low", version: "2.0", tag: "cp39-cp39-win_amd64" },
  { name: "low", version: "2.1", served: { requiresPython: ">=2.7, !=3.0.*" } },
  { name: "winpart", version: "3.0", requires: ["winlow"], served: { requiresPython: ">=3.6" } },
  { name: "winlow", version: "1.0" },
  { name: "tool", version: "1.0", requires: ["low"] },
  { name: "clash", version: "1.0", requires: ["low<2; sys_platform == 'win32'", "low>=2; sys_platform != 'win32'"] },
  // Nothing of 2.0 can be used on the machine that locks; of elsewhere there is nothing that could.
  { name: "native", version: "1.0" },
  { name: "native", version: "2.0", tag: "cp27-cp27m-mac_ppc" },
  { name: "elsewhere", version: "1.0", tag: "cp27-cp27m-mac_ppc" },
];

const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

describe.skipIf(python === undefined)("locking", () => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await openLockWorld({ projects: projects(...wheels) });
  });
  afterAll(() => world?.close());

  test("a package that only another platform needs is locked with its marker and hashes, and so is all below it", async () => {
    const project = world.project('[packages]\napp = "*"\n');
    await world.lock(project);
    const entries = world.entries(project);
    expect(Object.keys(entries)).toEqual(["app", "low", "winlow", "winpart"]);
    expect(entries["winpart"]).toMatchObject({ version: "==3.0", markers: "python_version >= '3.6' and sys_platform == 'win32'" });
    expect(entries["winlow"]).toMatchObject({ version: "==1.0", markers: "sys_platform == 'win32'" });
    for (const entry of Object.values(entries)) expect(entry["hashes"]).not.toBeEmpty();
    expect(entries["app"]).toMatchObject({ index: "main", markers: "python_version >= '3.8'" });
    expect(entries["low"]).not.toHaveProperty("index");
  });

  test("the hashes are those of all files of the version, also when the page comes out of the cache", async () => {
    const project = world.project('[packages]\nlow = "==2.0"\n');
    for (let round = 0; round < 2; round += 1) {
      await world.lock(project);
      expect(world.entries(project)["low"]?.["hashes"]).toBeArrayOfSize(2);
    }
  });

  test("adding one package moves nothing else; upgrading one moves that one", async () => {
    const before = world.project('[packages]\napp = "<2"\nlow = "<2.1"\n');
    await world.lock(before);
    const wider = withPipfile(before, before.pipfile.text.replace('"<2"', '"*"').replace('"<2.1"', '"*"') + 'tool = "*"\n');
    const { changes } = await world.lock(wider);
    expect(changes.map(({ name, kind, why }) => `${name} ${kind}: ${why}`)).toEqual(["tool added: named in the Pipfile"]);
    const moved = await world.lock(wider, { upgradePackages: ["low"] });
    expect(moved.changes).toMatchObject([{ name: "low", kind: "upgraded", before: "2.0", after: "2.1", why: "the newest that fits" }]);
    expect((await world.lock(wider, { upgradePackages: "all" })).changes).toMatchObject([{ name: "app", before: "1.0", after: "2.0" }]);
    expect((await world.lock(withPipfile(wider, wider.pipfile.text.replace('app = "*"\n', "")))).changes).toMatchObject([
      { name: "app", kind: "removed", why: "nothing needs it any more" },
      { name: "winlow", kind: "removed" },
      { name: "winpart", kind: "removed" },
    ]);
  });

  test("default bounds the other categories, which get its entries", async () => {
    const project = world.project('[packages]\nlow = "<2.1"\n\n[dev-packages]\ntool = "*"\n\n[docs]\nlow = "*"\n');
    await world.lock(project);
    expect(world.entries(project, "develop")["low"]).toEqual(world.entries(project)["low"]);
    expect(world.entries(project, "docs")["low"]).toMatchObject({ version: "==2.0", index: "main" });
    const apart = world.project('[packages]\nlow = "<2.1"\n\n[dev-packages]\nlow = "*"\n\n[pipenv]\nuse_default_constraints = false\n');
    await world.lock(apart);
    expect(world.entries(apart, "develop")["low"]).toMatchObject({ version: "==2.1" });
  });

  test("folders and archives of default bound the other categories", async () => {
    const project = world.project(
      `[packages]
own = {path = "./own", editable = true}
app = {file = "${world.index.origin}/files/app-1.0-py3-none-any.whl"}

[dev-packages]
user = {path = "user"}
low = "*"
`,
      {
        ...below("own", projectFiles({ name: "own", version: "1", requires: ["low<2.1"] })),
        ...below("user", projectFiles({ name: "user", version: "1", requires: ["own", "app"] })),
      },
    );
    await world.lock(project);
    expect(world.entries(project)["app"]).toEqual({
      file: `${world.index.origin}/files/app-1.0-py3-none-any.whl`,
      hashes: [`sha256:${buildWheel(wheels[0]!).sha256}`],
    });
    expect(world.entries(project, "develop")).toMatchObject({
      app: { file: expect.stringContaining("app-1.0") },
      own: { path: "./own", editable: true },
      low: { version: "==2.0" },
      user: { path: "user" },
    });
  });

  test("a repository is locked to its commit", async () => {
    const repository = writeProject(join(world.folder, "repository"), projectFiles({ name: "repo", version: "1", requires: ["low"] }));
    const git = (...words: string[]): string =>
      run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", ...words], {
        cwd: repository,
        env: cleanEnvironment(world.host.home),
      }).stdout.trim();
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-q", "-m", "all");
    const project = world.project(
      `[packages]\nrepo = {git = "file://${repository}", ref = "main", editable = true, markers = "sys_platform == 'linux'"}\n`,
    );
    await world.lock(project);
    expect(world.entries(project)["repo"]).toEqual({
      editable: true,
      git: `file://${repository}`,
      markers: "sys_platform == 'linux'",
      ref: git("rev-parse", "HEAD"),
    });
    expect(world.entries(project)["low"]).toMatchObject({ markers: "sys_platform == 'linux'" });
  });

  test("a category that needs a package of default on more platforms keeps its own marker", async () => {
    const project = world.project('[packages]\napp = "*"\n\n[docs]\nwinpart = "*"\n');
    await world.lock(project);
    expect(world.entries(project)["winpart"]?.["markers"]).toContain("win32");
    expect(world.entries(project, "docs")["winpart"]).toMatchObject({ version: "==3.0", markers: "python_version >= '3.6'" });
  });

  test("one category alone leaves the others as they are", async () => {
    const project = world.project('[packages]\napp = "<2"\n\n[dev-packages]\ntool = "*"\n');
    await world.lock(project);
    const kept = world.entries(project);
    const wider = withPipfile(project, project.pipfile.text.replace('app = "<2"', 'app = "*"') + 'native = "*"\n');
    await world.lock(wider, { categories: ["develop"], upgradePackages: "all" });
    expect(world.entries(wider)).toEqual(kept);
    expect(Object.keys(world.entries(wider, "develop"))).toEqual(["low", "native", "tool"]);
  });

  test("where two platforms need two versions, those of this one are locked, and who is left out is said", async () => {
    const project = world.project('[packages]\nclash = "*"\n');
    world.events.length = 0;
    await world.lock(project);
    expect(world.entries(project)["low"]).toMatchObject({ version: "==2.1" });
    const said = world.events.flatMap((event) => (event.type === "log" && event.code === "lock-left-out" ? [event.message] : []));
    expect(said).toBeArrayOfSize(1);
    expect(said[0]).toContain("sys_platform == 'win32'");
    expect(said[0]).toContain("low");
  });

  test("what clashes on another platform alone does not hinder this one", async () => {
    for (const packages of [
      'low = "==2.1"\n\n[dev-packages]\nclash = "*"\n',
      'low = "*"\nabsent = {version = "*", sys_platform = "== \'win32\'"}\n',
    ]) {
      world.events.length = 0;
      const project = world.project(`[packages]\n${packages}`);
      await world.lock(project);
      expect(world.entries(project)["low"]).toMatchObject({ version: "==2.1" });
      expect(JSON.stringify(world.events)).toContain("lock-left-out");
    }
    const error = await world.lock(world.project('[packages]\nlow = ">7"\n')).catch((thrown: unknown) => thrown);
    expect(isPenError(error, "RESOLUTION_CONFLICT")).toBe(true);
  });

  test("a version of which nothing can be used here is passed over, unless the project is one for elsewhere", async () => {
    const project = world.project('[packages]\nnative = "*"\nelsewhere = {version = "*", sys_platform = "== \'darwin\'"}\n');
    await world.lock(project);
    expect(world.entries(project)["native"]).toMatchObject({ version: "==1.0" });
    expect(world.entries(project)["elsewhere"]).toMatchObject({ version: "==1.0" });
  });

  test("the lock is fresh until the Pipfile changes, and a failure leaves it as it was", async () => {
    const project = world.project('[packages]\nlow = "*"\n');
    expect(lockStatus(project)).toBe("missing");
    await world.lock(project);
    expect(lockStatus(project)).toBe("fresh");
    const before = readFileSync(project.lockPath, "utf8");
    const changed = withPipfile(project, project.pipfile.text.replace('"*"', '">5"'));
    expect(lockStatus(changed)).toBe("stale");
    const error = await world.lock(changed).catch((thrown: unknown) => thrown);
    expect(isPenError(error, "RESOLUTION_CONFLICT")).toBe(true);
    expect(readFileSync(project.lockPath, "utf8")).toBe(before);
  });

  test("line ends stay as the lock has them", async () => {
    const project = world.project('[packages]\nlow = "*"\n');
    await world.lock(project);
    const text = readFileSync(project.lockPath, "utf8");
    writeFileSync(project.lockPath, text.replaceAll("\n", "\r\n"));
    await world.lock(project);
    expect(readFileSync(project.lockPath, "utf8")).toBe(text.replaceAll("\n", "\r\n"));
  });

  test("a lock says what to install: exact versions with hashes, and places", async () => {
    const project = world.project('[packages]\nlow = "*"\nown = {path = "./own", editable = true}\n', {
      "own/pyproject.toml": '[project]\nname = "own"\nversion = "1"\n',
    });
    await world.lock(project);
    const lock = project.readLock();
    expect(lock !== undefined && isFresh(project, lock)).toBe(true);
    const { requirements, routes } = lockedRequirements(project, lock!, { categories: ["default", "develop"], host: world.host });
    expect(requirements).toMatchObject([
      { source: { kind: "named", requirement: { name: "low" } }, hashes: [expect.stringMatching(/^sha256:/)] },
      { source: { kind: "location", location: `${project.root}/own` }, editable: true, hashes: [] },
    ]);
    expect(routes.indexesOf(requirements[0]!.source.kind === "named" ? requirements[0]!.source.requirement.name : ("" as never))).toEqual([
      "main",
    ]);
    expect(() => lockedRequirements(project, lock!, { categories: ["docs"], host: world.host })).toThrow("no category docs");
  });

  test("a lock that leads out of the project is refused", async () => {
    const project = world.project('[packages]\nlow = "*"\n');
    await world.lock(project);
    const lock = JSON.parse(readFileSync(project.lockPath, "utf8")) as { default: Record<string, unknown> };
    writeFileSync(
      project.lockPath,
      JSON.stringify({ ...lock, default: { ...lock.default, evil: { path: "../../evil", editable: true } } }),
    );
    expect(() => lockStatus(project)).toThrow("outside of the project");
    const named = withPipfile(project, `${project.pipfile.text}evil = {path = "../../evil", editable = true}\n`);
    expect(lockStatus(named)).toBe("stale");
  });

  test("a merge that is not finished is an error, and mended on request: one result that keeps what both sides lock", async () => {
    const project = world.project('[packages]\napp = "*"\nlow = "*"\n');
    await world.lock(withPipfile(project, project.pipfile.text.replace('app = "*"', 'app = "<2"')));
    const ours = readFileSync(project.lockPath, "utf8");
    await world.lock(withPipfile(project, project.pipfile.text.replace('low = "*"', 'low = "==2.0"')), { upgradePackages: "all" });
    const theirs = readFileSync(project.lockPath, "utf8");
    const conflict = `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> branch\n`;
    writeFileSync(project.lockPath, conflict);
    const error = await world.lock(project).catch((thrown: unknown) => thrown);
    if (!isPenError(error, "INVALID_LOCK")) throw error;
    expect(error.hint).toBe("Mend it with: pen lock --resolve-conflict");
    expect(readFileSync(project.lockPath, "utf8")).toBe(conflict);
    await world.lock(project, { resolveConflict: true });
    expect(lockStatus(project)).toBe("fresh");
    expect(world.entries(project)["app"]).toMatchObject({ version: "==2.0" });
    expect(world.entries(project)["low"]).toMatchObject({ version: "==2.1" });
  });

  test("the same moment gives the same lock: --exclude-newer, and the cool-down period", async () => {
    const dated = await openLockWorld({
      projects: projects(
        { name: "aged", version: "1.0", served: { uploadTime: "2020-01-01T00:00:00Z" } },
        { name: "aged", version: "2.0", served: { uploadTime: new Date(Date.now() - 5 * 86_400_000).toISOString() } },
      ),
    });
    try {
      const project = dated.project('[packages]\naged = "*"\n');
      await dated.lock(project);
      expect(dated.entries(project)["aged"]).toMatchObject({ version: "==2.0" });
      await dated.lock(project, { fetching: { excludeNewer: "2024-01-01" }, upgradePackages: "all" });
      expect(dated.entries(project)["aged"]).toMatchObject({ version: "==1.0" });
      const cooled = dated.project('[packages]\naged = "*"\n\n[pipenv]\ncool-down-period = "30d"\n');
      await dated.lock(cooled);
      expect(dated.entries(cooled)["aged"]).toMatchObject({ version: "==1.0" });
    } finally {
      await dated.close();
    }
  });

  test("answers in any order give the same bytes", async () => {
    const texts = new Set<string>();
    let state = 1;
    for (let round = 0; round < 8; round += 1) {
      const project = world.project('[packages]\napp = "*"\ntool = "*"\n\n[dev-packages]\nclash = "*"\nnative = "*"\n');
      for (const { name } of wheels) {
        state = (state * 48271) % 2147483647;
        world.index.faultAlways(`/simple/${name}/`, { delayMs: state % 12 });
      }
      await world.lock(project, { cacheFolder: `${world.folder}/cache-${round}` });
      texts.add(readFileSync(project.lockPath, "utf8"));
    }
    for (const { name } of wheels) world.index.faultAlways(`/simple/${name}/`, undefined);
    expect(texts.size).toBe(1);
  });

  test("a warm lock asks the index nothing, and gives the same bytes", async () => {
    const project = world.project('[packages]\napp = "*"\n\n[dev-packages]\ntool = "*"\n');
    const fetching = { offline: true };
    await world.lock(project);
    const text = readFileSync(project.lockPath, "utf8");
    world.index.requests.length = 0;
    expect((await world.lock(project, { fetching, upgradePackages: "all" })).changes).toBeEmpty();
    expect(world.index.requests).toBeEmpty();
    expect(readFileSync(project.lockPath, "utf8")).toBe(text);
  });

  test("a category that the Pipfile has no more goes with the next whole lock", async () => {
    const project = world.project('[packages]\nlow = "*"\n\n[docs]\ntool = "*"\n');
    await world.lock(project);
    const fewer = withPipfile(project, project.pipfile.text.replace(/\n\[docs\][^]*/, ""));
    await world.lock(fewer, { categories: ["default"] });
    expect(Object.keys(world.entries(fewer, "docs"))).not.toBeEmpty();
    const { changes } = await world.lock(fewer);
    expect(changes.map(({ category, kind }) => `${category} ${kind}`)).toEqual(["docs removed", "docs removed"]);
  });

  test("Pythons: a range is locked for as a whole, one version for all of it", async () => {
    const ranged = await openLockWorld({
      projects: projects(
        { name: "wide", version: "1.0", served: { requiresPython: ">=3.6" } },
        { name: "wide", version: "2.0", served: { requiresPython: ">=3.12" } },
        { name: "picky", version: "1.0" },
        { name: "picky", version: "2.0", served: { requiresPython: `!=${world.interpreter.versionInfo.slice(0, 2).join(".")}.98` } },
        { name: "old", version: "1.0", requires: ["wide; python_version < '3.9'"] },
      ),
    });
    try {
      const range = ranged.project('[packages]\nwide = "*"\n\n[requires]\npython_version = ">=3.8,<3.14"\n');
      await ranged.lock(range);
      expect(ranged.entries(range)["wide"]).toMatchObject({ version: "==1.0", markers: "python_version >= '3.6'" });
      const old = ranged.project('[packages]\nold = "*"\n\n[requires]\npython_version = ">=3.8,<3.14"\n');
      await ranged.lock(old);
      expect(ranged.entries(old)["wide"]).toMatchObject({ markers: "python_version >= '3.6' and python_version < '3.9'" });
      // The newest, though it is not for every patch release.
      ranged.events.length = 0;
      const picky = ranged.project('[packages]\npicky = "*"\n');
      await ranged.lock(picky);
      expect(ranged.entries(picky)["picky"]).toMatchObject({ version: "==2.0" });
      expect(JSON.stringify(ranged.events)).toContain("lock-left-out");
    } finally {
      await ranged.close();
    }
  });

  test("no Pipfile is one clear error", () => {
    expect(() => openProject({ host: world.host })).toThrow("There is no Pipfile here");
    expect(pylockPath(world.project("[packages]\n"))).toBeUndefined();
  });
});
