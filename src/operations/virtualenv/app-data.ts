import {
  copyFile,
  isFolder,
  isPenError,
  isWritable,
  listFolder,
  makeFolders,
  makeTemporaryFolder,
  PenError,
  printableLine,
  removeTree,
  join,
  resolve,
} from "#foundation";
import type { Settings } from "../settings.ts";

/** What virtualenv calls application data, in pen: its cache folder. */
export interface AppDataOptions {
  /** `--app-data`: pen keeps what it caches in the folder `pen` below it. Undefined: pen's own cache folder. */
  readonly folder?: string | undefined;
  /** Write nothing into it: what has to be written goes into a folder of its own that is removed in the end. */
  readonly readOnly?: boolean;
  /** Forget which seeds were chosen, and what interpreters said. Wheels in the store stay: each is proven by its hash. */
  readonly reset?: boolean;
}

export interface AppData {
  /** Where to cache. */
  readonly cacheFolder: string;
  /** The folder as it was named, for messages. */
  readonly shown: string;
  /** True when `cacheFolder` is removed by `close`: nothing may point into it. */
  readonly isTemporary: boolean;
  close(): void;
}

/**
 * Opens the folder. One that cannot be written to is replaced by a temporary one. Errors: `FILE_SYSTEM` when a read-only folder does not
 * exist, `USAGE` when a read-only folder is to be reset or its name is blank.
 */
export async function openAppData(settings: Settings, options: AppDataOptions): Promise<AppData> {
  const { host } = settings;
  if (options.folder?.trim() === "") {
    throw new PenError("USAGE", "--app-data must not be empty", { hint: "Name a folder, or leave the option out." });
  }
  const folder = options.folder === undefined ? undefined : resolve(host.cwd, options.folder);
  const cacheFolder = folder === undefined ? settings.cacheFolder : join(folder, "pen");
  const shown = folder ?? cacheFolder;
  if (options.readOnly === true) return openReadOnly(settings, { cacheFolder, shown, reset: options.reset === true });
  if (options.reset === true) for (const name of ["seeds", "interpreters"]) removeTree(join(cacheFolder, name));
  if (canWrite(cacheFolder)) return { cacheFolder, shown, isTemporary: false, close: () => {} };
  settings.emit({
    type: "log",
    level: "debug",
    code: "app-data-temporary",
    message: `${printableLine(cacheFolder)} cannot be written to; a temporary folder takes its place.`,
  });
  return temporary(host.tmp, shown);
}

function temporary(parent: string, shown: string): AppData {
  const cacheFolder = makeTemporaryFolder(parent);
  return { cacheFolder, shown, isTemporary: true, close: () => removeTree(cacheFolder) };
}

function canWrite(folder: string): boolean {
  try {
    makeFolders(folder);
    return isWritable(folder);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return false;
    throw error;
  }
}

async function openReadOnly(settings: Settings, from: { cacheFolder: string; shown: string; reset: boolean }): Promise<AppData> {
  if (from.reset) {
    throw new PenError("USAGE", "--reset-app-data cannot be had together with --read-only-app-data", {
      hint: "Leave one of the two out.",
    });
  }
  if (!isFolder(from.shown)) {
    throw new PenError("FILE_SYSTEM", `The read-only folder of application data ${printableLine(from.shown)} does not exist`, {
      why: "With --read-only-app-data pen makes no such folder.",
      hint: "Name one that exists with --app-data, or leave --read-only-app-data out.",
      data: { path: from.shown },
    });
  }
  const { lendSeeds } = await import("./seed-lending.ts");
  const opened = temporary(settings.host.tmp, from.shown);
  try {
    copyNotes(join(from.cacheFolder, "interpreters", "v1"), join(opened.cacheFolder, "interpreters", "v1"));
    lendSeeds(from.cacheFolder, opened.cacheFolder);
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** Small files that are cheap to copy and no loss to miss. */
function copyNotes(from: string, to: string): void {
  if (!isFolder(from)) return;
  makeFolders(to);
  for (const { name, kind } of listFolder(from)) if (kind === "file") copyFile(join(from, name), join(to, name));
}
