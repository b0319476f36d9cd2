import { isPenError, warn } from "#foundation";
import type { BytecodeOf } from "#installer";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";
import type { Destination } from "../environment.ts";

interface BytecodeInput {
  readonly wheels: readonly StoredWheel[];
  /** The environment gets links to whole folders. */
  readonly shown: boolean;
  /** Compile everything now. */
  readonly compile: boolean;
}

/**
 * Bytecode for the wheels that are about to be linked: what the store has, what Python has written meanwhile in the environment
 * that used them last, and with `compile` all of it. A failure to get bytecode never stops an installation.
 */
export async function bytecodeFor(
  context: Context,
  destination: Destination,
  { wheels, shown, compile }: BytecodeInput,
): Promise<BytecodeOf> {
  const { store } = context;
  const { cacheTag, baseExecutable } = destination.interpreter;
  try {
    // Linked folders show what the store has, also what comes later: there it is enough that it has some.
    for (const wheel of wheels) if (!shown || !store.hasBytecode(wheel, cacheTag)) store.harvestBytecode(wheel, cacheTag);
    if (compile)
      await store.compileBytecode(wheels, baseExecutable, cacheTag, context.signal === undefined ? {} : { signal: context.signal });
  } catch (error) {
    if (context.signal?.aborted === true) throw error;
    warn(context.emit, "bytecode", `The modules could not be compiled ahead: ${error instanceof Error ? error.message : String(error)}`);
  }
  return (wheel) => store.bytecode(wheel, cacheTag);
}

/**
 * Notes that the destination is about to link into wheels, beside all that it has: whatever becomes of the command, links never lead to what a
 * pruning took for unused. Errors: FILE_SYSTEM, when the note cannot be written.
 */
export function announceUse({ store }: Context, sitePackages: string, added: readonly StoredWheel[]): void {
  const before = notedWheels(store, sitePackages);
  const known = new Set(before.map(({ manifest }) => manifest.sha256));
  store.recordUse(sitePackages, [...before, ...added.filter(({ manifest }) => !known.has(manifest.sha256))]);
}

/**
 * Notes which wheels the destination has now, so that the store knows what is in use and where bytecode may be found. A disk that does not give
 * the old note or take the new one is no failure of what was done.
 */
export function noteUse(
  { store, emit }: Context,
  sitePackages: string,
  change: { readonly added: readonly StoredWheel[]; readonly present: ReadonlySet<string> },
): void {
  const names = new Set(change.added.map(({ manifest }) => manifest.name));
  try {
    // Those that were announced a moment ago are at hand and need not be read again.
    const kept = notedWheels(store, sitePackages, new Set(change.added.map(({ manifest }) => manifest.sha256))).filter(
      ({ manifest }) => change.present.has(manifest.name) && !names.has(manifest.name),
    );
    store.recordUse(sitePackages, [...kept, ...change.added]);
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error;
    warn(emit, "use-not-noted", `The store could not note what ${sitePackages} uses: ${error.message}. ${error.why ?? ""}`);
  }
}

function notedWheels(store: Context["store"], sitePackages: string, without: ReadonlySet<string> = new Set()): StoredWheel[] {
  return store.usedBy(sitePackages).flatMap((sha256) => (without.has(sha256) ? [] : (store.find(sha256) ?? [])));
}
