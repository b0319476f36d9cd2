/** The door to many names below one folder, which is opened once: for thousands of files that is half the price of a path for each. */
import * as fs from "node:fs";
import { join } from "node:path";
import { fileSystemError } from "./errors.ts";
import { attempt } from "./file-errors.ts";
import { writeNew } from "./file-changes.ts";
import { type FileStatus, statusOf } from "./files.ts";
import { folderCalls, type PlainStatus } from "./runtime.ts";

/** A folder that is held open: names are found below it even when it is moved meanwhile. */
export interface OpenFolder {
  /** As `writeNew` for the file `name` in the folder or below it. */
  writeNew(name: string, content: Uint8Array, mode: number): void;
  /** As `statusOf`, with the least that there is to say; the value is good until the next call. */
  look(name: string): Pick<FileStatus, "kind" | "size" | "mtimeMs" | "mode"> | undefined;
  close(): void;
}

/** Opens an existing folder. Names are relative to it, with `/`. Errors: FILE_SYSTEM. */
export function openFolder(path: string): OpenFolder {
  const calls = folderCalls();
  if (calls === undefined) {
    return {
      writeNew: (name, content, mode) => writeNew(`${path}/${name}`, content, mode),
      look: (name) => statusOf(`${path}/${name}`),
      close: () => {},
    };
  }
  const descriptor = attempt("open the folder", path, () => openDescriptor(path));
  const raw: PlainStatus = { mode: 0, size: 0, mtimeMs: 0 };
  const status = { kind: "other" as FileStatus["kind"], mode: 0, size: 0, mtimeMs: 0 };
  const failure = (action: string, name: string, code: string): Error => failureOf(action, join(path, name), code);
  return {
    writeNew: (name, content, mode) => {
      const code = calls.writeNew(descriptor, name, content, mode);
      if (code !== undefined) throw failure("write", name, code);
    },
    look: (name) => {
      const code = calls.look(descriptor, name, raw);
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      if (code !== undefined) throw failure("look at", name, code);
      status.kind = kinds[raw.mode & fs.constants.S_IFMT] ?? "other";
      status.mode = raw.mode & 0o7777;
      status.size = raw.size;
      status.mtimeMs = raw.mtimeMs;
      return status;
    },
    close: () => fs.closeSync(descriptor),
  };
}

const kinds: Readonly<Record<number, FileStatus["kind"]>> = {
  [fs.constants.S_IFREG]: "file",
  [fs.constants.S_IFDIR]: "folder",
  [fs.constants.S_IFLNK]: "link",
};

/** Opens a folder for calls on names below it; the errors are those of the system. */
export function openDescriptor(path: string): number {
  return fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_DIRECTORY ?? 0));
}

/** FILE_SYSTEM for what one of {@link folderCalls} gave. */
export function failureOf(action: string, path: string, code: string): Error {
  return fileSystemError(action, path, Object.assign(new Error(`${code}: ${action} '${path}'`), { code }));
}
