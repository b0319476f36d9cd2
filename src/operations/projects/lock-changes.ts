import type { PipfileLock, PipfileLockEntry } from "#lock";
import type { Pipfile } from "#project";
import { compareVersions, requirementText, specifiersContain, specifiersText, tryParseVersion, type NormalizedName } from "#standards";
import type { Pin } from "../resolving/resolve-types.ts";
import { pipfileCategory } from "./project.ts";

/** What a new lock does with one package. */
export interface LockChange {
  /** As the lock calls it. */
  readonly category: string;
  readonly name: NormalizedName;
  readonly kind: "added" | "removed" | "upgraded" | "downgraded" | "changed";
  /** Versions without `==`, or where it comes from; undefined on the side where it is not. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** A clause: `needed by flask`, `the Pipfile asks for >=2`. */
  readonly why: string;
}

/** The differences between two locks, by category and name. `pins` are the answers that the new one was made from, by the Pipfile's categories. */
export function lockChanges(
  before: PipfileLock | undefined,
  after: PipfileLock,
  { pipfile, pins }: { readonly pipfile: Pipfile; readonly pins: ReadonlyMap<string, readonly Pin[]> },
): LockChange[] {
  const categories = [...new Set([...(before?.categories.keys() ?? []), ...after.categories.keys()])];
  return categories.flatMap((category) => {
    const old = byName(before?.categories.get(category));
    const now = byName(after.categories.get(category));
    const reasons = { pipfile, category, pins: pins.get(pipfileCategory(category)) ?? [] };
    return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => changeOf(name, [old.get(name), now.get(name)], reasons));
  });
}

function byName(entries: readonly PipfileLockEntry[] = []): Map<NormalizedName, PipfileLockEntry> {
  return new Map(entries.map((entry) => [entry.name, entry]));
}

interface Reasons {
  readonly pipfile: Pipfile;
  readonly category: string;
  readonly pins: readonly Pin[];
}

type Both = readonly [before: PipfileLockEntry | undefined, after: PipfileLockEntry | undefined];

function changeOf(name: NormalizedName, [before, after]: Both, reasons: Reasons): LockChange[] {
  const change = { category: reasons.category, name, before: before && shown(before), after: after && shown(after) };
  if (after === undefined) return [{ ...change, kind: "removed", why: "nothing needs it any more" }];
  if (before === undefined) return [{ ...change, kind: "added", why: askers(name, reasons) }];
  const [old, now] = [tryParseVersion(before.version ?? ""), tryParseVersion(after.version ?? "")];
  if (old !== undefined && now !== undefined && compareVersions(old, now) !== 0) {
    const kind = compareVersions(old, now) < 0 ? "upgraded" : "downgraded";
    return [{ ...change, kind, why: whyMoved(name, before.version ?? "", reasons) }];
  }
  const keys = [...new Set([...Object.keys(before.raw), ...Object.keys(after.raw)])].sort();
  const changed = keys.filter((key) => JSON.stringify(before.raw[key]) !== JSON.stringify(after.raw[key]));
  return changed.length === 0 ? [] : [{ ...change, kind: "changed", why: `other ${changed.join(", ")}` }];
}

function shown({ version, origin }: PipfileLockEntry): string {
  switch (origin.kind) {
    case "index":
      return version ?? "*";
    case "path":
      return origin.path;
    case "file":
      return origin.url;
    case "vcs":
      return `${origin.url}@${origin.ref ?? ""}`;
  }
}

function entryOf(name: NormalizedName, { pipfile, category }: Reasons) {
  return pipfile.categories.get(pipfileCategory(category))?.find((entry) => entry.name === name);
}

function askers(name: NormalizedName, reasons: Reasons): string {
  if (entryOf(name, reasons) !== undefined) return "named in the Pipfile";
  const askers = reasons.pins.filter(({ locked }) => locked.dependencies.some((one) => one.name === name)).map(({ locked }) => locked.name);
  return askers.length === 0 ? "needed" : `needed by ${askers.join(", ")}`;
}

/** Who does not admit the old version, or that there was a newer one. */
function whyMoved(name: NormalizedName, old: string, reasons: Reasons): string {
  const version = tryParseVersion(old);
  const entry = entryOf(name, reasons);
  if (version === undefined) return askers(name, reasons);
  if (entry !== undefined && !specifiersContain(entry.specifiers, version, { prereleases: true }))
    return `the Pipfile asks for ${specifiersText(entry.specifiers)}`;
  for (const { locked } of reasons.pins) {
    const asked = locked.dependencies.find((one) => one.name === name)?.requirement;
    if (asked !== undefined && !specifiersContain(asked.specifiers, version, { prereleases: true }))
      return `${locked.name} ${locked.version ?? ""} needs ${requirementText(asked)}`;
  }
  return "the newest that fits";
}
