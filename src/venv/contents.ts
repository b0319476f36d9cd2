import { basename, dirname } from "node:path";
import { penVersion, PenError, type Host } from "#foundation";
import type { Interpreter } from "#python";
import { activationScripts } from "./activation.ts";
import { executableAliases, hasLib64, headerFolders, libraryFolders } from "./layout.ts";
import type { PyvenvConfig } from "./types.ts";
import { formatPyvenvConfig } from "./pyvenv-config.ts";

/** One entry of an environment; paths are relative to its root, and a folder comes before what is in it. */
export type Entry =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  /** Written only where nothing stands: whoever has such a file means it. */
  | { readonly kind: "courtesy"; readonly path: string; readonly text: string }
  /** `source` is copied where the file system has no symbolic links; without it there is then no entry. */
  | { readonly kind: "link"; readonly path: string; readonly target: string; readonly source: string | undefined }
  | { readonly kind: "copy"; readonly path: string; readonly source: string };

export interface ContentOptions {
  readonly host: Host;
  readonly interpreter: Interpreter;
  /** Packages of the base Python can be imported too. Default false. */
  readonly systemSitePackages?: boolean | undefined;
  /** The name shown while the environment is active; `.` is the name of the working directory. Default: the name of the environment's folder, wherever it stands. */
  readonly prompt?: string | undefined;
  /** Copy the executable instead of linking to it. */
  readonly copies?: boolean | undefined;
  /** `.gitignore` and `CACHEDIR.TAG`. Default true. */
  readonly vcsIgnore?: boolean | undefined;
}

/**
 * Everything that stands in a new environment. `pyvenv.cfg` and `bin/python` come first, so that an environment whose making was
 * killed is known for one. No entry holds the environment's own place: it can be moved.
 */
export function environmentContents(options: ContentOptions): {
  readonly entries: readonly Entry[];
  readonly config: PyvenvConfig["entries"];
} {
  const { interpreter } = options;
  const config = configEntries(options);
  const entries: Entry[] = [{ kind: "folder", path: "bin" }];
  entries.push(...executables(options));
  for (const path of libraryFolders(interpreter)) entries.push({ kind: "folder", path });
  if (hasLib64(interpreter)) entries.push({ kind: "link", path: "lib64", target: "lib", source: undefined });
  for (const path of headerFolders(interpreter)) entries.push({ kind: "folder", path });
  if (options.copies === true && interpreter.sharedLibrary !== undefined) {
    // Where the executable's own search path finds it: PyPy looks beside itself, CPython in ../lib.
    const folder = interpreter.implementation === "pypy" ? "bin" : "lib";
    entries.push({ kind: "copy", path: `${folder}/${basename(interpreter.sharedLibrary)}`, source: interpreter.sharedLibrary });
  }
  for (const [name, text] of activationScripts()) entries.push({ kind: "file", path: `bin/${name}`, text });
  if (options.vcsIgnore !== false) {
    entries.push({ kind: "courtesy", path: ".gitignore", text: "*\n" }, { kind: "courtesy", path: "CACHEDIR.TAG", text: cacheTag });
  }
  // Last of all: with it the folder is an environment, and a whole one.
  entries.push({ kind: "file", path: "pyvenv.cfg", text: formatPyvenvConfig(config) });
  return { entries, config };
}

/** The signature that backup programs look for (bford.info/cachedir). */
const cacheTag =
  "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a virtual environment made by pen: it can be made again, backups may leave it out.\n";

function executables({ interpreter, copies }: ContentOptions): Entry[] {
  const base = interpreter.baseExecutable;
  const names = executableAliases(interpreter).map((name) => `bin/${name}`);
  if (copies === true) return ["bin/python", ...names].map((path) => ({ kind: "copy", path, source: base }));
  return [
    { kind: "link", path: "bin/python", target: base, source: base },
    ...names.map((path): Entry => ({ kind: "link", path, target: "python", source: base })),
  ];
}

const implementationNames: Readonly<Record<Interpreter["implementation"], string>> = {
  cpython: "CPython",
  pypy: "PyPy",
  graalpy: "GraalPy",
  other: "Python",
};

function configEntries({ host, interpreter, systemSitePackages, prompt }: ContentOptions): PyvenvConfig["entries"] {
  const home = dirname(interpreter.baseExecutable);
  if (home.trim() !== home) {
    throw new PenError("TARGET_UNSUPPORTED", `An environment cannot point at a Python in ${JSON.stringify(home)}`, {
      why: "The path begins or ends with a blank, and pyvenv.cfg (PEP 405) has no way to write that.",
      hint: "Rename the folder, or use another Python.",
    });
  }
  const shown = prompt === "." ? basename(host.cwd) : prompt;
  return [
    ["home", home],
    ["implementation", implementationNames[interpreter.implementation]],
    ["version", interpreter.version],
    ["version_info", interpreter.versionInfo.join(".")],
    ["include-system-site-packages", systemSitePackages === true ? "true" : "false"],
    ["executable", interpreter.baseExecutable],
    ...(shown === undefined || shown === "" ? [] : [["prompt", shown] as const]),
    ["pen", penVersion],
  ];
}
