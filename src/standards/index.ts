/**
 * standards: the formats of Python packaging, pure (no I/O, no clock). Enters: text. Leaves: branded, immutable values
 * and text again. Versions, specifiers, markers and requirements; tags, file names, metadata, RECORD, entry points, direct URLs, hashes.
 */
export { parseTagSet, tagText } from "./tags.ts";
export type { Tag } from "./tags.ts";
export { platformTags } from "./platform-tags.ts";
export type { PlatformTarget } from "./platform-tags.ts";
export { combinedTags, supportedTags, wheelRank } from "./supported-tags.ts";
export type { SupportedTags, TagTarget } from "./supported-tags.ts";
export { parseTargetPlatform, platformMarkers } from "./target-platforms.ts";
export type { PlatformMarkers } from "./target-platforms.ts";
export { parseWheelFilename, tryParseWheelFilename, wheelVersionsOf } from "./wheel-filename.ts";
export type { WheelFilename } from "./wheel-filename.ts";
export { parseSdistFilename, tryParseSdistFilename } from "./sdist-filename.ts";
export type { SdistExtension, SdistFilename } from "./sdist-filename.ts";
export { briefMetadata, nameInMetadata } from "./brief-metadata.ts";
export type { BriefMetadata } from "./brief-metadata.ts";
export { parseMetadata } from "./metadata.ts";
export type { CoreMetadata } from "./metadata.ts";
export { metadataJson } from "./metadata-json.ts";
export type { MetadataJson } from "./metadata-json.ts";
export { pipName, scanIni } from "./ini.ts";
export type { Ini, IniOption, IniProblem } from "./ini.ts";
export { formatRecord, parseRecord } from "./record.ts";
export type { RecordEntry } from "./record.ts";
export { parseEntryPoints, validateScriptEntryPoint } from "./entry-points.ts";
export type { EntryPoint } from "./entry-points.ts";
export { launcherFileName, launcherStubName, windowsCommands, windowsEntryPoint, windowsLauncher } from "./windows-launchers.ts";
export type { LauncherKind, WindowsLauncher } from "./windows-launchers.ts";
export { entryPointLauncher, isOwnLauncher, rewriteScriptShebang } from "./launchers.ts";
export { launcherText } from "./launcher-text.ts";
export { directUrlFreezeText, formatDirectUrl, parseDirectUrl } from "./direct-url.ts";
export type { DirectUrl, DirectUrlInfo } from "./direct-url.ts";
export { hashText, isStrongHash, parseHash, requirementHashAlgorithms, strongHashAlgorithms } from "./hashes.ts";
export type { FileHash } from "./hashes.ts";
export { normalizeName, tryNormalizeName } from "./names.ts";
export type { NormalizedName } from "./names.ts";
export { baseVersion, compareVersions, isPrerelease, makeVersion, publicVersion, sameVersion, versionText } from "./versions.ts";
export type { Version } from "./versions.ts";
export { parseVersion, tryParseVersion } from "./version-scanner.ts";
export { andSpecifiers, anySpecifiers, parseSpecifiers, specifiersMentionPrerelease, specifiersText, specifierText } from "./specifiers.ts";
export type { Specifier, SpecifierOperator, SpecifierSet } from "./specifiers.ts";
export { filterVersions, specifiersContain } from "./specifier-matching.ts";
export type { PrereleaseOptions } from "./specifier-matching.ts";
export {
  complementRange,
  emptyRange,
  fullRange,
  intersectRanges,
  rangeContains,
  rangeIsEmpty,
  rangeIsFull,
  rangeIsSubset,
  rangesDisjoint,
  rangesEqual,
  unionRanges,
} from "./ranges.ts";
export type { VersionRange } from "./ranges.ts";
export { rangeOf, singletonRange } from "./specifier-ranges.ts";
export { rangeText } from "./range-text.ts";
export { andMarkers, extraMarker, falseMarker, joinMarkers, markerText, orMarkers, trueMarker } from "./markers.ts";
export type {
  Marker,
  MarkerComparison,
  MarkerConjunction,
  MarkerConstant,
  MarkerDisjunction,
  MarkerEnvironment,
  MarkerMembership,
  MarkerOperator,
  MarkerVariable,
} from "./markers.ts";
export { parseMarker } from "./marker-parser.ts";
export { evaluateMarker, markerMentionsExtra, restrictGroups, restrictMarker } from "./marker-evaluation.ts";
export type { MarkerSelection } from "./marker-evaluation.ts";
export {
  markerImplies,
  markerIsFalse,
  markerIsTrue,
  markerPythonRange,
  markersDisjoint,
  negateMarker,
  pythonMarker,
  sameMarkers,
  simplifyMarker,
  simplifyMarkerWithin,
} from "./marker-algebra.ts";
export { parseRequirement, requirementText } from "./requirements.ts";
export type { Requirement } from "./requirements.ts";
export { fixedVersions, isAdvisoryId, isAffected, mergeAdvisories, parseAdvisory } from "./advisories.ts";
export type { Advisory, AffectedPackage, MergedAdvisory, RangeEvent } from "./advisories.ts";
