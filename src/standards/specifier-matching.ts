import { rangeContains } from "./ranges.ts";
import { rangeOf } from "./specifier-ranges.ts";
import { specifiersMentionPrerelease, type SpecifierSet } from "./specifiers.ts";
import { isPrerelease, versionText, type Version } from "./versions.ts";

export interface PrereleaseOptions {
  /** true admits pre-releases, false refuses them; left out, the rule of PEP 440 decides. */
  readonly prereleases?: boolean | undefined;
}

/** True when `version` fulfils every clause. Without `prereleases`, a pre-release is admitted only when a clause names one. */
export function specifiersContain(set: SpecifierSet, version: Version, options: PrereleaseOptions = {}): boolean {
  if (isPrerelease(version) && !(options.prereleases ?? specifiersMentionPrerelease(set))) return false;
  return matches(set, version);
}

/**
 * The versions that fulfil the set, in the order given. Without `prereleases`, pre-releases are left out unless a clause names one
 * or nothing else fulfils the set (PEP 440, "Handling of pre-releases").
 */
export function filterVersions(set: SpecifierSet, versions: readonly Version[], options: PrereleaseOptions = {}): Version[] {
  const matching = versions.filter((version) => matches(set, version));
  if (options.prereleases ?? specifiersMentionPrerelease(set)) return matching;
  const finals = matching.filter((version) => !isPrerelease(version));
  return finals.length > 0 || options.prereleases === false ? finals : matching;
}

function matches(set: SpecifierSet, version: Version): boolean {
  if (!rangeContains(rangeOf(set), version)) return false;
  return set.specifiers.every((specifier) => {
    return specifier.operator !== "===" || versionText(version) === specifier.version.toLowerCase();
  });
}
