const table = {
  USAGE: { exit: 2, meaning: "The command line is not understood." },
  UNKNOWN_COMMAND: { exit: 1, meaning: "pip has no such command." },
  NOTHING_NAMED: { exit: 1, meaning: "The command was given nothing to work on." },
  OPTION_CONFLICT: { exit: 1, meaning: "Options were given that cannot be used together, or not for this." },
  INVALID_VERSION: { exit: 2, meaning: "A version does not follow PEP 440." },
  INVALID_SPECIFIER: { exit: 2, meaning: "A version specifier does not follow PEP 440." },
  INVALID_MARKER: { exit: 2, meaning: "An environment marker does not follow PEP 508." },
  INVALID_REQUIREMENT: { exit: 1, meaning: "A requirement does not follow PEP 508." },
  INVALID_NAME: { exit: 2, meaning: "A project or extra name does not follow PEP 503/508." },
  INVALID_TAG: { exit: 2, meaning: "A compatibility tag does not follow PEP 425." },
  INVALID_FILENAME: { exit: 1, meaning: "A distribution file name does not follow PEP 427/625." },
  INVALID_METADATA: { exit: 1, meaning: "Core metadata of a distribution cannot be read." },
  INVALID_RECORD: { exit: 1, meaning: "A RECORD file is malformed." },
  INVALID_ENTRY_POINT: { exit: 1, meaning: "An entry point is malformed or unsafe." },
  INVALID_HASH: { exit: 2, meaning: "A hash is not written as `algorithm:digest`, or its algorithm is not known." },
  INVALID_DIRECT_URL: { exit: 1, meaning: "A direct_url.json is malformed." },
  INVALID_LOCK: { exit: 1, meaning: "A lock file is malformed." },
  INVALID_PROJECT: { exit: 1, meaning: "A project file is malformed." },
  INVALID_ADVISORY: { exit: 1, meaning: "A vulnerability database is malformed, or answered wrongly." },
  INVALID_CONFIG: { exit: 2, meaning: "A configuration value is not understood." },
  INVALID_WHEEL: { exit: 1, meaning: "A wheel is broken or hostile and was refused." },
  NOT_CONFIGURED: { exit: 1, meaning: "The configuration does not hold the key." },
  REQUIREMENTS_FILE: { exit: 1, meaning: "A requirements file cannot be read or has a syntax error." },
  PYTHON_NOT_FOUND: { exit: 1, meaning: "No Python interpreter fits the request." },
  PYTHON_BROKEN: { exit: 1, meaning: "A Python interpreter crashed, hung or answered rubbish." },
  ENV_NOT_FOUND: { exit: 1, meaning: "There is no virtual environment to work in." },
  ENV_BROKEN: { exit: 1, meaning: "The virtual environment is damaged, or its base Python is gone." },
  ENV_EXISTS: { exit: 1, meaning: "The place for the environment is already in use." },
  EXTERNALLY_MANAGED: { exit: 1, meaning: "The command would write into a global Python: the golden rule forbids it." },
  PACKAGE_NOT_FOUND: { exit: 1, meaning: "No index knows this project." },
  NOT_INSTALLED: { exit: 1, meaning: "The package is not installed in the environment." },
  RESOLUTION_CONFLICT: { exit: 1, meaning: "The requirements cannot all hold." },
  BUILD_REQUIRED: { exit: 1, meaning: "There is no usable wheel, and pen may not build from source here." },
  BUILD_REFUSED: { exit: 1, meaning: "A source would have to be built, and nobody has allowed that." },
  BUILD_FAILED: { exit: 1, meaning: "Building a source failed: its build backend crashed, hung or answered wrongly." },
  INVALID_SOURCE: { exit: 1, meaning: "A source archive or project is broken or hostile and was refused." },
  HASH_MISMATCH: { exit: 1, meaning: "A file is not the one that was promised by its hash." },
  HASH_REQUIRED: { exit: 1, meaning: "A hash is required and missing." },
  AUTH_REQUIRED: { exit: 1, meaning: "The index asks for credentials, or refused those given." },
  NETWORK: { exit: 1, meaning: "An index or file host cannot be reached, or answered wrongly." },
  OFFLINE: { exit: 1, meaning: "The network is needed and --offline is set." },
  LOCK_HELD: { exit: 1, meaning: "Another process holds the lock and did not let go in time." },
  FILE_SYSTEM: { exit: 1, meaning: "The operating system refused a file operation." },
  FILE_CONFLICT: { exit: 1, meaning: "Two distributions want the same file." },
  STORE_DAMAGED: { exit: 1, meaning: "The store holds a damaged entry that could not be healed." },
  PROCESS_FAILED: { exit: 1, meaning: "A program that pen started failed." },
  TARGET_UNSUPPORTED: { exit: 1, meaning: "This platform or Python cannot do what was asked." },
  CHECK_FAILED: { exit: 1, meaning: "A check found problems (for example broken requirements)." },
  CANCELLED: { exit: 130, meaning: "The command was interrupted." },
  INTERNAL: { exit: 70, meaning: "A defect in pen itself." },
} as const;

export type PenErrorCode = keyof typeof table;

/** Every error code pen can end with, and the exit status of the program for it. The reference page is generated from this table. */
export const errorCodes: Readonly<Record<PenErrorCode, { readonly exit: number; readonly meaning: string }>> = table;

/** JSON data that travels with an error, for programs. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface PenErrorDetails {
  /** Why it happened; whole sentences, several lines allowed. */
  readonly why?: string;
  /** What to type or do next. */
  readonly hint?: string;
  /** Facts for programs. */
  readonly data?: { readonly [key: string]: JsonValue };
  readonly cause?: unknown;
}

/**
 * The one error that pen throws on purpose. `message` says what happened in one line, `why` the reason,
 * `hint` the next thing to type. Recognise it by `code` (see {@link isPenError}), not by `instanceof`.
 */
export class PenError extends Error {
  override readonly name = "PenError";
  readonly code: PenErrorCode;
  readonly why: string | undefined;
  readonly hint: string | undefined;
  readonly data: { readonly [key: string]: JsonValue };

  constructor(code: PenErrorCode, message: string, details: PenErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.why = details.why;
    this.hint = details.hint;
    this.data = details.data ?? {};
  }
}

/** True for a PenError, also one made by another copy of this library; with `code`, only for that code. */
export function isPenError(error: unknown, code?: PenErrorCode): error is PenError {
  if (!(error instanceof Error) || error.name !== "PenError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}

/** A PenError for an operating-system error on `path`; anything that is no such error is returned as it is. */
export function fileSystemError(action: string, path: string, error: unknown): Error {
  if (isPenError(error)) return error;
  if (!(error instanceof Error)) return new PenError("INTERNAL", `Could not ${action} ${path}`, { cause: error });
  const errno = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (errno === undefined) return error;
  const [why, hint] = explainErrno(errno);
  return new PenError("FILE_SYSTEM", `Could not ${action} ${path}`, {
    why: `${why} (${errno})`,
    ...(hint === undefined ? {} : { hint }),
    data: { path, errno },
    cause: error,
  });
}

const errnoTexts: Record<string, readonly [why: string, hint?: string]> = {
  ENOENT: ["It does not exist"],
  EACCES: ["You have no permission for it", "Check the owner and mode of the folder, or choose another place."],
  EPERM: ["The operation is not permitted on it"],
  EROFS: ["The file system is read-only", "Choose a place that can be written to."],
  ENOSPC: ["The disk is full", "Free some space (`pen cache size` shows pen's share) and run the command again."],
  EFBIG: ["The file would be larger than may be", "Look at `ulimit -f`, and at what the file system takes."],
  EDQUOT: ["Your disk quota is used up", "Free some space and run the command again."],
  EEXIST: ["It exists already"],
  ENOTDIR: ["A part of the path is not a folder"],
  EISDIR: ["It is a folder"],
  ENOTEMPTY: ["The folder is not empty"],
  ELOOP: ["Symbolic links lead in a circle"],
  ENAMETOOLONG: ["The path is too long for this file system", "Use a shorter path."],
  EMFILE: ["Too many files are open"],
  EIO: ["The disk reported an input/output error", "Check the disk's health."],
  EXDEV: ["The two paths are on different file systems"],
  EBUSY: ["It is in use by another program"],
  ETXTBSY: ["It is being written by another program"],
  EINVAL: ["The file system does not take this name or operation"],
  ENOTSUP: ["The file system cannot do that"],
  EOPNOTSUPP: ["The file system cannot do that"],
  ENOLCK: ["The file system has no locks", "Put pen's folders on a local disk (PEN_CACHE_DIR)."],
  ENOEXEC: ["It is no program for this machine and has no #! line"],
  E2BIG: ["Its arguments and variables are too long together"],
  ERR_INVALID_ARG_VALUE: ["It is no possible path: a path cannot hold a NUL character"],
};

/** What the name of an operating-system error means, and what to do about it. */
export function explainErrno(errno: string): readonly [why: string, hint?: string] {
  return errnoTexts[errno] ?? ["The operating system refused"];
}
