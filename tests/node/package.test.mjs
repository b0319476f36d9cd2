/** What `npm pack` puts into the package is all that a program needs, under Node and under Bun; no sources are beside it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bun, openWorld, root } from "./world.mjs";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const user = `
import { createEnvironment, install, list, readHost } from "pen-env";
import { findPython } from "pen-env/discover";
import { normalizeName } from "pen-env/standards";
const [cwd, links] = process.argv.slice(2);
const host = readHost({ cwd, env: { PATH: process.env.PATH, HOME: cwd, PEN_CACHE_DIR: cwd + "/cache" } });
await findPython({ host });
const { environment } = await createEnvironment({ host, seed: [] });
await install({ host, python: environment.root, requirements: ["Alpha"], indexes: { noIndex: true, findLinks: [links] } });
const { distributions } = await list({ host, python: environment.root });
console.log(distributions.some(({ name }) => name === normalizeName("Alpha")) ? "works" : "does not");
`;

describe("the packed package", () => {
  let folder;
  let files;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "pen-packed-"));
    const packed = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline"], { cwd: root, encoding: "utf8" });
    assert.equal(packed.status, 0, packed.stderr);
    files = JSON.parse(packed.stdout)[0].files.map(({ path }) => path);
    const place = join(folder, "node_modules", "pen-env");
    for (const path of files) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      cpSync(join(root, path), join(place, path));
    }
    for (const name of Object.keys(manifest.dependencies))
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
    writeFileSync(join(folder, "user.mjs"), user);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("holds the library, the documents and the licence, and nothing that is no concern of its users", () => {
    const targets = Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
    for (const path of [...targets, ...Object.values(manifest.bin)]) assert.ok(files.includes(path.replace(/^\.\//, "")), path);
    for (const path of ["README.md", "LICENSE", "CHANGELOG.md", "docs/library.md", "dist/lib/package.json"])
      assert.ok(files.includes(path), path);
    const others = files.filter((path) => !/^(dist\/lib\/.*\.(js|d\.ts|json)|docs\/.*\.(md|json)|[A-Z]+(\.md)?|package\.json)$/.test(path));
    assert.deepEqual(others, []);
    assert.deepEqual(
      files.filter((path) => /\.test\./.test(path)),
      [],
    );
  });

  test("each way to take it names its types first", () => {
    for (const target of Object.values(manifest.exports)) if (typeof target !== "string") assert.equal(Object.keys(target)[0], "types");
  });

  test("asks for no script at installation and no native add-on", () => {
    for (const name of ["preinstall", "install", "postinstall", "prepare"]) assert.equal(manifest.scripts[name], undefined);
    assert.deepEqual(
      files.filter((path) => /\.(node|wasm|gyp)$/.test(path)),
      [],
    );
  });

  for (const [runtime, command] of [
    ["Node", process.execPath],
    ["Bun", bun],
  ]) {
    test(`makes an environment and installs into it under ${runtime}`, () => {
      const world = openWorld();
      try {
        const ran = spawnSync(command, ["user.mjs", world.cwd, world.links], { cwd: folder, env: world.env, encoding: "utf8" });
        assert.deepEqual([ran.stdout, ran.stderr], ["works\n", ""]);
      } finally {
        world.close();
      }
    });
  }

  test("can be bundled", () => {
    const to = join(folder, "bundled");
    const built = spawnSync(bun, ["build", join(folder, "user.mjs"), "--target=node", `--outdir=${to}`], { encoding: "utf8" });
    assert.equal(built.status, 0, built.stderr);
    const world = openWorld();
    try {
      const ran = spawnSync(process.execPath, [join(to, "user.js"), world.cwd, world.links], { env: world.env, encoding: "utf8" });
      assert.equal(ran.stdout, "works\n", ran.stderr);
    } finally {
      world.close();
    }
  });
});
