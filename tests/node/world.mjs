/**
 * What the tests under Node stand on: a folder with a home, a cache and a package folder of its own. The wheels and the index are made
 * by the same code as in the tests under Bun, which is turned into JavaScript here.
 */
import { bunPath } from "../../scripts/bun-path.mjs";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readHost } from "pen-env";

export const root = join(import.meta.dirname, "..", "..");
export const bun = bunPath();
/** The program as npm would start it. */
export const program = join(root, "dist", "lib", "cli", "main.js");

// The library runs without a warning of Node.
process.on("warning", (warning) => {
  throw warning;
});

const built = mkdtempSync(join(tmpdir(), "pen-node-support-"));
process.on("exit", () => rmSync(built, { recursive: true, force: true }));

async function support(name) {
  const to = join(built, `${name}.mjs`);
  const { status, stderr } = spawnSync(
    bun,
    ["build", join(root, "tests", "support", `${name}.ts`), "--target=node", "--format=esm", `--outfile=${to}`],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`tests/support/${name}.ts cannot be built: ${stderr}`);
  return import(pathToFileURL(to).href);
}

const { buildWheel } = await support("wheels");
export const { startIndex } = await support("index-server");
export { buildWheel };

/** alpha 1.0 and 2.0 with a command, which needs beta 1.0, which needs nothing. */
export const wheels = [
  ...["1.0", "2.0"].map((version) =>
    buildWheel({
      name: "alpha",
      version,
      requires: ["beta>=1"],
      entryPoints: { console_scripts: { "alpha-says": "alpha:main" } },
      files: { "alpha/__init__.py": `import beta\ndef main():\n    print("alpha ${version} with beta", beta.__version__)\n` },
    }),
  ),
  buildWheel({ name: "beta", version: "1.0" }),
];

/** A world of one test. Nothing of the variables of this process is in it but PATH. */
export function openWorld() {
  const folder = mkdtempSync(join(tmpdir(), "pen-node-"));
  const [links, cwd, home] = ["links", "work", "home"].map((name) => join(folder, name));
  for (const path of [links, cwd, home]) mkdirSync(path);
  for (const { filename, bytes } of wheels) writeFileSync(join(links, filename), bytes);
  const env = { PATH: process.env["PATH"], HOME: home, TMPDIR: folder, PEN_CACHE_DIR: join(folder, "cache") };
  return {
    folder,
    links,
    cwd,
    env,
    host: readHost({ cwd, env }),
    indexes: { noIndex: true, findLinks: [links] },
    /** Runs the built program under Node to its end. */
    pen: (...args) => spawnSync(process.execPath, [program, ...args], { cwd, env, encoding: "utf8" }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
