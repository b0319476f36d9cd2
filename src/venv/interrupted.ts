import { isTemporaryName, listFolder, readBytes, readLink, statusOf, type FolderEntry, join } from "#foundation";
import type { Entry } from "./entries.ts";
import { isEnvironment } from "./safety.ts";

/**
 * True when all that stands in `root` is what a command that made these very entries and was killed leaves: some of them, the last file
 * perhaps only begun. Going on then overwrites nothing of anybody else's. What is in the folders `passedBy` does not count.
 */
export function isUnfinished(root: string, entries: readonly Entry[], passedBy: readonly string[] = []): boolean {
  const expected = new Map(entries.map((entry) => [entry.path, entry]));
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const found of listFolder(join(root, folder))) {
      const path = folder === "" ? found.name : `${folder}/${found.name}`;
      if (
        !isBegun(join(root, path), found, { entry: expected.get(path), hasBelow: entries.some((one) => one.path.startsWith(`${path}/`)) })
      )
        return false;
      if (found.kind === "folder" && !passedBy.includes(path)) waiting.push(path);
    }
  }
  return true;
}

function isBegun(path: string, found: FolderEntry, { entry, hasBelow }: { entry: Entry | undefined; hasBelow: boolean }): boolean {
  if (found.kind === "folder") return hasBelow || entry?.kind === "folder";
  switch (entry?.kind) {
    case "file":
    case "courtesy":
      return found.kind === "file" && isStartOf(Buffer.from(entry.text), path);
    case "copy":
      return found.kind === "file" && isStartOf(readBytes(entry.source), path);
    case "link":
      return found.kind === "link" && readLink(path) === entry.target;
    case "folder":
    case undefined:
      return false;
  }
}

function isStartOf(whole: Uint8Array, path: string): boolean {
  const begun = readBytes(path);
  return begun.length <= whole.length && Buffer.compare(begun, whole.subarray(0, begun.length)) === 0;
}

/**
 * True when a command was killed while it wrote `pyvenv.cfg`, the last of all: the file is there, without the end of what was to be in it. A
 * command that is at it this very moment is waited for.
 */
export function isCutOff(root: string, entries: readonly Entry[]): boolean {
  const config = entries.find(({ path }) => path === "pyvenv.cfg");
  const path = join(root, "pyvenv.cfg");
  if (config?.kind !== "file") return false;
  const whole = Buffer.from(config.text);
  const isBegun = (): boolean => {
    const status = statusOf(path);
    return status?.kind === "file" && status.size < whole.length && isStartOf(whole, path);
  };
  if (!isBegun()) return false;
  pause(stillness.empty);
  return isBegun();
}

const pause = (milliseconds: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/**
 * True when a command that was replacing the environment in `root` was killed between its moves: the old one, or the new one, then stands
 * whole in a temporary folder inside.
 */
export function isBeingReplaced(root: string): boolean {
  return listFolder(root).some(({ name, kind }) => kind === "folder" && isTemporaryName(name) && isEnvironment(join(root, name)));
}

/** How long a folder must lie still before nobody is at work in it, in milliseconds: one that holds nothing yet, and one that holds something. */
const stillness = { empty: 20, begun: 300 } as const;

/**
 * Lets another program that is just now making an environment in `root` come to its end, which takes it a few milliseconds. What lies still, a killed
 * command's leftovers for example, is not waited for.
 */
export function letOthersFinish(root: string, now: () => number): void {
  let seen = "";
  let since = now();
  for (;;) {
    if (statusOf(join(root, "pyvenv.cfg")) !== undefined) return;
    const { newest, state, isEmpty } = traces(root);
    if (state !== seen) {
      seen = state;
      // A clock that differs from the file system's must not hold anybody up: then only what is seen to change counts.
      since = seen === "" || newest > now() ? now() : newest;
    }
    if (now() - since >= (isEmpty ? stillness.empty : stillness.begun)) return;
    pause(5);
  }
}

/** What changes with each entry that is made: the folders, and when something was last put into one. */
function traces(root: string): { readonly newest: number; readonly state: string; readonly isEmpty: boolean } {
  let newest = 0;
  const state: string[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const time = statusOf(folder)?.mtimeMs;
    if (time === undefined) continue;
    newest = Math.max(newest, time);
    state.push(`${folder}:${time}`);
    // No entry that is made stands deeper than lib/python3.12/site-packages.
    if (state.length > 50) break;
    for (const { name, kind } of listFolder(folder)) if (kind === "folder") waiting.push(join(folder, name));
  }
  return { newest, state: state.join("\n"), isEmpty: state.length === 1 && listFolder(root).length === 0 };
}
