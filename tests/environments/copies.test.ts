/** `pen venv --copies` with Pythons that are linked to a shared library: the environment has its own, and starts with it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type Host } from "#foundation";
import { bundleEnvironment, createEnvironment } from "../../src/operations/index.ts";
import { cleanEnvironment, programOnPath } from "../support/interpreters.ts";
import { execute, program } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";

setDefaultTimeout(60_000);
const isLinux = process.platform === "linux";
const linked = (path: string): boolean =>
  spawnSync(path, ["-c", "print(any('/libpy' in line for line in open('/proc/self/maps')))"], { encoding: "utf8" }).stdout === "True\n";
const shared = isLinux ? pythons().findLast(({ path }) => linked(path)) : undefined;
const pypy = isLinux ? programOnPath("pypy3") : undefined;
const canTrace =
  spawnSync("strace", ["-qq", "-o", "/dev/null", "-e", "trace=symlink", "-e", "inject=symlink:error=EPERM:when=99", "true"]).status === 0;
const canHide = spawnSync("unshare", ["-rm", "true"]).status === 0;

describe.skipIf(!isLinux)("copies (needs Linux)", () => {
  let folder: string;
  let host: Host;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-copies-")));
    mkdirSync(join(folder, "work"));
    const env = { ...cleanEnvironment(join(folder, "home")), PEN_CACHE_DIR: join(folder, "cache"), PEN_DATA_DIR: join(folder, "data") };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

  const make = async (path: string, python: string | undefined, copies = true): Promise<string> =>
    (await createEnvironment({ host, path: join(folder, "work", path), python, seed: [], copies })).environment.root;
  const loaded = (root: string): string[] => {
    const code =
      "import sys; print(sys.prefix, *{l.split(None, 5)[5].strip() for l in open('/proc/self/maps') if '/libpy' in l}, sep='\\n')";
    return spawnSync(join(root, "bin", "python"), ["-c", code], { encoding: "utf8", env: {} })
      .stdout.trim()
      .split("\n");
  };
  const plain = (root: string): void => {
    for (const name of readdirSync(join(root, "bin"))) expect([name, lstatSync(join(root, "bin", name)).isFile()]).toEqual([name, true]);
  };

  test.skipIf(shared === undefined)("a shared libpython comes along (needs a Python that is linked to one)", async () => {
    const root = await make("env", shared?.path);
    plain(root);
    expect(readdirSync(join(root, "lib")).some((name) => name.startsWith("libpython"))).toBe(true);
    expect(loaded(root)[0]).toBe(root);
  });
  test.skipIf(shared === undefined)(
    "where the Python finds it by its own place, the environment starts with its own, also moved (needs one linked so)",
    async () => {
      const first = await make("plain", shared?.path, false);
      const { bundle } = await bundleEnvironment({ host, environment: first, out: "base", slim: true });
      const root = await make("env-of-bundle", join(bundle, "bin", "python"));
      plain(root);
      const [prefix, library = ""] = loaded(root);
      expect([prefix, library.startsWith(`${root}/lib/libpython`)]).toEqual([root, true]);
      const moved = join(folder, "work", "moved env");
      spawnSync("mv", [root, moved]);
      expect(loaded(moved)).toEqual([moved, library.replace(root, moved)]);
      // And one of links, from the same Python.
      const links = await make("links", join(bundle, "bin", "python"), false);
      expect(loaded(links)).toEqual([links, expect.stringContaining(`${bundle}/`) as string]);
    },
  );
  test.skipIf(pypy === undefined)("PyPy's library stands beside the executable, and is the one that is used (needs pypy3)", async () => {
    const root = await make("pypy", pypy);
    plain(root);
    const [prefix, library = ""] = loaded(root);
    expect(prefix).toBe(root);
    expect(library).toStartWith(`${root}/bin/libpypy`);
    const system = spawnSync(
      pypy ?? "",
      ["-c", "print([l.split(None, 5)[5].strip() for l in open('/proc/self/maps') if '/libpypy' in l][0])"],
      { encoding: "utf8" },
    ).stdout.trim();
    if (!canHide || !existsSync(system)) return;
    // Even when the system's is gone.
    const words = [
      "-rm",
      "sh",
      "-c",
      `mount --bind /dev/null '${system}' && exec "$@"`,
      "sh",
      join(root, "bin", "python"),
      "-c",
      "print('up')",
    ];
    expect(spawnSync("unshare", words, { encoding: "utf8" }).stdout).toBe("up\n");
  });
  test.skipIf(!canTrace)(
    "where the file system has no links, copies stand in for them (needs strace, and the right to trace)",
    async () => {
      for (const [number, path] of [pythons()[0]?.path, pythons().at(-1)?.path].entries()) {
        const root = join(folder, "work", `no links ${number}`);
        const inject = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=symlink,symlinkat", "-e", "inject=symlink,symlinkat:error=EPERM"];
        const words = [program(), "venv", "-q", "--no-seed", "--python", path ?? "", root];
        const made = await execute("strace", [...inject, ...words], { cwd: join(folder, "work"), env: host.env as Record<string, string> });
        expect([made.status, made.stderr]).toEqual([0, ""]);
        plain(root);
        expect(existsSync(join(root, "lib64"))).toBe(false);
        expect(loaded(root)[0]).toBe(root);
      }
    },
  );
});
