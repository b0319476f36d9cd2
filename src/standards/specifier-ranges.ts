import { elementAt } from "./elements.ts";
import { complementRange, emptyRange, fullRange, intersectRanges, type VersionRange } from "./ranges.ts";
import type { Specifier, SpecifierSet } from "./specifiers.ts";
import { compareVersions, isPrerelease, makeVersion, versionText, type Version } from "./versions.ts";

// The lowest version there is. A cut there would part nothing, so it is never made: sets stay canonical.
const lowest = makeVersion([0], { dev: 0 });

const ranges = new WeakMap<SpecifierSet, VersionRange>();

/**
 * The versions that a specifier set means, exactly by PEP 440 (local versions, post-releases and pre-releases of the bound included),
 * but without the rule that pre-releases must be asked for. `===` is the one version that its text normalises to.
 * The answer is kept with the set.
 */
export function rangeOf(set: SpecifierSet): VersionRange {
  if (set.specifiers.length === 0) return fullRange;
  let range = ranges.get(set);
  if (range === undefined) {
    range = intersectAll(set.specifiers.map(specifierRange));
    ranges.set(set, range);
  }
  return range;
}

// Pairs of neighbours, so that a thousand exclusions stay cheap.
function intersectAll(parts: readonly VersionRange[]): VersionRange {
  let level = parts;
  while (level.length > 1) {
    const next: VersionRange[] = [];
    for (let at = 0; at < level.length; at += 2) next.push(intersectRanges(elementAt(level, at), level[at + 1] ?? fullRange));
    level = next;
  }
  return level[0] ?? fullRange;
}

/** The versions that one clause means; see {@link rangeOf}. */
export function specifierRange(specifier: Specifier): VersionRange {
  const version = specifier.parsed;
  if (version === undefined) return emptyRange;
  switch (specifier.operator) {
    case "===":
      return versionText(version) === specifier.version.toLowerCase() ? singletonRange(version) : emptyRange;
    case "==":
      return equalRange(version, specifier.wildcard);
    case "!=":
      return complementRange(equalRange(version, specifier.wildcard));
    case ">=":
      return between(version, undefined);
    case "<=":
      return between(undefined, afterLocals(version));
    case ">":
      return between(afterPosts(version), undefined);
    case "<":
      return between(undefined, isPrerelease(version) ? version : beforePrereleases(version));
    case "~=":
      return between(version, afterPrefix(version, version.release.length - 1));
  }
}

function equalRange(version: Version, wildcard: boolean): VersionRange {
  if (wildcard) return between(beforePrereleases(version), afterPrefix(version, version.release.length));
  return version.local === undefined ? between(version, afterLocals(version)) : singletonRange(version);
}

/** Just this version: not its local versions, but every spelling of it (`1.0` and `1.0.0`). */
export function singletonRange(version: Version): VersionRange {
  return between(version, afterExactly(version));
}

function between(from: Version | undefined, to: Version | undefined): VersionRange {
  if (to !== undefined && compareVersions(to, lowest) <= 0) return emptyRange;
  if (from === undefined || compareVersions(from, lowest) <= 0) return to === undefined ? fullRange : { fromStart: true, cuts: [to] };
  return { fromStart: false, cuts: to === undefined ? [from] : [from, to] };
}

// The cuts. Each is the lowest version above a set; where none can be written, a segment that no text has (an empty local word,
// an infinite post number) sorts at exactly that place.

/** The cut between `version` and its (further) local versions. */
function afterExactly(version: Version): Version {
  return { ...version, local: [...(version.local ?? []), ""] };
}

/** The cut above the local versions of a public version: nothing lies between them and the next development release. */
function afterLocals(version: Version): Version {
  if (version.dev !== undefined) return { ...version, dev: version.dev + 1, local: undefined };
  return { ...version, post: version.post === undefined ? 0 : version.post + 1, dev: 0, local: undefined };
}

/** The cut above what `>version` excludes: its local versions, and its post-releases unless it is one. */
function afterPosts(version: Version): Version {
  if (version.dev !== undefined || version.post !== undefined) return afterLocals(version);
  if (version.pre !== undefined) return { ...version, pre: [version.pre[0], version.pre[1] + 1], dev: 0 };
  return { ...version, post: Infinity };
}

/** The cut below the first pre-release of a release or post-release. */
function beforePrereleases(version: Version): Version {
  return { ...version, dev: 0, local: undefined };
}

/** The cut above every version whose release starts with the first `length` numbers of this one's. */
function afterPrefix(version: Version, length: number): Version {
  const release = version.release.slice(0, length);
  release[length - 1] = elementAt(release, length - 1) + 1;
  return makeVersion(release, { epoch: version.epoch, dev: 0 });
}
