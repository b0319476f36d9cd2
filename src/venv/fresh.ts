/** Making an environment where nothing stands, which is nearly always so. What else there may be is judged in creation.ts. */
import { errnoOf, excerpt, makeFolder, makeFolders, pathExists, PenError, removeTree, join, resolve } from "#foundation";
import { environmentContents, type ContentOptions } from "./contents.ts";
import { environmentPaths, foldersAbove } from "./layout.ts";
import { buildFresh } from "./making.ts";
import { executablePath } from "./platform-files.ts";
import { pyvenvConfig } from "./pyvenv-config.ts";
import type { Environment, PyvenvConfig } from "./types.ts";

/** What shall stand in the environment, and where and how it is made. */
export interface CreateEnvironmentOptions extends Omit<ContentOptions, "base"> {
  /** Where: absolute, or under the working directory. */
  readonly root: string;
  /** Delete what is in the folder first. */
  readonly clear?: boolean | undefined;
  /** Use a folder that is not empty; what is in it stays, and so does what the environment inherits unless that is said anew. */
  readonly allowExisting?: boolean | undefined;
  /** With `clear`, also a folder that is not an environment; with `allowExisting`, also over files of the same names. */
  readonly force?: boolean | undefined;
}

/**
 * As `createEnvironment`, where nothing stands at the place; undefined, with nothing done, where something does. Errors: TARGET_UNSUPPORTED,
 * INVALID_CONFIG, FILE_SYSTEM.
 */
export function makeFresh(options: CreateEnvironmentOptions): Environment | undefined {
  const root = usableRoot(options);
  const { entries, config } = environmentContents(options);
  const first = makeRoot(root);
  if (first === undefined) return undefined;
  try {
    buildFresh(root, entries);
  } catch (error) {
    // EEXIST: another program has taken the empty folder meanwhile, which shows at the first entry.
    if (errnoOf(error) !== "EEXIST") removeTree(first);
    throw error;
  }
  return environmentOf(root, options, config);
}

/** The environment that was made at `root`. */
export function environmentOf(
  root: string,
  { interpreter }: Pick<CreateEnvironmentOptions, "interpreter">,
  config: PyvenvConfig["entries"],
): Environment {
  return {
    root,
    python: join(root, executablePath(interpreter)),
    paths: environmentPaths(root, interpreter),
    interpreter,
    config: pyvenvConfig(config),
  };
}

/** The absolute path, when an environment can stand there. */
export function usableRoot({ host, root, seeded }: CreateEnvironmentOptions): string {
  const isWindows = host.platform === "win32";
  if (isWindows && seeded === true) {
    throw new PenError("TARGET_UNSUPPORTED", "pen cannot put packages into environments on Windows yet", {
      why: "What holds other programs off while it installs is not written for Windows.",
      hint: "Make it without packages (pen venv --no-seed), then type in it: python -m ensurepip",
    });
  }
  const refuse = (why: string) =>
    new PenError("TARGET_UNSUPPORTED", `An environment cannot stand at ${excerpt(root, 200)}`, {
      why,
      hint: "Choose another path, for example .venv",
      data: { path: root },
    });
  if (root === "") throw refuse("The path is empty.");
  if (root.includes("\0")) throw refuse("The path holds a NUL character.");
  const absolute = resolve(host.cwd, root);
  const separator = isWindows ? ";" : ":";
  if (absolute.includes(separator))
    throw refuse(
      `The path holds a ${isWindows ? "semicolon" : "colon"} ('${separator}'), which separates the folders of PATH: the environment could not be activated.`,
    );
  return absolute;
}

/** Makes the folder and those above it: the topmost one that is new, or undefined when something stands at `root`. */
function makeRoot(root: string): string | undefined {
  try {
    return makeFolder(root) ? root : undefined;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  let first = root;
  for (const folder of foldersAbove(root)) {
    if (pathExists(folder)) break;
    first = folder;
  }
  try {
    makeFolders(root);
  } catch (error) {
    removeTree(first);
    throw error;
  }
  return first;
}
