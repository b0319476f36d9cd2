import { penVersion, PenError, type Host, basename } from "#foundation";
import type { Interpreter } from "#python";
import { launcherText } from "#standards";
import { activationScripts } from "./activation.ts";
import type { Entry } from "./entries.ts";
import { activatorFile, type ActivatorName } from "./activators.ts";
import { batchScripts } from "./activation-batch.ts";
import { hasLib64, headerFolders, isWindowsPython, libraryFolders, scriptsFolder } from "./layout.ts";
import { filesOnDisk, homeFolder, platformEntries, platformLibraries, type BaseFiles } from "./platform-files.ts";
import { inheritancePath, inheritanceText, inheritsKey } from "./inheritance.ts";
import type { PyvenvConfig } from "./types.ts";
import { formatPyvenvConfig } from "./pyvenv-config.ts";
import { virtualenvKeys } from "./virtualenv-config.ts";

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
  /** Which activation scripts to write; default all. */
  readonly activators?: readonly ActivatorName[] | undefined;
  /** Write what virtualenv writes too: its keys of `pyvenv.cfg`, and `CACHEDIR.TAG` even without `.gitignore`. */
  readonly asVirtualenv?: boolean | undefined;
  /** Environments (absolute paths) whose packages can be imported too, after its own, in this order. */
  readonly inherits?: readonly string[] | undefined;
  /** Write `relocatable = true`, as uv does: every environment of pen can be moved, and then says so. */
  readonly relocatable?: boolean | undefined;
  /** Packages are put in right after: pen's own folder, which that needs, stands there before the environment is one, and `isLeftUnseeded` knows one that never got them. */
  readonly seeded?: boolean | undefined;
  /** What stands in the base Python; default is the disk. */
  readonly base?: BaseFiles | undefined;
}

/** pen's own folder in an environment. */
export const ownFolder = ".pen";

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
  const folder = scriptsFolder(interpreter);
  const choice = { interpreter, copies: options.copies === true, base: options.base ?? filesOnDisk };
  const entries: Entry[] = [{ kind: "folder", path: folder }];
  entries.push(...platformEntries(choice));
  for (const path of libraryFolders(interpreter)) entries.push({ kind: "folder", path });
  if (hasLib64(interpreter)) entries.push({ kind: "link", path: "lib64", target: "lib", source: undefined });
  for (const path of headerFolders(interpreter)) entries.push({ kind: "folder", path });
  entries.push(...platformLibraries(choice));
  const { inherits = [] } = options;
  if (inherits.length > 0) entries.push({ kind: "file", path: inheritancePath(interpreter), text: inheritanceText(inherits, interpreter) });
  const scripts = options.activators?.map(activatorFile);
  for (const [name, text] of activationScripts())
    if (scripts?.includes(name) !== false) entries.push({ kind: "file", path: `${folder}/${name}`, text });
  const chosen = scripts?.length !== 0;
  if (chosen && isWindowsPython(interpreter))
    for (const [name, text] of batchScripts()) entries.push({ kind: "file", path: `${folder}/${name}`, text });
  else if (chosen) entries.push({ kind: "file", path: `${folder}/pydoc`, text: documentationCommand(), executable: true });
  if (options.vcsIgnore !== false) entries.push({ kind: "courtesy", path: ".gitignore", text: "*\n" });
  if (options.vcsIgnore !== false || options.asVirtualenv === true)
    entries.push({ kind: "courtesy", path: "CACHEDIR.TAG", text: cacheTag });
  if (options.seeded === true) entries.push({ kind: "folder", path: ownFolder });
  // Last of all: with it the folder is an environment, and a whole one.
  entries.push({ kind: "file", path: "pyvenv.cfg", text: formatPyvenvConfig(config) });
  return { entries, config };
}

/**
 * `bin/pydoc`, for which other tools define an alias when they activate: so that the documentation shown is that of the environment's Python and
 * packages. A command needs no shell, and nothing of the person's own is hidden in it.
 */
function documentationCommand(): string {
  return launcherText({ module: "pydoc", attribute: "cli" });
}

/** The signature that backup programs look for (bford.info/cachedir). */
const cacheTag =
  "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a virtual environment made by pen: it can be made again, backups may leave it out.\n";

const implementationNames: Readonly<Record<Interpreter["implementation"], string>> = {
  cpython: "CPython",
  pypy: "PyPy",
  graalpy: "GraalPy",
  other: "Python",
};

function configEntries({ host, interpreter, systemSitePackages, prompt, ...options }: ContentOptions): PyvenvConfig["entries"] {
  const home = homeFolder({ interpreter });
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
    // GraalPy's launcher on Windows asks for it.
    ...(interpreter.implementation === "graalpy" && isWindowsPython(interpreter)
      ? [["venvlauncher_command", interpreter.baseExecutable] as const]
      : []),
    ...(shown === undefined || shown === "" ? [] : [["prompt", shown] as const]),
    ["pen", penVersion],
    ...(options.relocatable === true ? [["relocatable", "true"] as const] : []),
    ...(options.inherits === undefined ? [] : options.inherits.map((root) => [inheritsKey, root] as const)),
    ...(options.asVirtualenv === true ? virtualenvKeys(interpreter) : []),
  ];
}
