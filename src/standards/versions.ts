import { elementAt } from "./elements.ts";

/**
 * A version by PEP 440. The shape is always the same six fields, so that comparison stays on the engine's fast path;
 * absent segments are `undefined`. Two spellings of one version (`1.0` and `1.0.0`) are different values that compare as equal.
 */
export interface Version {
  readonly epoch: number;
  readonly release: readonly number[];
  readonly pre: readonly ["a" | "b" | "rc", number] | undefined;
  readonly post: number | undefined;
  readonly dev: number | undefined;
  readonly local: readonly (number | string)[] | undefined;
}

/** The version made of the given segments; those left out are absent, the epoch is 0. */
export function makeVersion(release: readonly number[], rest: Partial<Version> = {}): Version {
  return { epoch: rest.epoch ?? 0, release, pre: rest.pre, post: rest.post, dev: rest.dev, local: rest.local };
}

/** Negative, zero or positive as `a` sorts before, with or after `b` by PEP 440. Allocates nothing. */
export function compareVersions(a: Version, b: Version): number {
  if (a === b) return 0;
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  const left = a.release;
  const right = b.release;
  const length = left.length > right.length ? left.length : right.length;
  for (let at = 0; at < length; at += 1) {
    const x = at < left.length ? (left[at] as number) : 0;
    const y = at < right.length ? (right[at] as number) : 0;
    if (x !== y) return x - y;
  }
  return compareSuffixes(a, b);
}

function compareSuffixes(a: Version, b: Version): number {
  const phase = preRank(a) - preRank(b);
  if (phase !== 0) return phase;
  if (a.pre !== undefined && b.pre !== undefined && a.pre[1] !== b.pre[1]) return a.pre[1] - b.pre[1];
  if (a.post !== b.post) return (a.post ?? -1) < (b.post ?? -1) ? -1 : 1;
  if (a.dev !== b.dev) return (a.dev ?? Infinity) < (b.dev ?? Infinity) ? -1 : 1;
  return a.local === b.local ? 0 : compareLocals(a.local, b.local);
}

// 1.0.dev1 < 1.0a1 < 1.0b1 < 1.0rc1 < 1.0, where only a development release of the release itself comes before the alphas.
function preRank(version: Version): number {
  if (version.pre !== undefined) return version.pre[0] === "a" ? 1 : version.pre[0] === "b" ? 2 : 3;
  return version.post === undefined && version.dev !== undefined ? 0 : 4;
}

function compareLocals(a: Version["local"], b: Version["local"]): number {
  if (a === undefined) return b === undefined ? 0 : -1;
  if (b === undefined) return 1;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = elementAt(a, at);
    const y = elementAt(b, at);
    if (x === y) continue;
    if (typeof x === "number") return typeof y === "number" ? x - y : 1;
    if (typeof y === "number") return -1;
    return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/** True when both sort the same: `1.0` and `1.0.0`, but not `1.0` and `1.0+x`. */
export function sameVersion(a: Version, b: Version): boolean {
  return compareVersions(a, b) === 0;
}

/** The normalised text by PEP 440; it keeps trailing zeros of the release. */
export function versionText(version: Version): string {
  let text = version.epoch === 0 ? version.release.join(".") : `${version.epoch}!${version.release.join(".")}`;
  if (version.pre !== undefined) text += version.pre[0] + version.pre[1];
  if (version.post !== undefined) text += `.post${version.post}`;
  if (version.dev !== undefined) text += `.dev${version.dev}`;
  if (version.local !== undefined) text += `+${version.local.join(".")}`;
  return text;
}

/** True for alphas, betas, release candidates and development releases. */
export function isPrerelease(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

/** The version without its local segment. */
export function publicVersion(version: Version): Version {
  return version.local === undefined ? version : { ...version, local: undefined };
}

/** Epoch and release alone. */
export function baseVersion(version: Version): Version {
  return makeVersion(version.release, { epoch: version.epoch });
}
