import type { HeldLock } from "#foundation";
import type { Bytecode } from "./bytecode.ts";
import type { Inventory } from "./inventory.ts";
import type { StoreProblem, StoredWheel } from "./types.ts";

/** A wheel file on its way into the store. */
export interface WheelFile {
  readonly path: string;
  /** The name it was published under; the name of `path` itself does not count. */
  readonly filename: string;
  /** What it must hash to, lower-case hexadecimal. */
  readonly sha256?: string;
  /** True when the caller has hashed these very bytes while it wrote them to a file of its own: then it is not done again. */
  readonly verified?: boolean;
  /** A project name in any spelling. */
  readonly expectedName?: string;
  readonly expectedVersion?: string;
  /** True when there are many to add, so that other threads pay where the program has some. */
  readonly oneOfMany?: boolean;
  /** Bytes it may unpack to; also lifts the limit on how much it may grow. */
  readonly maxSize?: number;
}

/** The unpacked wheels of this machine's user, by the SHA-256 of the wheel file. */
export interface Store extends Bytecode, Inventory {
  /** Where it stands. */
  readonly folder: string;
  /** The wheel, when it is here and its manifest is in order: one small read. Its files are not looked at (see `check`). */
  find(sha256: string): StoredWheel | undefined;
  /**
   * Checks all of a wheel and unpacks it, unless it is here already. Any number of processes may add the same one: one
   * works, the others wait. Errors: INVALID_WHEEL, INVALID_FILENAME, HASH_MISMATCH, FILE_SYSTEM; nothing is left behind.
   */
  add(wheel: WheelFile): Promise<StoredWheel>;
  /**
   * To be called before anything is linked: what is damaged of each wheel. Empty for a whole one. Each file is looked at, which takes about 2 us for one,
   * and half of that where threads share the work.
   */
  check(wheels: readonly StoredWheel[]): Promise<ReadonlyArray<readonly StoreProblem[]>>;
  /** Compares every file with its hash. */
  checkContent(wheel: StoredWheel): readonly StoreProblem[];
  /**
   * A new folder for files on their way into the store; to be removed by the caller, who holds the store. `prune` removes what
   * killed processes left.
   */
  workFolder(): string;
  /** Drops an entry, in one rename. Waits for who is adding it. */
  remove(sha256: string): Promise<void>;
  /** While this is held, nobody prunes or cleans: take it from finding wheels until they are linked. */
  hold(signal?: AbortSignal): Promise<HeldLock>;
}
