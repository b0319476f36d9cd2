/** The built program under Node, as npm's `pen` starts it. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as pen from "pen-env";
import { bun, openWorld, program, root, startIndex, wheels } from "./world.mjs";

describe("pen under Node", () => {
  let world;
  before(() => (world = openWorld()));
  after(() => world.close());

  /** What the program printed; a failure, or anything on standard error that is a warning of Node, fails the test. */
  function said(...args) {
    const { status, stdout, stderr } = world.pen(...args);
    assert.equal(status, 0, stdout + stderr);
    assert.doesNotMatch(stderr, /Warning/);
    return stdout;
  }
  const fromLinks = () => ["--no-index", "--find-links", world.links];

  test("--version, --help and a word that is none", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.equal(said("--version"), `pen ${version}\n`);
    assert.match(said("pip", "install", "--help"), /pen pip install/);
    const unknown = world.pen("pip", "instal");
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /Did you mean: pen pip install/);
  });

  test("started through a link, as npm's bin folder does", () => {
    const link = join(world.folder, "pen");
    symlinkSync(program, link);
    assert.match(spawnSync(process.execPath, [link, "--version"], { encoding: "utf8" }).stdout, /^pen /);
    assert.equal(spawnSync(link, ["--version"], { encoding: "utf8", env: world.env }).status, 0);
  });

  test("venv, pip install, list, run, uninstall", () => {
    said("venv", "--no-seed");
    said("pip", "install", ...fromLinks(), "alpha");
    assert.deepEqual(JSON.parse(said("pip", "list", "--format", "json")), [
      { name: "alpha", version: "2.0" },
      { name: "beta", version: "1.0" },
    ]);
    assert.equal(said("run", "alpha-says"), "alpha 2.0 with beta 1.0\n");
    said("pip", "uninstall", "-y", "alpha");
    assert.equal(said("pip", "freeze"), "beta==1.0\n");
  });

  test("run ends as its command ended", () => {
    assert.equal(world.pen("run", "python", "-c", "raise SystemExit(7)").status, 7);
    const killed = world.pen("run", "python", "-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)");
    assert.equal(killed.signal, "SIGTERM");
  });

  test("the link modes", () => {
    for (const mode of ["hardlink", "copy", "symlink"]) {
      said("venv", "--no-seed", mode);
      said("pip", "install", ...fromLinks(), "--python", mode, "--link-mode", mode, "alpha");
      assert.equal(said("run", "--python", mode, "alpha-says"), "alpha 2.0 with beta 1.0\n");
    }
  });

  test("an error is one JSON object with its code, and the status of that code", () => {
    const { status, stdout } = world.pen("--json", "pip", "install", ...fromLinks(), "nothing-like-it");
    assert.equal(status, 1);
    const { type, error } = JSON.parse(stdout);
    assert.deepEqual([type, error.code], ["error", "PACKAGE_NOT_FOUND"]);
  });
});

test("an interrupt ends the program at once with status 130, and the environment is as before", async () => {
  const world = openWorld();
  const server = await startIndex({ projects: { alpha: wheels.filter(({ filename }) => filename.startsWith("alpha")) } });
  try {
    const { environment } = await pen.createEnvironment({ host: world.host, path: "env", seed: [] });
    server.faultAlways("/simple/alpha/", { stallAfter: -1 });
    const args = ["pip", "install", "--index-url", server.indexUrl, "--python", environment.root, "--json-lines", "alpha"];
    const child = spawn(process.execPath, [program, ...args], { cwd: world.cwd, env: world.env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      const isFirst = !output.includes('"resolve"');
      output += text;
      // It has started to resolve, and now waits for an index that says nothing. One signal: a second one would end it without a word.
      if (isFirst && output.includes('"resolve"')) setTimeout(() => child.kill("SIGINT"), 200);
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(status, 130, output);
    assert.equal(JSON.parse(output.trim().split("\n").at(-1)).error.code, "CANCELLED");
    assert.deepEqual((await pen.list({ host: world.host, python: environment.root })).distributions, []);
  } finally {
    await server.close();
    world.close();
  }
});

describe("locks between Node and Bun", () => {
  let world;
  let environment;
  before(async () => {
    world = openWorld();
    ({ environment } = await pen.createEnvironment({ host: world.host, path: "env", seed: [] }));
    await pen.install({ host: world.host, python: environment.root, indexes: world.indexes, requirements: ["alpha"] });
  });
  after(() => world.close());

  /** Starts the program to remove a package; `waits` is settled by its first event that says it waits, or by its end. */
  function remove(command, name) {
    const args = ["pip", "uninstall", "-y", "--json-lines", "--python", environment.root, name];
    const child = spawn(command[0], [...command.slice(1), ...args], {
      cwd: world.cwd,
      env: world.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    const ended = new Promise((resolve) => child.on("close", (status) => resolve({ status, output })));
    const waits = new Promise((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (text) => {
        output += text;
        const line = output.split("\n").find((candidate) => candidate.includes('"waiting"') && candidate.endsWith("}"));
        if (line !== undefined) resolve(JSON.parse(line));
      });
      void ended.then(() => resolve(undefined));
    });
    return { waits, ended };
  }

  const programs = [
    ["Bun", "beta", [bun, join(root, "src", "cli", "main.ts")]],
    ["Node", "alpha", [process.execPath, program]],
  ];
  for (const [runtime, name, command] of programs) {
    test(`a program under ${runtime} waits for the library under Node, and says for whom`, async () => {
      let other;
      const confirm = async () => {
        // The environment's lock is held while the caller is asked.
        other = remove(command, name);
        const waiting = await other.waits;
        assert.equal(waiting?.pid, process.pid);
        return false;
      };
      await pen.uninstall({ host: world.host, python: environment.root, names: [name], confirm });
      const { status, output } = await other.ended;
      assert.equal(status, 0, output);
      assert.ok(!existsSync(join(environment.paths.purelib, name)));
    });
  }
});
