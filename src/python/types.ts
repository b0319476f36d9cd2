import type { MarkerEnvironment, TagTarget } from "#standards";

/** How an interpreter was come by, in the order in which pen looks. */
export type InterpreterSource =
  | "explicit"
  | "active-environment"
  | "project-environment"
  | "path"
  | "pyenv"
  | "asdf"
  | "mise"
  | "managed"
  | "uv-managed"
  | "system"
  | "registry";

/** Absolute folders of an installation scheme, named as in `sysconfig`. */
export interface SchemePaths {
  readonly stdlib: string;
  readonly platstdlib: string;
  readonly purelib: string;
  readonly platlib: string;
  readonly scripts: string;
  readonly data: string;
  readonly include: string;
}

/** What an interpreter said of itself when asked once. Plain JSON data: it is cached on disk as it is. */
export interface Interpreter {
  /** Absolute path as it was found; links are kept. */
  readonly executable: string;
  /** The same with all links resolved. */
  readonly realExecutable: string;
  readonly source: InterpreterSource;
  readonly implementation: "cpython" | "pypy" | "graalpy" | "other";
  /** `3.12.1`, `3.14.0rc2`. */
  readonly version: string;
  /** `sys.version_info`. */
  readonly versionInfo: readonly [major: number, minor: number, micro: number, level: string, serial: number];
  readonly markers: MarkerEnvironment;
  readonly tagTarget: TagTarget;
  readonly freeThreaded: boolean;
  readonly debug: boolean;
  readonly pointerBits: 32 | 64;
  readonly prefix: string;
  readonly basePrefix: string;
  /** The executable that environments point at: never inside a virtual environment. */
  readonly baseExecutable: string;
  readonly isVirtualEnvironment: boolean;
  /** Where this very interpreter installs. */
  readonly paths: SchemePaths;
  /** `sys.implementation.cache_tag`, for example `cpython-312`. */
  readonly cacheTag: string;
  /** `sys.platlibdir`: `lib` or `lib64`. */
  readonly platlibdir: string;
  /** The folder of wheels that `ensurepip` carries (or the system's wheel folder), when there is one. */
  readonly ensurepipWheels: string | undefined;
  /** The path of an `EXTERNALLY-MANAGED` file (PEP 668), when there is one. */
  readonly externallyManaged: string | undefined;
  /** The shared libpython to copy with `--copies`, when the interpreter is linked to one. */
  readonly sharedLibrary: string | undefined;
}
