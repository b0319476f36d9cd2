import { createLimiter } from "#foundation";
import type { InstalledDistribution } from "#installer";
import { compareVersions, isPrerelease, parseVersion, specifiersContain, tryParseVersion } from "#standards";
import { formatControl } from "../building/build-choices.ts";
import { IndexCatalog } from "../resolving/catalog.ts";
import type { FiledCandidate } from "../resolving/index-candidate.ts";
import { openContext, type IndexOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { list, type ListOptions } from "./list.ts";
import { singleTarget } from "../resolving/target.ts";

export interface OutdatedOptions extends ListOptions {
  readonly indexes?: IndexOptions;
  /** Count pre-releases too. */
  readonly prereleases?: boolean;
  /** As pip's options of these names: packages whose wheels, or whose sources, do not count. */
  readonly noBinary?: readonly string[];
  readonly onlyBinary?: readonly string[];
}

/** An installed distribution with the newest version that an index has for its Python. */
export interface NewestVersion {
  readonly distribution: InstalledDistribution;
  /** The installed one when no index has a newer one; undefined when none has any that could be installed. */
  readonly latest: string | undefined;
  readonly isOutdated: boolean;
  /** What the newest version would be installed from; undefined where there is none. */
  readonly kind?: "wheel" | "sdist";
}

const askedAtOnce = 16;

/**
 * `pen pip list --outdated`: the newest version of everything that is installed. Versions that are yanked, that another Python needs or
 * that have no usable wheel do not count. Errors: those of the index.
 */
export async function newestVersions(options: OutdatedOptions = {}): Promise<NewestVersion[]> {
  const context = openContext(options);
  const { distributions, environment } = await list(options);
  if (environment === undefined) return distributions.map((distribution) => ({ distribution, latest: undefined, isOutdated: false }));
  const target = singleTarget(environment.interpreter);
  const python = parseVersion(target.markers.python_full_version.replace(/\+$/, ""));
  const catalog = new IndexCatalog({
    client: openIndexes(context, options.indexes ?? {}),
    tags: target.tags,
    everyPlatform: false,
    format: formatControl(options.noBinary ?? [], options.onlyBinary ?? []),
    hashes: new Map(),
    direct: () => Promise.reject(new Error("Nothing is asked for by URL here")),
  });
  const counts = (candidate: FiledCandidate): boolean =>
    candidate.unusable === undefined &&
    candidate.yanked === undefined &&
    (options.prereleases === true || !isPrerelease(candidate.version)) &&
    (candidate.requiresPython === undefined || specifiersContain(candidate.requiresPython, python, { prereleases: true }));
  const asking = createLimiter(askedAtOnce);
  return Promise.all(
    distributions.map((distribution) =>
      asking.run(async () => {
        const candidates = [...((await catalog.candidates(distribution.name)) ?? [])].filter(counts);
        const [newest] = [...candidates].sort((a, b) => compareVersions(b.version, a.version));
        const present = tryParseVersion(distribution.version);
        const isOutdated = newest !== undefined && present !== undefined && compareVersions(newest.version, present) > 0;
        return {
          distribution,
          latest: isOutdated ? newest.versionText : newest && distribution.version,
          isOutdated,
          ...(newest?.file === undefined ? {} : { kind: newest.file.kind }),
        };
      }),
    ),
  );
}
