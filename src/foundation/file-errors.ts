import { fileSystemError } from "./errors.ts";

/** The answer of `work`; an error of the operating system names the path. */
export function attempt<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileSystemError(action, path, error);
  }
}

/** The errno name (`ENOENT`) of an error, also of a `FILE_SYSTEM` PenError; undefined for any other. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("data" in error && typeof error.data === "object" && error.data !== null && "errno" in error.data) return String(error.data.errno);
  return "code" in error && typeof error.code === "string" && error.code.startsWith("E") ? error.code : undefined;
}

/** The answer of `work`, or undefined when the file or a folder above it does not exist. */
export function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}
