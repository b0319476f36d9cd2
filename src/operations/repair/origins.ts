import { isPenError, PenError, printableLine } from "#foundation";
import type { InstalledDistribution } from "#installer";
import { compareVersions, specifiersContain, tryParseVersion } from "#standards";
import type { Environment } from "#venv";
import { parsePlace } from "../building/direct-places.ts";
import type { Source, Sources } from "../building/source-types.ts";
import { IndexCatalog } from "../resolving/catalog.ts";
import { singleTarget } from "../resolving/target.ts";
import { editableLocation } from "../packages/distributions.ts";
import { shellWord } from "../shells/shell-word.ts";
import type { Lost } from "./sources.ts";
import type { Case } from "./types.ts";

/** The place that a distribution was installed from by its URL or path. */
export interface Place {
  /** As it would stand behind `name @`. */
  readonly location: string;
  readonly isWheel: boolean;
  readonly editable: boolean;
  /** A folder of this machine, which somebody named when it was installed. */
  readonly isFolder: boolean;
}

/** Where it came from; undefined for what came from an index by its name. */
export function placeOf(distribution: InstalledDistribution): Place | undefined {
  const origin = distribution.directUrl();
  if (origin === undefined) {
    const folder = editableLocation(distribution);
    return folder === undefined ? undefined : { location: folder, isWheel: false, editable: true, isFolder: true };
  }
  const { url, info, subdirectory } = origin;
  const inside = subdirectory === undefined ? [] : [`subdirectory=${subdirectory}`];
  switch (info.kind) {
    case "archive": {
      const hashes = Object.entries(info.hashes).map(([algorithm, digest]) => `${algorithm}=${digest}`);
      const location = url.includes("#") ? url : withFragment(url, [...hashes, ...inside]);
      return { location, isWheel: /\.whl(?:$|[?#])/.test(url), editable: false, isFolder: false };
    }
    case "vcs":
      return { location: withFragment(`${info.vcs}+${url}@${info.commitId}`, inside), isWheel: false, editable: false, isFolder: false };
    case "dir":
      return { location: withFragment(url, inside), isWheel: false, editable: info.editable, isFolder: true };
  }
}

const withFragment = (url: string, parts: readonly string[]): string => (parts.length === 0 ? url : `${url}#${parts.join("&")}`);

/** True when an index says that it has no such version for this Python: its source may still do. */
export const isMissing = (error: unknown): boolean => isPenError(error, "RESOLUTION_CONFLICT") || isPenError(error, "PACKAGE_NOT_FOUND");

/**
 * The source of a distribution, in the version that is installed. Undefined when the index has none for this Python. Nothing is fetched. Errors: BUILD_REFUSED
 * when it may not be built, and nobody can be asked; those of places.
 */
export async function findSource(
  one: Case,
  environment: Environment,
  { lost, place }: { readonly lost: Lost; readonly place: Place | undefined },
): Promise<Source | undefined> {
  const sources = one.depot.sources(environment);
  const source = place === undefined ? await listedSource(one, sources, lost) : await placedSource(one, sources, { lost, place });
  const { name } = lost.distribution;
  if (source === undefined || source.trusted || sources.mayBuild(name) || sources.choices.confirm !== undefined) return source;
  throw refusal(one, [{ name, version: lost.version, origin: source.origin }]);
}

async function placedSource(
  { context, depot }: Case,
  sources: Sources,
  { lost: { distribution, version }, place: { location, editable, isFolder } }: { readonly lost: Lost; readonly place: Place },
): Promise<Source> {
  const { sourceAt } = await import("../building/direct-loading.ts");
  const wanted = { location, hashes: [], buildOptions: [], editable, name: distribution.name, trusted: isFolder };
  const { source } = await sourceAt(parsePlace(location), { context, client: depot.client(), sources }, wanted);
  // A project in development mode is whatever its folder is now; anything else must be what was installed.
  return editable ? source : { ...source, label: `${distribution.name} ${version}`, version: tryParseVersion(version) };
}

/** The source distribution that the index has of the version, for this Python. */
async function listedSource({ depot }: Case, sources: Sources, { distribution, version, interpreter }: Lost): Promise<Source | undefined> {
  const { target, tags } = singleTarget(interpreter);
  const wanted = tryParseVersion(version);
  if (target.kind !== "single" || wanted === undefined) return undefined;
  const catalog = new IndexCatalog({
    client: depot.client(),
    tags,
    everyPlatform: false,
    format: sources.format,
    sources: { ...sources, mayBuild: () => true },
    hashes: new Map(),
    direct: () => {
      throw new PenError("INTERNAL", "A version of an index was asked for as a place");
    },
  });
  const found = [...((await catalog.candidates(distribution.name)) ?? [])].find(
    (candidate) => compareVersions(candidate.version, wanted) === 0,
  );
  if (found?.file?.kind !== "sdist") return undefined;
  if (found.requiresPython !== undefined && !specifiersContain(found.requiresPython, target.python, { prereleases: true }))
    return undefined;
  const facts = { name: found.name, version: found.version, versionText: found.versionText, hashes: [] };
  return (await sources.builder()).ofFile(found.file, facts);
}

/** What may not be built, for the words of a refusal. */
export interface Refused {
  readonly name: string;
  readonly version: string;
  /** Without credentials. */
  readonly origin: string;
}

/** Building was not allowed: with the command that allows it. */
export function refusal(one: Pick<Case, "root" | "options">, refused: readonly Refused[]): PenError {
  const [first, ...more] = refused;
  const names = refused.map(({ name }) => name);
  const what = more.length === 0 ? `${first?.name} ${printableLine(first?.version ?? "")} would` : `${names.join(", ")} would`;
  return new PenError("BUILD_REFUSED", `${what} have to be built from source`, {
    why: `That runs code of ${more.length === 0 ? "the project" : "these projects"} on this machine, and nobody has allowed it. It comes from ${refused.map(({ origin }) => printableLine(origin)).join(", ")}`,
    hint: `If you trust ${more.length === 0 ? "it" : "them"}: ${allowingCommand(one, names)}`,
    data: { path: one.root, packages: names, origin: refused.map(({ origin }) => origin).join(", ") },
  });
}

function allowingCommand({ root, options }: Pick<Case, "root" | "options">, names: readonly string[]): string {
  const python = options.python === undefined ? "" : ` --python ${shellWord(options.python)}`;
  const leave = names.length > 3 ? " --allow-builds" : names.map((name) => ` --allow-build ${name}`).join("");
  return `pen env repair${python}${leave} ${shellWord(root)}`;
}
