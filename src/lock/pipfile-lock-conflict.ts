import { compareVersions, tryParseVersion, type NormalizedName } from "#standards";
import { parsePipfileLock } from "./pipfile-lock-reading.ts";
import type { PipfileLock, PipfileLockEntry } from "./pipfile-lock-types.ts";

/** The two locks of a merge that is not finished. */
export interface ConflictingLocks {
  readonly ours: PipfileLock;
  readonly theirs: PipfileLock;
}

/**
 * Reads a Pipfile.lock that git has left with both sides of a merge in it, with or without what both come from (`|||||||`). Without any marks both
 * sides are the same lock. Fails with INVALID_LOCK when one of the sides is no lock.
 */
export function parseConflictingLocks(text: string, path: string): ConflictingLocks {
  const sides = { ours: "", theirs: "" };
  let place: "both" | "ours" | "base" | "theirs" = "both";
  for (const line of text.split(/(?<=\n)/)) {
    const mark = /^(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?\n?$/.exec(line)?.[1]?.[0];
    if (mark === "<" && place === "both") place = "ours";
    else if (mark === "|" && place === "ours") place = "base";
    else if (mark === "=" && (place === "ours" || place === "base")) place = "theirs";
    else if (mark === ">" && place === "theirs") place = "both";
    else {
      if (place === "both" || place === "ours") sides.ours += line;
      if (place === "both" || place === "theirs") sides.theirs += line;
    }
  }
  return { ours: parsePipfileLock(sides.ours, `${path} (ours)`), theirs: parsePipfileLock(sides.theirs, `${path} (theirs)`) };
}

/** The entries of both, as what to start from: of two versions the newer one. */
export function joinLocks({ ours, theirs }: ConflictingLocks): PipfileLock {
  const names = [...new Set([...ours.categories.keys(), ...theirs.categories.keys()])];
  return {
    meta: ours.meta,
    categories: new Map(names.map((name) => [name, joinEntries(ours.categories.get(name) ?? [], theirs.categories.get(name) ?? [])])),
  };
}

function joinEntries(ours: readonly PipfileLockEntry[], theirs: readonly PipfileLockEntry[]): PipfileLockEntry[] {
  const joined = new Map<NormalizedName, PipfileLockEntry>(ours.map((entry) => [entry.name, entry]));
  for (const entry of theirs) {
    const known = joined.get(entry.name);
    if (known === undefined || isNewer(entry, known)) joined.set(entry.name, entry);
  }
  return [...joined.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isNewer(a: PipfileLockEntry, b: PipfileLockEntry): boolean {
  const [left, right] = [tryParseVersion(a.version ?? ""), tryParseVersion(b.version ?? "")];
  return left !== undefined && right !== undefined && compareVersions(left, right) > 0;
}
