/**
 * Programs that stand in for interpreters, and a machine of their own to put them on. For the tests of finding and asking Pythons;
 * nothing here touches the real home or cache.
 */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";

export interface Machine {
  /** A new folder, with all links resolved. */
  readonly root: string;
  readonly home: string;
  readonly cacheFolder: string;
  readonly host: Host;
  /** Options for a search that sees nothing but this machine. */
  readonly search: { readonly host: Host; readonly cacheFolder: string; readonly systemFolders: readonly string[] };
  /** The same with other variables or another working directory. */
  with(changes: Partial<Host>): { readonly host: Host; readonly cacheFolder: string; readonly systemFolders: readonly string[] };
  remove(): void;
}

export function makeMachine(name = "pen python test"): Machine {
  const root = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), `${name} `));
  const home = join(root, "home");
  fs.mkdirSync(join(root, "work"), { recursive: true });
  fs.mkdirSync(home);
  const cacheFolder = join(root, "cache");
  const host = readHost({ env: { PATH: join(root, "bin"), HOME: home }, home, cwd: join(root, "work") });
  const search = { host, cacheFolder, systemFolders: [] };
  return {
    root,
    home,
    cacheFolder,
    host,
    search,
    with: (changes) => ({ ...search, host: { ...host, ...changes, env: { ...host.env, ...changes.env } } }),
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

/** Writes an executable `sh` script. `body` sees the marker of the question as `$mark`. */
export function writeScript(path: string, body: string): string {
  fs.mkdirSync(dirname(path), { recursive: true });
  // Written elsewhere and moved: a script that is open for writing in another process cannot be started (ETXTBSY).
  fs.writeFileSync(`${path}.new`, `#!/bin/sh\nPATH=/usr/bin:/bin\nfor mark; do :; done\n${body}\n`, { mode: 0o755 });
  fs.renameSync(`${path}.new`, path);
  return path;
}

export interface StandIn {
  readonly version?: string;
  readonly implementation?: string;
  readonly prefix?: string;
  readonly freeThreaded?: boolean;
  /** Merged over the answer, to make it wrong. */
  readonly answer?: Readonly<Record<string, unknown>>;
  /** Shell commands before and after the answer. */
  readonly before?: string;
  readonly after?: string;
}

/** Writes a program that answers like a Python of that version, and counts its starts in `<path>.starts`. */
export function writeStandIn(path: string, options: StandIn = {}): string {
  const answer = JSON.stringify({ ...answerOf(path, options), ...options.answer });
  const frame = `printf '\\n<%s:%s:%s>\\n' "$mark" ${quote(answer)} "$mark"`;
  return writeScript(path, [`echo >>${quote(`${path}.starts`)}`, options.before ?? "", frame, options.after ?? ""].join("\n"));
}

/** How often the stand-in at `path` was started. */
export function startsOf(path: string): number {
  return fs.existsSync(`${path}.starts`) ? fs.readFileSync(`${path}.starts`).length : 0;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function answerOf(path: string, options: StandIn = {}): Record<string, unknown> {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?$/.exec(options.version ?? "3.12.1");
  const [major, minor, micro] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  const level = { a: "alpha", b: "beta", rc: "candidate" }[match?.[4] ?? ""] ?? "final";
  const info = [major, minor, micro, level, Number(match?.[5] ?? 0)];
  const prefix = options.prefix ?? dirname(dirname(path));
  const implementation = options.implementation ?? "cpython";
  const threading = options.freeThreaded === true ? "t" : "";
  const stdlib = join(prefix, "lib", `python${major}.${minor}`);
  const site = join(stdlib, "site-packages");
  return {
    executable: path,
    base_executable: path,
    config: null,
    version_info: info,
    full_version: options.version ?? "3.12.1",
    implementation,
    implementation_name: implementation === "pypy" ? "PyPy" : "CPython",
    implementation_version: implementation === "pypy" ? [7, 3, 17, "final", 0] : info,
    own_version: implementation === "pypy" ? [7, 3] : [major, minor],
    cache_tag: `${implementation}-${major}${minor}`,
    platlibdir: "lib",
    abiflags: threading,
    pointer_bits: 64,
    prefix,
    base_prefix: prefix,
    os_name: "posix",
    sys_platform: "linux",
    system: ["Linux", "6.1.0", "#1 SMP", "x86_64"],
    platform: "linux-x86_64",
    mac_version: null,
    libc: "glibc 2.36",
    library: null,
    paths: {
      stdlib,
      platstdlib: stdlib,
      purelib: site,
      platlib: site,
      scripts: dirname(path),
      data: prefix,
      include: join(prefix, "include"),
    },
    variables: {
      EXT_SUFFIX:
        implementation === "pypy"
          ? `.pypy${major}${minor}-pp73-x86_64-linux-gnu.so`
          : `.cpython-${major}${minor}${threading}-x86_64-linux-gnu.so`,
      SOABI: null,
      Py_GIL_DISABLED: options.freeThreaded === true ? 1 : 0,
      Py_DEBUG: 0,
      Py_ENABLE_SHARED: 0,
      LIBDIR: null,
      INSTSONAME: null,
      LDLIBRARY: null,
      PYTHONFRAMEWORKPREFIX: "",
      WHEEL_PKG_DIR: null,
    },
  };
}
