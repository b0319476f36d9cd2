/** The real pip, put in by `pen venv`, at work in environments that link to the store: whatever it does, the store stays as it is. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pythonsThat } from "../support/pythons.ts";
import { crashProjects, served } from "./packages.ts";
import { faultsOf, makeWorld, storeDigest, treeOf, type World } from "./world.ts";

const bundled = "import ensurepip, os, sys; sys.exit(not os.path.isdir(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled')))";
const found = pythonsThat(bundled);
const missing = found.length > 0 ? "" : " (needs a Python with ensurepip)";
let world: World;

beforeAll(async () => {
  const metadata = served({ name: "pip", version: "0" });
  const pips = new Map(
    found.map(({ path }) => {
      const line =
        "import ensurepip, glob, os; print(glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled', 'pip-*.whl'))[0])";
      const wheel = spawnSync(path, ["-I", "-c", line], { encoding: "utf8" }).stdout.trim();
      const filename = wheel.slice(wheel.lastIndexOf("/") + 1);
      const requiresPython = filename.startsWith("pip-2") ? ">=3.7" : ">=3.6";
      return [
        filename,
        { ...metadata, filename, bytes: readFileSync(wheel), metadata: undefined as unknown as string, requiresPython },
      ] as const;
    }),
  );
  const files = [...pips.values()].map(({ metadata: _none, ...file }) => file);
  world = await makeWorld({ ...crashProjects(60), pip: files });
});
afterAll(() => world.close());

/** Runs a program of the environment; without blocking, because the index answers from this process. */
async function run(environment: string, words: readonly string[]): Promise<{ readonly status: number; readonly output: string }> {
  const [program = "", ...rest] = words;
  const child = spawn(join(environment, "bin", program), rest, {
    cwd: world.folder,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    env: { PATH: "/usr/bin:/bin", HOME: join(world.folder, "home"), LC_ALL: "C.UTF-8", TMPDIR: world.folder },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const status = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  return { status, output };
}

describe("no command of the real pip changes the store", () => {
  for (const mode of ["hardlink", "copy", "symlink"]) {
    test.skipIf(found.length === 0)(
      `--link-mode ${mode}${missing}`,
      async () => {
        const python = found[0]!;
        const environment = join(world.folder, `pip-${mode}`);
        await world.ok(["venv", "-p", python.path, "--link-mode", mode, "--index-url", world.index.indexUrl, environment]);
        const empty = treeOf(environment);
        expect(faultsOf(environment, empty)).toEqual([]);
        await world.ok(["pip", "install", ...world.at(environment), "--link-mode", mode, "app==1.0"]);
        // Where whole folders are links, an import by root leaves its bytecode in them, as for all environments that share them.
        const digestNow = (): string => storeDigest(world.cache, true, mode !== "symlink");
        const digest = digestNow();
        const index = ["--disable-pip-version-check", "--index-url", world.index.indexUrl];
        const versions = readdirSync(join(world.cache, "wheels", "v1")).filter((name) => /^[0-9a-f]{2}$/.test(name)).length;
        expect(versions).toBeGreaterThanOrEqual(5);
        const commands: string[][] = [
          ["pip", "list"],
          ["pip", "check"],
          ["pip", "install", ...index, "-U", "app==2.0"],
          ["pip", "install", ...index, "--force-reinstall", "app==1.0"],
          ["pip", "install", ...index, "--ignore-installed", "--no-deps", "many==1.0"],
          ["python", "-c", "import app, many, tools, space.one, space.two; assert many.__version__ == '1.0', many.__file__"],
          ["pip", "uninstall", "-y", "many", "space-one"],
          ["pip", "install", ...index, "--force-reinstall", "pip"],
          ["python", "-m", "pip", "install", ...index, "many==2.0", "--no-deps"],
          ["pip", "uninstall", "-y", "tools", "app", "many", "space-two"],
        ];
        for (const words of commands) {
          const { status, output } = await run(environment, words);
          const context = `${mode}: ${words.join(" ")}`;
          // What pen linked without a RECORD of its own, pip may refuse to remove; it must not remove it from the store.
          if (status !== 0 && (mode !== "symlink" || !output.includes("Cannot uninstall")))
            throw new Error(`${context} ended with ${status}: ${output}`);
          expect([context, digestNow()]).toEqual([context, digest]);
        }
        expect((await world.ok(["cache", "verify"])).stdout).toContain("0 problems");
        await run(environment, ["python", "-m", "pip", "uninstall", "-y", "pip"]);
        expect([mode, "pip away", digestNow()]).toEqual([mode, "pip away", digest]);
        expect(existsSync(join(environment, "bin", "python"))).toBe(true);
      },
      120_000,
    );
  }
});
