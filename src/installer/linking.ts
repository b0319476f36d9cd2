import {
  changeMode,
  copyFile,
  errnoOf,
  hardLink,
  makeFolder,
  makeMany,
  PenError,
  setTime,
  statusOf,
  targetStatusOf,
  warn,
  type Emit,
  type MakingOptions,
  type ManyNames,
  type Unmade,
} from "#foundation";
import type { LinkMode } from "./types.ts";

/** The ways to make a file of the store appear in an environment. */
export type FileMode = "clone" | "hardlink" | "copy";

interface Linker {
  /** Makes the file `from` of the store appear at `to`, which must not exist. `failed` is why a hard link could not be made. */
  link(from: string, to: string, failed?: Error): void;
  /** The mode in use after the fallbacks so far. */
  mode(): FileMode;
}

/** The files that will be linked: `from[n]` of the store becomes `to[n]`. */
export interface LinkedFiles {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** What says that a mode cannot work between these two places, or on this file system. */
const impossible = new Set(["EXDEV", "EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL", "ENOTTY"]);

/**
 * A name of the store that another process replaces by an equal file (two compile the same module) has no file to be linked for a moment, and the system says
 * ENOENT of what is there: so often in a row it is tried again.
 */
const mostReplaced = 3;

interface LinkingOptions extends MakingOptions {
  readonly emit: Emit;
}

/** Milliseconds of work before signals and the screen get their turn, and how many files come between two looks at the clock. */
const breath = 30;
const stride = 64;

/** What comes to be in an environment. All paths are absolute. */
interface Placing {
  /** Parents first. */
  readonly folders: readonly string[];
  /** Each when the one before is whole. */
  readonly links: readonly LinkedFiles[];
}

/**
 * Makes folders, then files of the store appear in them, which must not exist. Starts with `wanted` and steps down (clone, hard link, copy) when
 * the file system cannot. Stepping down from a mode that a person asked for is told once; `auto` steps down in silence, but for the last step.
 * Gives the mode in use at the end. Errors: FILE_SYSTEM, FILE_CONFLICT, STORE_DAMAGED, and the reason of `signal`.
 */
export async function placeFiles({ folders, links }: Placing, wanted: LinkMode, options: LinkingOptions): Promise<FileMode> {
  const linker = createLinker(wanted, options.emit);
  const pause = pausesOf(options);
  const linkRest = async (lists: readonly LinkedFiles[], { left, failure }: Unmade): Promise<void> => {
    for (const [list, { from, to }] of lists.entries()) {
      for (const at of left[list] ?? []) {
        await pause();
        linker.link(from[at] ?? "", to[at] ?? "", failure?.list === list && failure.at === at ? failure.error : undefined);
      }
    }
  };
  const many = (lists: readonly LinkedFiles[]): ManyNames[] => lists.map(({ from, to }) => ({ existing: from, names: to }));
  if (linker.mode() === "hardlink") {
    const unmade = await makeMany([{ names: folders }, ...many(links)], options);
    makeRest(folders, unmade);
    await linkRest(links, withoutFirst(unmade));
    return linker.mode();
  }
  makeRest(folders, await makeMany([{ names: folders }], options));
  // One file tells whether it is hard links after all.
  const [first = { from: [], to: [] }, ...others] = links;
  if (first.to[0] !== undefined) linker.link(first.from[0] ?? "", first.to[0]);
  const rest = [{ from: first.from.slice(1), to: first.to.slice(1) }, ...others];
  await linkRest(rest, linker.mode() === "hardlink" ? await makeMany(many(rest), options) : { left: rest.map(({ to }) => [...to.keys()]) });
  return linker.mode();
}

function withoutFirst({ left, failure }: Unmade): Unmade {
  const [, ...others] = left;
  return failure === undefined || failure.list === 0 ? { left: others } : { left: others, failure: { ...failure, list: failure.list - 1 } };
}

/** What says nothing yet: something stands there already, or the thread that has the folder above is slower than another was patient. */
const mayStillBe = new Set(["EEXIST", "ENOENT"]);

/** The folders that were not made at once: the first list of `unmade`. */
function makeRest(folders: readonly string[], { left, failure }: Unmade): void {
  if (failure?.list === 0 && !mayStillBe.has(errnoOf(failure.error) ?? "")) throw failure.error;
  for (const at of left[0] ?? []) {
    const path = folders[at] ?? "";
    // A Python that runs meanwhile may have made a `__pycache__`; anything else there is not ours.
    if (!makeFolder(path) && statusOf(path)?.kind !== "folder")
      throw new PenError("FILE_CONFLICT", `${path} is in the way`, { why: "It appeared while pen was installing.", data: { path } });
  }
}

/** A function to be called before each file that is made by itself: now and then it lets signals and the screen have their turn. */
function pausesOf({ onProgress, signal }: LinkingOptions): () => Promise<void> | undefined {
  let [done, last] = [0, performance.now()];
  const rest = async (): Promise<void> => {
    onProgress?.(done);
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
  return () => {
    done += 1;
    return done % stride === 0 && performance.now() - last > breath ? rest() : undefined;
  };
}

function createLinker(wanted: LinkMode, emit: Emit): Linker {
  const modes: FileMode[] = wanted === "auto" ? ["clone", "hardlink", "copy"] : wanted === "symlink" ? ["hardlink", "copy"] : order(wanted);
  let at = 0;
  const make = (mode: FileMode, from: string, to: string): void => (mode === "hardlink" ? hardLink(from, to) : copy(mode, from, to));
  const stepDown = (error: unknown, to: string): void => {
    const failed = modes[at] ?? "copy";
    const next = modes[at + 1];
    if (next === undefined || !impossible.has(errnoOf(error) ?? "")) throw error;
    // A folder that may not be written to refuses every mode alike.
    if (isRefusedPlace(errnoOf(error), to)) throw error;
    at += 1;
    if (wanted === failed || next === "copy")
      warn(
        emit,
        "link-mode",
        `Files of the store cannot be ${failed === "clone" ? "cloned" : "hard-linked"} into this place (${errnoOf(error)}): using ${next}`,
      );
  };
  return {
    mode: () => modes[at] ?? "copy",
    link: (from, to, failed) => {
      let patience = mostReplaced;
      for (let known = failed; ; known = undefined) {
        try {
          if (known !== undefined) throw known;
          return make(modes[at] ?? "copy", from, to);
        } catch (error) {
          if (errnoOf(error) === "ENOENT" && (patience -= 1) >= 0 && statusOf(from) !== undefined) continue;
          // This one file has as many names as the file system allows.
          if (modes[at] === "hardlink" && errnoOf(error) === "EMLINK") return make("copy", from, to);
          stepDown(error, to);
        }
      }
    },
  };
}

function order(mode: FileMode): FileMode[] {
  return mode === "copy" ? ["copy"] : mode === "hardlink" ? ["hardlink", "copy"] : ["clone", "hardlink", "copy"];
}

function isRefusedPlace(errno: string | undefined, to: string): boolean {
  if (errno !== "EACCES" && errno !== "EPERM") return false;
  const folder = targetStatusOf(to.slice(0, to.lastIndexOf("/")));
  return folder === undefined || (folder.mode & 0o222) === 0;
}

function copy(mode: "clone" | "copy", from: string, to: string): void {
  const status = statusOf(from);
  if (status === undefined)
    throw new PenError("STORE_DAMAGED", `The store lost ${from}`, {
      hint: "Run the command again with --reinstall, or `pen cache verify`.",
      data: { path: from },
    });
  copyFile(from, to, { clone: mode === "clone" });
  // The copy is the environment's own: it may be edited, and its bytecode is checked against the time of the original.
  changeMode(to, (status.mode & 0o111) === 0 ? 0o644 : 0o755);
  setTime(to, status.mtimeMs);
}
