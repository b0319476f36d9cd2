/**
 * C libraries under Bun. Bun's own part in C++ is asked directly: what `bun:ffi` puts around it in JavaScript costs a short command as much as twenty files, and
 * adds nothing to calls with numbers.
 */

/** How a value is handed over: its number in Bun. The 64-bit ones are plain numbers as far as these are exact, and a BigInt beyond. */
export const i32: number = 5;
export const pointer: number = 12;
export const u64: number = 16;

/** What a function takes and gives. */
export interface Signature {
  readonly args: readonly number[];
  readonly returns: number;
}

/** Places in memory are numbers. */
export interface Ffi {
  /** Opens a library and finds the functions in it. It gives an error where something is missing, and does not throw it. */
  dlopen(name: string, functions: Readonly<Record<string, Signature>>): { readonly symbols: unknown } | Error;
  /** Where the bytes of `view` stand from `offset` on. Good for as long as somebody holds `view`. */
  ptr(view: ArrayBufferView, offset?: number): number;
  readonly read: { i32(place: number): number };
}

/** Undefined under Node. */
export function ffi(): Ffi | undefined {
  return typeof Bun === "undefined" ? undefined : (Bun as unknown as { readonly FFI?: Ffi }).FFI;
}

/** The functions of the first library of these names that opens and has them all; undefined where there is none. */
export function openLibrary(names: readonly string[], functions: Readonly<Record<string, Signature>>): unknown {
  for (const name of names) {
    const library = ffi()?.dlopen(name, functions);
    if (library !== undefined && "symbols" in library) return library.symbols;
  }
  return undefined;
}
