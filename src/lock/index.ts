/**
 * lock: one format-neutral {@link Lock} and its codecs. Enters: what the resolver chose, or the text of a lock file. Leaves: a Lock,
 * the packages of it that an environment gets, or text (requirements.txt, pylock.toml).
 */
export { findPackages, selectPackages, sortLock } from "./lock.ts";
export type { Selection as LockSelection } from "./lock.ts";
export { formatRequirements, preferencesFromRequirements } from "./requirements.ts";
export type { RequirementsOptions } from "./requirements.ts";
export { formatPylock } from "./pylock-writing.ts";
export type { PylockOptions } from "./pylock-writing.ts";
export { parsePylock } from "./pylock-reading.ts";
export type { PylockReading } from "./pylock-reading.ts";
export type { Lock, LockedDependency, LockedFile, LockedPackage } from "./types.ts";
export { formatPipfileLock } from "./pipfile-lock-writing.ts";
export { hasMergeMarks, newPipfileLockEntry, newPipfileLockMeta, parsePipfileLock } from "./pipfile-lock-reading.ts";
export { joinLocks, parseConflictingLocks } from "./pipfile-lock-conflict.ts";
export { joinParts } from "./pylock-parts.ts";
export type { LockPart } from "./pylock-parts.ts";
export { categoriesOfPylock } from "./pylock-categories.ts";
export { lockOfCategories } from "./pipfile-lock-selection.ts";
export { pipfileSpec } from "./pipfile-lock-types.ts";
export type {
  PipfileLock,
  PipfileLockEntry,
  PipfileLockMeta,
  PipfileLockOrigin,
  PipfileLockSource,
  PipfileLockTable,
} from "./pipfile-lock-types.ts";
export { bothMarkers, packagingText, requiresPythonText } from "./pipfile-lock-markers.ts";
