/** Which file of a version is the one to install, or why there is none. */
import type { IndexFile } from "#index";
import type { UnusableReason } from "#resolver";
import { tryParseWheelFilename, wheelRank, type NormalizedName, type SupportedTags, type WheelFilename } from "#standards";
import type { FormatControl } from "../building/build-choices.ts";
import type { Sources } from "../building/source-types.ts";

/** What decides. */
export interface FileRules {
  readonly tags: SupportedTags;
  /** Wheels for other Pythons and platforms count too: for a lock that many environments share. */
  readonly everyPlatform: boolean;
  readonly format: FormatControl;
  /** What may be built; without it a version needs a wheel. */
  readonly sources?: Sources | undefined;
  /** SHA-256 (and other strong) digests `sha256:…` that a project's file must have, where the person promised some. */
  readonly hashes: ReadonlyMap<NormalizedName, readonly string[]>;
}

export interface FileChoice {
  readonly file: IndexFile | undefined;
  readonly unusable: UnusableReason | undefined;
  /** Set when no wheel was to be had: from it {@link chooseWithoutWheel} chooses the same again. */
  readonly lack?: Lack;
}

/** What the files of a version come to that has no wheel to use. */
export interface Lack {
  readonly noWheel: UnusableReason;
  readonly source: IndexFile | undefined;
}

/** Whether any file is of use for these tags: a wheel that fits, or a source. */
export function fitsHere(files: readonly IndexFile[], tags: SupportedTags): boolean {
  return files.some((file) => {
    const parsed = file.kind === "wheel" ? tryParseWheelFilename(file.filename) : undefined;
    return file.kind === "sdist" || (parsed !== undefined && wheelRank(tags, parsed) !== undefined);
  });
}

/** Chooses among the files of one version. */
export function chooseFile(name: NormalizedName, files: readonly IndexFile[], options: FileRules): FileChoice {
  const refused = !options.format.allowsWheel(name);
  const wheels = files.filter((file) => file.kind === "wheel");
  const promised = options.hashes.get(name);
  let best: { file: IndexFile; rank: number; kept: boolean } | undefined;
  for (const file of refused ? [] : wheels) {
    const parsed = tryParseWheelFilename(file.filename);
    const rank = parsed && (wheelRank(options.tags, parsed) ?? (options.everyPlatform ? rankElsewhere(parsed, options.tags) : undefined));
    if (rank === undefined) continue;
    const kept =
      promised === undefined || Object.entries(file.hashes).some(([algorithm, digest]) => promised.includes(`${algorithm}:${digest}`));
    if (best === undefined || (kept && !best.kept) || (kept === best.kept && rank < best.rank)) best = { file, rank, kept };
  }
  if (best?.kept === true) return { file: best.file, unusable: undefined };
  const source = files.length > wheels.length ? sourceIn(files, promised) : undefined;
  if (best !== undefined && source?.kept !== true) return { file: best.file, unusable: undefined };
  const noWheel = whyNoWheel(files, wheels, refused);
  const lack = { noWheel, source: source?.file };
  return { ...chooseWithoutWheel(name, lack, options.sources), lack };
}

/** A version without a wheel to use: its source, where that may be built. */
export function chooseWithoutWheel(name: NormalizedName, { noWheel, source }: Lack, sources: Sources | undefined): FileChoice {
  if (source === undefined || sources === undefined) return { file: undefined, unusable: noWheel };
  return chooseSource(name, source, { noWheel, sources });
}

/** Of what only other platforms can use, a wheel for this very Python says what is needed there rather than one for another Python. */
function rankElsewhere({ tagSet }: WheelFilename, { ordered }: SupportedTags): number {
  return tagSet.startsWith(`${ordered[0]?.python ?? ""}-`) ? Number.MAX_SAFE_INTEGER : Infinity;
}

/** The source distribution of a version: the one with a promised hash, else the `.tar.gz` of PEP 625, else the first. */
function sourceIn(files: readonly IndexFile[], promised: readonly string[] | undefined): { file: IndexFile; kept: boolean } | undefined {
  const all = files.filter((file) => file.kind === "sdist");
  const kept = all.filter((file) =>
    Object.entries(file.hashes).some(([algorithm, digest]) => promised?.includes(`${algorithm}:${digest}`)),
  );
  const fitting = kept.length > 0 ? kept : all;
  const file = fitting.find(({ filename }) => filename.endsWith(".tar.gz")) ?? fitting[0];
  return file && { file, kept: kept.length > 0 };
}

/** A version without a usable wheel: its source, where it may be built. */
function chooseSource(
  name: NormalizedName,
  file: IndexFile,
  { noWheel, sources }: { noWheel: UnusableReason; sources: Sources },
): FileChoice {
  if (noWheel.kind !== "no-wheel") return { file: undefined, unusable: noWheel };
  const but = (why: string, more: Partial<typeof noWheel>): FileChoice => ({
    file: undefined,
    unusable: { ...noWheel, detail: `${noWheel.detail}, and ${why}`, ...more },
  });
  if (sources.wheelsOnly) return but("wheels alone can be bundled", {});
  if (!sources.format.allowsSource(name)) return but("--only-binary forbids its source", { sourceForbidden: true });
  if (sources.mayBuild(name)) return { file, unusable: undefined };
  sources.refused.set(name, [...(sources.refused.get(name) ?? []), file]);
  return but(sources.refusal, { buildable: true });
}

/** Why none of these wheels is taken. */
export function whyNoWheel(files: readonly IndexFile[], wheels: readonly IndexFile[], refused: boolean): UnusableReason {
  if (files.length === 0) return { kind: "no-wheel", sort: "no-files", detail: "has no files that may be used" };
  if (wheels.length === 0) return { kind: "no-wheel", sort: "source-only", detail: "has only a source distribution" };
  if (refused && files.length === wheels.length)
    return { kind: "no-wheel", sort: "forbidden", detail: "has no source distribution, and --no-binary forbids its wheels" };
  if (refused) return { kind: "no-wheel", sort: "forbidden-here", detail: "has wheels that --no-binary forbids" };
  const ends = wheels.map((file) => /-([^-]+-[^-]+)-([^-]+)\.whl$/.exec(file.filename) ?? ["", file.filename, "any"]);
  const pythons = firstOf(ends.map(([, python = ""]) => python));
  // The parts of `manylinux_2_17_x86_64.manylinux2014_x86_64` say the same.
  const platforms = firstOf(ends.map(([, , platform = ""]) => platform.replace(/\..*/, "")));
  return {
    kind: "no-wheel",
    sort: "other-tags",
    detail: `has no wheel for this Python and platform (there are wheels for ${pythons} on ${platforms})`,
  };
}

/** The first of some words, each once: `a, b, … (9)`. */
function firstOf(words: readonly string[]): string {
  const unique = [...new Set(words)];
  return unique.length <= 4 ? unique.join(", ") : `${unique.slice(0, 4).join(", ")}, … (${unique.length})`;
}
