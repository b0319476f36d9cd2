/** The built library under Node, used as another program would use it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as pen from "pen-env";
import { findPython, listPythons } from "pen-env/discover";
import * as standards from "pen-env/standards";
import { buildWheel, openWorld, startIndex, wheels } from "./world.mjs";

/** The names and versions in an environment, as lines. */
async function installed(world, path) {
  const { distributions } = await pen.list({ host: world.host, python: path });
  return distributions.map(({ name, version }) => `${name} ${version}`);
}

/** Every path of an environment but for pen's own lock. */
const paths = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((path) => !path.startsWith(".pen"))
    .toSorted((a, b) => (a < b ? -1 : 1));

async function failure(promise) {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  assert.ok(pen.isPenError(error), `no PenError: ${String(error)}`);
  return error;
}

describe("the package", () => {
  test("require() gives the same functions as import", () => {
    const required = createRequire(import.meta.url)("pen-env");
    assert.equal(required.install, pen.install);
  });

  test("standards: versions, specifiers, markers, requirements and tags", () => {
    const { compareVersions, parseMarker, parseRequirement, parseSpecifiers, parseVersion, specifiersContain } = standards;
    assert.ok(compareVersions(parseVersion("1.0rc1"), parseVersion("1.0")) < 0);
    assert.ok(specifiersContain(parseSpecifiers("~=3.10"), parseVersion("3.99")));
    assert.equal(specifiersContain(parseSpecifiers("!=3.9.7"), parseVersion("3.9.7")), false);
    assert.equal(parseRequirement("Psycopg[binary] >=3 ; python_version<'4'").name, "psycopg");
    assert.equal(standards.evaluateMarker(parseMarker("extra == 'x'"), { ...emptyMarkers, extra: "" }), false);
    assert.equal(standards.parseWheelFilename("a-1-py3-none-any.whl").name, "a");
    assert.throws(() => parseVersion("one"), { name: "PenError", code: "INVALID_VERSION" });
  });

  test("the interpreters of this machine", async () => {
    const world = openWorld();
    try {
      const all = await listPythons({ host: world.host });
      const found = await findPython({ host: world.host });
      assert.ok(all.some(({ executable }) => executable === found.executable));
      const error = await failure(findPython({ host: world.host, request: "2.1" }));
      assert.equal(error.code, "PYTHON_NOT_FOUND");
    } finally {
      world.close();
    }
  });
});

const emptyMarkers = Object.fromEntries(
  [
    "implementation_name",
    "implementation_version",
    "os_name",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_version",
    "sys_platform",
  ].map((name) => [name, ""]),
);

describe("an environment", () => {
  let world;
  let environment;
  before(async () => {
    world = openWorld();
    ({ environment } = await pen.createEnvironment({ host: world.host, path: "env", seed: [] }));
  });
  after(() => world.close());
  const options = () => ({ host: world.host, python: environment.root });
  const installing = (...requirements) => ({ ...options(), indexes: world.indexes, requirements });

  test("is made, and its Python knows it", () => {
    const { stdout } = spawnSync(environment.python, ["-I", "-c", "import sys; print(sys.prefix, sys.prefix != sys.base_prefix)"], {
      encoding: "utf8",
    });
    assert.equal(stdout, `${environment.root} True\n`);
  });

  test("install, with events", async () => {
    const events = [];
    const report = await pen.install({ ...installing("alpha<2"), onEvent: (event) => events.push(event) });
    assert.deepEqual(report.report?.changes.map(({ action, name, version }) => [action, name, version]).sort(), [
      ["install", "alpha", "1.0"],
      ["install", "beta", "1.0"],
    ]);
    const phases = events.flatMap((event) => (event.type === "phase" ? [event.phase] : []));
    assert.ok(phases.includes("resolve") && phases.includes("install"), phases.join());
    assert.equal(events.filter((event) => event.type === "change").length, 2);
    const said = spawnSync(join(environment.paths.scripts, "alpha-says"), { encoding: "utf8" });
    assert.equal(said.stdout, "alpha 1.0 with beta 1.0\n", said.stderr);
  });

  test("a dry run says what would be, and does nothing", async () => {
    const report = await pen.install({ ...installing("alpha"), upgrade: true, dryRun: true });
    assert.equal(report.report, undefined);
    assert.deepEqual(
      report.plan.steps.filter(({ action }) => action !== "keep").map(({ action, version }) => [action, version]),
      [["upgrade", "2.0"]],
    );
    assert.deepEqual(await installed(world, environment.root), ["alpha 1.0", "beta 1.0"]);
  });

  test("list, freeze, show, check, tree and inspect", async () => {
    assert.deepEqual(await installed(world, environment.root), ["alpha 1.0", "beta 1.0"]);
    assert.deepEqual(await pen.freeze(options()), ["alpha==1.0", "beta==1.0"]);
    const { found, absent } = await pen.show({ ...options(), names: ["Beta", "gamma"] });
    assert.deepEqual([found[0]?.requiredBy, absent], [["alpha"], ["gamma"]]);
    assert.deepEqual(await pen.check(options()), []);
    const [top] = await pen.tree(options());
    assert.deepEqual([top?.name, top?.children[0]?.name], ["alpha", "beta"]);
    assert.equal((await pen.inspect(options())).installed.length, 2);
  });

  test("compile, and sync to what was compiled", async () => {
    writeFileSync(join(world.cwd, "requirements.in"), "alpha\n");
    const from = { ...options(), indexes: world.indexes, requirementFiles: ["requirements.in"] };
    const compiled = await pen.compile({ ...from, outputFile: "requirements.txt" });
    assert.equal(readFileSync(join(world.cwd, "requirements.txt"), "utf8"), compiled.text);
    assert.match(compiled.text, /^alpha==2\.0$/m);
    await pen.sync({ ...options(), indexes: world.indexes, requirementFiles: ["requirements.txt"] });
    assert.deepEqual(await installed(world, environment.root), ["alpha 2.0", "beta 1.0"]);
    writeFileSync(join(world.cwd, "less.txt"), "beta==1.0\n");
    await pen.sync({ ...options(), indexes: world.indexes, requirementFiles: ["less.txt"] });
    assert.deepEqual(await installed(world, environment.root), ["beta 1.0"]);
  });

  test("planRun says what to start", async () => {
    const plan = await pen.planRun({ ...options(), command: ["python", "-c", "print(1)"] });
    assert.equal(plan.path, environment.python);
    assert.ok(plan.env["PATH"]?.startsWith(environment.paths.scripts));
  });

  test("uninstall, when the caller agrees", async () => {
    const refused = await pen.uninstall({ ...options(), names: ["beta"], confirm: async () => false });
    assert.equal(refused.report, undefined);
    const { report } = await pen.uninstall({ ...options(), names: ["beta"] });
    assert.deepEqual(
      report?.changes.map(({ action, name }) => [action, name]),
      [["uninstall", "beta"]],
    );
    assert.deepEqual(await installed(world, environment.root), []);
  });

  test("errors by code, and the environment is as before", async () => {
    const before = paths(environment.root);
    const conflict = await failure(pen.install(installing("alpha==1.0", "alpha==2.0")));
    assert.equal(conflict.code, "RESOLUTION_CONFLICT");
    assert.equal((await failure(pen.install(installing("alpha==9")))).code, "RESOLUTION_CONFLICT");
    assert.equal((await failure(pen.install(installing("alpha ==")))).code, "INVALID_REQUIREMENT");
    writeFileSync(join(world.cwd, "wrong.txt"), `beta==1.0 --hash=sha256:${"0".repeat(64)}\n`);
    const hash = await failure(pen.install({ ...options(), indexes: world.indexes, requirementFiles: ["wrong.txt"] }));
    assert.ok(["HASH_MISMATCH", "RESOLUTION_CONFLICT"].includes(hash.code), hash.code);
    const { filename, bytes } = buildWheel({ name: "broken", version: "1.0", record: (honest) => honest.replace("sha256=", "sha256=x") });
    writeFileSync(join(world.links, filename), bytes);
    assert.equal((await failure(pen.install(installing("broken")))).code, "INVALID_WHEEL");
    const lost = await failure(pen.install({ ...installing("beta"), python: undefined }));
    assert.equal(lost.code, "ENV_NOT_FOUND");
    assert.ok(lost.why && lost.hint);
    assert.deepEqual(paths(environment.root), before);
  });

  test("the store is proved, pruned and emptied", async () => {
    assert.ok((await pen.cacheSize({ host: world.host })).wheels >= 3);
    assert.deepEqual((await pen.verifyCache({ host: world.host })).problems, []);
    await pen.pruneCache({ host: world.host });
    await pen.cleanCache({ host: world.host });
    assert.equal((await pen.cacheSize({ host: world.host })).wheels, 0);
  });
});

describe("an index on this machine", () => {
  let world;
  let server;
  let environment;
  const faults = {};
  before(async () => {
    world = openWorld();
    const projects = Object.fromEntries(
      ["alpha", "beta"].map((name) => [name, wheels.filter(({ filename }) => filename.startsWith(name))]),
    );
    server = await startIndex({ projects, faults });
    ({ environment } = await pen.createEnvironment({ host: world.host, path: "env", seed: [] }));
  });
  after(async () => {
    await server.close();
    world.close();
  });
  const options = () => ({ host: world.host, python: environment.root, indexes: { indexUrl: server.indexUrl } });

  test("an aborted install rejects with the signal's reason and leaves the environment as it was", async () => {
    const before = paths(environment.root);
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const onEvent = (event) => {
      if (event.type === "phase" && event.phase === "download") controller.abort(reason);
    };
    await assert.rejects(
      pen.install({ ...options(), requirements: ["alpha"], signal: controller.signal, onEvent }),
      (error) => error === reason,
    );
    await assert.rejects(
      pen.install({ ...options(), requirements: ["alpha"], signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    assert.deepEqual(paths(environment.root), before);
  });

  test("fetches what it needs", async () => {
    const bytes = [];
    const onEvent = (event) => {
      if (event.type === "progress" && event.unit === "bytes") bytes.push(event.done);
    };
    await pen.install({ ...options(), requirements: ["alpha"], onEvent });
    const alpha = wheels.find((wheel) => wheel.filename.startsWith("alpha-2.0"));
    const { text } = await pen.compile({ ...options(), requirements: ["alpha"], generateHashes: true });
    assert.ok(text.includes(`--hash=sha256:${alpha.sha256}`), text);
    assert.deepEqual(await installed(world, environment.root), ["alpha 2.0", "beta 1.0"]);
    assert.ok(bytes.length > 0);
    assert.equal((await failure(pen.install({ ...options(), requirements: ["unheard-of"] }))).code, "PACKAGE_NOT_FOUND");
  });

  test("an index that cannot be reached, and one that must not be asked", async () => {
    const nowhere = { indexUrl: "http://127.0.0.1:1/simple/", retries: 0 };
    assert.equal((await failure(pen.install({ ...options(), indexes: nowhere, requirements: ["gamma"] }))).code, "NETWORK");
    const offline = { ...options().indexes, offline: true };
    assert.equal((await failure(pen.install({ ...options(), indexes: offline, requirements: ["gamma"] }))).code, "OFFLINE");
  });

  test("the caller's own fetch is used", async () => {
    const asked = [];
    const fetch = (url, init) => {
      asked.push(String(url));
      return globalThis.fetch(url, init);
    };
    await pen.install({
      ...options(),
      indexes: { ...options().indexes, fetch, refresh: true },
      requirements: ["beta"],
      forceReinstall: true,
    });
    assert.ok(asked.length > 0);
  });
});
