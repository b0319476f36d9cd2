import { join } from "node:path";
import { PenError, readTextIfAny } from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import type { InstalledDistribution } from "#installer";
import { parseRequirementArgument } from "#project";
import type { Interpreter } from "#python";
import { supportedTags, tryParseWheelFilename, wheelRank, type DirectUrl } from "#standards";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";
import { isBytecode, rowsOf } from "../doctor/records.ts";
import { fetchWheels } from "../packages/fetch.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { singleTarget } from "../resolving/target.ts";
import { findWhole } from "../packages/whole-wheel.ts";

/** A distribution that is wanted again. */
export interface Lost {
  readonly distribution: Pick<InstalledDistribution, "name" | "requested" | "directUrl"> &
    Partial<Pick<InstalledDistribution, "record" | "kind" | "linked">>;
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
function wheelRows(distribution: Lost["distribution"]): ReadonlyMap<string, string> {
  const rows = distribution.record === undefined ? undefined : rowsOf(distribution as InstalledDistribution);
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

/** True when the wheel has every file that RECORD says came from it, with its hash. */
function isSameBuild(distribution: Lost["distribution"], { manifest }: StoredWheel): boolean {
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
  // Without a promise by RECORD, hash or note only files that name their Python will do.
  const others = lost.sha256 === undefined ? store.list().filter(isIt) : [];
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

/** How to get it from an index or from where it was installed: nothing is downloaded yet. Errors: those of the index, BUILD_REQUIRED. */
export async function findPin(context: Context, client: IndexClient, lost: Lost): Promise<Pin> {
  const { distribution, version, interpreter, sha256 } = lost;
  const origin = distribution.directUrl();
  const text =
    origin === undefined ? `${distribution.name}==${version}` : `${distribution.name} @ ${archiveUrl(distribution.name, origin)}`;
  const { pins } = await resolveRequirements(context, client, {
    ...plainQuestion,
    ...singleTarget(interpreter),
    requirements: [parseRequirementArgument(text, context.host.cwd)],
    prereleases: "allow",
    followDependencies: false,
  });
  const pin = pins[0];
  if (pin === undefined) throw new PenError("PACKAGE_NOT_FOUND", `No index has ${distribution.name} ${version}`);
  const file = sha256 === undefined || pin.file?.hashes.sha256 === sha256 ? pin.file : await fileOf(client, lost);
  return {
    ...pin,
    file,
    requested: distribution.requested(),
    hashes: sha256 === undefined ? pin.hashes : [`sha256:${sha256}`],
  };
}

function archiveUrl(name: string, { url, info }: DirectUrl): string {
  if (info.kind === "archive" && /\.whl(?:$|[?#])/.test(url)) {
    const sha256 = info.hashes["sha256"];
    return sha256 === undefined || url.includes("#") ? url : `${url}#sha256=${sha256}`;
  }
  throw new PenError(
    "BUILD_REQUIRED",
    `${name} was installed from ${info.kind === "vcs" ? "a repository" : "a folder or a source archive"}`,
    {
      why: `${url} has to be built, which repairing does not do: pen pip install ${info.kind === "dir" && info.editable ? "-e " : ""}${url}`,
    },
  );
}

/** The very file that was installed, of all files of the version. */
async function fileOf(client: IndexClient, { distribution, version, sha256 }: Lost): Promise<IndexFile | undefined> {
  const listing = await client.listing(distribution.name);
  const file = listing?.versions
    .find(({ text }) => text === version)
    ?.files()
    .find(({ hashes }) => hashes.sha256 === sha256);
  if (file !== undefined) return file;
  throw new PenError("HASH_MISMATCH", `The index has ${distribution.name} ${version}, but not the file that was installed`, {
    why: `The installed one has the SHA-256 ${sha256 ?? ""}.`,
    hint: `Take the one of the index: pen pip install --force-reinstall ${distribution.name}==${version}`,
  });
}

/** The wheel in the store, after fetching it where it is not there yet. Errors: those of fetching; HASH_MISMATCH when it is another build. */
export async function fetchLost(context: Context, client: IndexClient, lost: Lost): Promise<StoredWheel> {
  const pin = await findPin(context, client, lost);
  const [fetched] =
    pin.stored !== undefined
      ? [pin.stored]
      : pin.file === undefined
        ? []
        : await fetchWheels(context, client, {
            wanted: [{ name: pin.locked.name, version: pin.locked.version ?? lost.version, file: pin.file, hashes: pin.hashes }],
          });
  if (fetched === undefined) throw new PenError("PACKAGE_NOT_FOUND", `No index has ${lost.distribution.name} ${lost.version}`);
  if (!lost.exact || isSameBuild(lost.distribution, fetched)) return fetched;
  throw new PenError("HASH_MISMATCH", `The index has other files for ${lost.distribution.name} ${lost.version} than were installed`, {
    why: "It was built on this machine, or the index has another build. Putting its files beside the installed ones would mix two.",
    hint: `Install that one as a whole: pen pip install --force-reinstall --no-deps ${lost.distribution.name}==${lost.version}`,
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
