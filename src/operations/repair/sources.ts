import { readTextIfAny, join } from "#foundation";
import type { InstalledDistribution } from "#installer";
import type { Interpreter } from "#python";
import { supportedTags, tryParseWheelFilename, wheelRank } from "#standards";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";
import { isBytecode, rowsOf } from "../doctor/records.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { findWhole } from "../packages/whole-wheel.ts";

/** A distribution that is wanted again. */
export interface Lost {
  readonly distribution: InstalledDistribution;
  readonly version: string;
  /** Folders of packages whose notes in the store say which wheel it was. */
  readonly libraries: readonly string[];
  /** The SHA-256 of the wheel that it was, where that is known. */
  readonly sha256?: string | undefined;
  /** It must be the very files that RECORD lists. */
  readonly exact: boolean;
  readonly interpreter: Interpreter;
}

/** The rows of RECORD that come from the wheel as they are: not scripts, nor what an installer adds. */
function wheelRows(distribution: InstalledDistribution): ReadonlyMap<string, string> {
  const rows = rowsOf(distribution);
  if (rows === undefined || rows === "unreadable") return new Map();
  const added = /\.dist-info\/(?:RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json|uv_build\.json|[^/]*\.virtualenv)$/;
  return new Map(
    rows.flatMap(({ path, hash }) =>
      hash?.algorithm !== "sha256" || path.startsWith("../") || path.startsWith("/") || isBytecode(path) || added.test(path)
        ? []
        : [[path, hash.digest] as const],
    ),
  );
}

/** True for one that did not come from an index by its name. */
const hasPlace = (distribution: InstalledDistribution): boolean => distribution.directUrl() !== undefined || distribution.editable();

/** True when the wheel has every file that RECORD says came from it, with its hash. */
export function isSameBuild(distribution: InstalledDistribution, { manifest }: StoredWheel): boolean {
  const rows = wheelRows(distribution);
  const files = new Map(manifest.files.filter(({ scheme }) => scheme === "lib").map(({ path, hash }) => [path, hash]));
  return rows.size > 0 && [...rows].every(([path, hash]) => files.get(path) === hash);
}

/** The wheel in the store: the one that was noted, else one that fits. Undefined when there is none that is whole. */
export async function findInStore(context: Context, lost: Lost): Promise<StoredWheel | undefined> {
  const { store } = context;
  const noted = lost.libraries.flatMap((library) => store.usedBy(library)).flatMap((sha256) => store.find(sha256) ?? []);
  const known = lost.sha256 === undefined ? undefined : store.find(lost.sha256);
  const isIt = ({ manifest }: StoredWheel): boolean => manifest.name === lost.distribution.name && manifest.version === lost.version;
  const candidates = [...(known === undefined ? [] : [known]), ...noted.filter(isIt)];
  // Without a promise by RECORD, hash or note only files that name their Python will do. What came from a place of its own has another twin there.
  const isAny = lost.sha256 === undefined && (lost.exact || !hasPlace(lost.distribution));
  const others = isAny ? store.list().filter(isIt) : [];
  for (const wheel of [...candidates, ...others]) {
    const right = lost.exact ? isSameBuild(lost.distribution, wheel) : isUsable(wheel, lost.interpreter);
    if (right) {
      const whole = await findWhole(context, wheel.manifest.sha256);
      if (whole !== undefined && store.checkContent(whole).length === 0) return whole;
      // Somebody wrote through a link: what is fetched must not be taken for this.
      if (whole !== undefined) await store.remove(wheel.manifest.sha256);
    }
  }
  return undefined;
}

/** By the tags of its own WHEEL file: the name of the file that it came from is not kept with it. */
function isUsable({ folder, manifest }: StoredWheel, { tagTarget }: Interpreter): boolean {
  const text = readTextIfAny(join(folder, "tree", manifest.distInfo, "WHEEL")) ?? "";
  const tags = supportedTags(tagTarget);
  return text.split(/\r?\n/).some((line) => {
    const tag = /^Tag:[ \t]*(\S+)$/.exec(line.trim())?.[1];
    const parsed = tag === undefined ? undefined : tryParseWheelFilename(`${manifest.name.replaceAll("-", "_")}-1-${tag}.whl`);
    return parsed !== undefined && wheelRank(tags, parsed) !== undefined;
  });
}

/** A pin of a stored wheel, to be installed as it is. */
export function pinOf(wheel: StoredWheel, { distribution }: Pick<Lost, "distribution">): Pin {
  return {
    locked: {
      name: wheel.manifest.name,
      version: wheel.manifest.version,
      marker: undefined,
      requiresPython: undefined,
      extras: [],
      direct: distribution.directUrl(),
      index: undefined,
      files: [],
      requiredBy: [],
      dependencies: [],
    },
    requested: distribution.requested(),
    installed: undefined,
    file: undefined,
    source: undefined,
    stored: wheel,
    hashes: [],
  };
}
