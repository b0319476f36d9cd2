/** The computed `sys.path` against what the real Pythons print: every version here, with everything that can add to it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type Host } from "#foundation";
import { createEnvironment, explain } from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { pythons } from "../support/pythons.ts";
import { sitePackages } from "../support/world.ts";

let folder: string;
beforeAll(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-explain-")))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Variables = Readonly<Record<string, string>>;

function hostWith(name: string, more: Variables = {}): Host {
  const work = join(folder, name, "work");
  mkdirSync(work, { recursive: true });
  const env: Record<string, string> = { ...cleanEnvironment(join(folder, name, "home")), PEN_CACHE_DIR: join(folder, "cache"), ...more };
  return readHost({ env, cwd: work, home: env["HOME"] ?? "" });
}

/** What Python itself says. `-c` puts the empty text for the working directory in front. */
function truth(python: string, host: Host): { path: string[]; prefix: string; base: string } {
  const code = "import sys, json; print(json.dumps({'path': sys.path, 'prefix': sys.prefix, 'base': sys.base_prefix}))";
  const ran = spawnSync(python, ["-c", code], { cwd: host.cwd, env: host.env, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  const said = JSON.parse(ran.stdout) as { path: string[]; prefix: string; base: string };
  return { ...said, path: said.path.map((path) => (path === "" ? host.cwd : path)) };
}

async function compare(place: string, python: string, host: Host): Promise<void> {
  const said = truth(python, host);
  const computed = await explain({ host, environment: place });
  expect(computed.path.map(({ path }) => path)).toEqual(said.path);
  expect([computed.prefix, computed.basePrefix]).toEqual([said.prefix, said.base]);
}

/** Folders and `.pth` files with every kind of line. */
function addPathFiles(packages: string): void {
  for (const name of ["beside", "again", "deep/er"]) mkdirSync(join(packages, "..", "more", name), { recursive: true });
  const lines = [
    "# a comment",
    "",
    "../more/beside",
    "   ",
    join(packages, "..", "more", "again/"),
    "not-there",
    "../more/beside  ",
    "import os",
  ];
  writeFileSync(join(packages, "b.pth"), lines.join("\n"));
  writeFileSync(join(packages, "Z.pth"), "../more/deep/er\r\n");
  writeFileSync(join(packages, "a.pth"), "../more/again\n");
  writeFileSync(join(packages, ".hidden.pth"), "../more\n");
}

for (const { path: python, version } of pythons()) {
  describe(`Python ${version} (${python})`, () => {
    const make = async (name: string, options: { readonly systemSitePackages?: boolean; readonly more?: Variables } = {}) => {
      const host = hostWith(`${version}${python.startsWith("/usr") ? "-system" : ""} ${name}`, options.more);
      const created = await createEnvironment({
        host,
        path: "env",
        python,
        seed: [],
        ...(options.systemSitePackages === undefined ? {} : { systemSitePackages: options.systemSitePackages }),
      });
      return { host, root: created.environment.root, python: created.environment.python };
    };
    const withUserSite = (host: Host): void => {
      const release = version.split(".").slice(0, 2).join(".");
      const packages = join(host.home, ".local", "lib", `python${release}`, "site-packages");
      mkdirSync(packages, { recursive: true });
      writeFileSync(join(packages, "mine.pth"), "/tmp\n");
    };

    test("an environment", async () => {
      const { host, root, python } = await make("plain");
      withUserSite(host);
      await compare(root, python, host);
    });
    test("one that sees the packages of its base and of the user", async () => {
      const { host, root, python } = await make("sees", { systemSitePackages: true });
      withUserSite(host);
      await compare(root, python, host);
      await compare(root, python, { ...host, env: { ...host.env, PYTHONNOUSERSITE: "1" } });
    });
    test(".pth files", async () => {
      const { host, root, python } = await make("pth files");
      addPathFiles(sitePackages(root));
      await compare(root, python, host);
      const { path, startup } = await explain({ host, environment: root });
      const files = path.filter(({ source, file }) => source === "path-file" && file?.includes(".hidden") === false);
      const own = files.map(({ file, line }) => `${file?.slice(file.lastIndexOf("/") + 1)}:${line}`);
      expect(own).toEqual(["Z.pth:1", "a.pth:1", "b.pth:3"]);
      expect(startup.filter(({ line }) => line !== undefined)).toEqual([
        { file: join(sitePackages(root), "b.pth"), line: 8, text: "import os" },
      ]);
    });
    test("PYTHONPATH with relative, missing, doubled and empty parts", async () => {
      const { host, root, python } = await make("variable");
      const env = { ...host.env, PYTHONPATH: `relative:/nowhere::/tmp:/tmp:${sitePackages(root)}` };
      await compare(root, python, { ...host, env });
    });
    test("PYTHONSAFEPATH", async () => {
      const { host, root, python } = await make("safe", { more: { PYTHONSAFEPATH: "1" } });
      await compare(root, python, host);
    });
    test("an environment of an environment, and through a link", async () => {
      const { host, python: outer } = await make("outer");
      const inner = await createEnvironment({ host, path: "inner", python: outer, seed: [] });
      await compare(inner.environment.root, inner.environment.python, host);
      const link = join(host.cwd, "link to it");
      symlinkSync("inner", link);
      await compare(link, join(link, "bin", "python"), host);
    });
    test("pyvenv.cfg without include-system-site-packages counts as true", async () => {
      const { host, root, python } = await make("unsaid");
      const home = spawnSync("sed", ["-i", "/^include-system/d", join(root, "pyvenv.cfg")]);
      expect(home.status).toBe(0);
      await compare(root, python, host);
      expect((await explain({ host, environment: root })).notes.map(({ code }) => code)).toContain("system-site-packages");
    });
    test("the global Python", async () => {
      const host = hostWith(`${version} global${python.startsWith("/usr") ? "-system" : ""}`);
      withUserSite(host);
      await compare(python, python, host);
    });
  });
}
