/**
 * store: wheels, checked and unpacked once for all environments. Enters: wheel files from anywhere, and interpreters that
 * compile. Leaves: {@link StoredWheel}, folders with manifests to link from, and bytecode to put beside. Knows nothing of environments
 * but where they stand, and nothing of indexes.
 */
export { openStore } from "./store.ts";
export type { Store, WheelFile } from "./interface.ts";
export { fileAt, sourcesOf } from "./manifest.ts";
export { lendWheels } from "./lending.ts";
export type { StoreOptions } from "./context.ts";
export type { Bytecode, Gained } from "./bytecode.ts";
export type { Inventory, Removed } from "./inventory.ts";
export type { CompileOptions } from "./compilation.ts";
export type { MemberSink, ValidatedFile, ValidatedWheel, ValidationOptions } from "./validation.ts";
export type { PlacedMember, WheelLayout } from "./layout.ts";
export type { WheelDocuments } from "./documents.ts";
export type { WheelLimits } from "./limits.ts";
export type { WheelRule } from "./invalid.ts";
export type { StoreProblem, StoredBytecode, StoredFile, StoredWheel, TopLevelEntry, Use, WheelManifest, WheelScheme } from "./types.ts";
export { addWheelApart } from "./apart.ts";
