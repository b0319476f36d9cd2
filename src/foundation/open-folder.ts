/** The door to many names below one folder, which is opened once: for thousands of files that is half the price of a path for each. */
import { join } from "./paths.ts";
import { fs } from "./builtins.ts";
import { fileSystemError } from "./errors.ts";
import { attempt } from "./file-errors.ts";
import { writeNew } from "./file-changes.ts";
import { folderCalls } from "./folder-calls.ts";

/** A folder that is held open: names are found below it even when it is moved meanwhile. */
export interface OpenFolder {
  /** As `writeNew` for the file `name` in the folder or below it. */
  writeNew(name: string, content: Uint8Array, mode: number): void;
  close(): void;
}

/** Opens an existing folder. Names are relative to it, with `/`. Errors: FILE_SYSTEM. */
export function openFolder(path: string): OpenFolder {
  const calls = folderCalls();
  if (calls === undefined) {
    return {
      writeNew: (name, content, mode) => writeNew(`${path}/${name}`, content, mode),
      close: () => {},
    };
  }
  const descriptor = attempt("open the folder", path, () =>
    fs().openSync(path, fs().constants.O_RDONLY | (fs().constants.O_DIRECTORY ?? 0)),
  );
  return {
    writeNew: (name, content, mode) => {
      const code = calls.writeNew(descriptor, name, content, mode);
      if (code !== undefined) throw failureOf("write", join(path, name), code);
    },
    close: () => fs().closeSync(descriptor),
  };
}

/** FILE_SYSTEM for what one of {@link folderCalls} gave. */
export function failureOf(action: string, path: string, code: string): Error {
  return fileSystemError(action, path, Object.assign(new Error(`${code}: ${action} '${path}'`), { code }));
}
