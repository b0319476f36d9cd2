import {
  changeMode,
  copyFile,
  errnoOf,
  openHardLinks,
  PenError,
  setTime,
  statusOf,
  targetStatusOf,
  warn,
  type Emit,
  type HardLinks,
} from "#foundation";
import type { LinkMode } from "./types.ts";

/** The ways to make a file of the store appear in an environment. */
export type FileMode = "clone" | "hardlink" | "copy";

export interface Linker {
  /** Makes the file `from` of the store appear at `to`, which must not exist. */
  link(from: string, to: string): void;
  /** The mode in use after the fallbacks so far. */
  mode(): FileMode;
  close(): void;
}

/** The files that will be linked: `from[n]` of the store becomes `to[n]`. */
export interface LinkedFiles {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** What says that a mode cannot work between these two places, or on this file system. */
const impossible = new Set(["EXDEV", "EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL", "ENOTTY"]);

/**
 * A linker for `files` that starts with `wanted` and steps down (clone, hard link, copy) when the file system cannot. Stepping down from
 * a mode that a person asked for is told once; `auto` steps down in silence, but for the last step.
 */
export function createLinker(wanted: LinkMode, files: LinkedFiles, emit: Emit): Linker {
  const modes: FileMode[] = wanted === "auto" ? ["clone", "hardlink", "copy"] : wanted === "symlink" ? ["hardlink", "copy"] : order(wanted);
  let at = 0;
  let links: HardLinks | undefined;
  const make = (mode: FileMode, from: string, to: string): void =>
    mode === "hardlink" ? (links ??= openHardLinks(files.from, files.to)).link(from, to) : copy(mode, from, to);
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
    close: () => links?.close(),
    link: (from, to) => {
      for (;;) {
        try {
          return make(modes[at] ?? "copy", from, to);
        } catch (error) {
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
