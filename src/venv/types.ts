import type { Interpreter } from "#python";

/** The folders of a virtual environment, absolute. */
export interface EnvironmentPaths {
  /** `lib/pythonX.Y/site-packages`. */
  readonly purelib: string;
  readonly platlib: string;
  /** `bin`, or `Scripts` on Windows. */
  readonly scripts: string;
  /** The environment itself. */
  readonly data: string;
  /** Where headers of distributions go: `include/site/pythonX.Y`. */
  readonly include: string;
}

/** A virtual environment on disk (PEP 405). */
export interface Environment {
  /** Absolute path of the environment; links are kept. */
  readonly root: string;
  /** The environment's own `python`. */
  readonly python: string;
  readonly paths: EnvironmentPaths;
  /** The base interpreter: markers, tags, version. */
  readonly interpreter: Interpreter;
  readonly config: PyvenvConfig;
}

/** `pyvenv.cfg` as written: keys in lower case, in file order, values unquoted. */
export interface PyvenvConfig {
  readonly entries: ReadonlyArray<readonly [key: string, value: string]>;
  get(key: string): string | undefined;
}
