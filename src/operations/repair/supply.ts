import { PenError } from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import type { InstalledDistribution } from "#installer";
import { parseRequirementArgument } from "#project";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import type { Source } from "../building/source-types.ts";
import { findSeeds } from "../environments/seed.ts";
import { fetchWheels } from "../packages/fetch.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { singleTarget } from "../resolving/target.ts";
import { findSource, isMissing, placeOf } from "./origins.ts";
import { findInStore, isSameBuild, type Lost } from "./sources.ts";
import type { Case } from "./types.ts";

/** The way to a distribution that is wanted again. */
export type Supply =
  | { readonly kind: "stored"; readonly wheel: StoredWheel }
  | { readonly kind: "fetch"; readonly pin: Pin }
  | { readonly kind: "build"; readonly source: Source }
  | { readonly kind: "newest" };

/**
 * The way to it: the store, else the index or the place it came from, else its source, where that may be built. Nothing is downloaded or built yet.
 * Errors: those of the index; BUILD_REFUSED with what to type; PACKAGE_NOT_FOUND for a place where nothing is any more.
 */
export async function findSupply(one: Case, environment: Environment, lost: Lost): Promise<Supply> {
  const wheel = await findInStore(one.context, lost);
  if (wheel !== undefined) return { kind: "stored", wheel };
  const place = placeOf(lost.distribution);
  if (place === undefined || place.isWheel) {
    try {
      return { kind: "fetch", pin: await findPin(one, lost, place?.location) };
    } catch (error) {
      if (place !== undefined || !isMissing(error)) throw error;
      const source = await findSource(one, environment, { lost, place });
      if (source === undefined) throw error;
      return { kind: "build", source };
    }
  }
  const source = await findSource(one, environment, { lost, place });
  if (source === undefined) throw new PenError("PACKAGE_NOT_FOUND", `Nobody has ${lost.distribution.name} ${lost.version}`);
  return { kind: "build", source };
}

const tools: ReadonlySet<string> = new Set(["pip", "setuptools"]);

/**
 * True for what an environment starts with: it works on environments, and an old one does not run on a newer Python. Another version of Python
 * gets the newest one that it can run, as a new environment would.
 */
export function isTool(distribution: InstalledDistribution): boolean {
  return tools.has(distribution.name) && placeOf(distribution) === undefined;
}

/** In the words of a person. `what` is the name with its version. */
export function supplyWords(supply: Supply, what: string): string {
  if (supply.kind === "stored") return `Puts the files of ${what} back from pen's store`;
  if (supply.kind === "newest") return `Installs the newest version of ${what}`;
  if (supply.kind === "build") return `Builds ${what} from its source, and installs it as a whole`;
  return `Fetches ${what} again from ${supply.pin.stored === undefined ? "the index" : "where it was installed from"}`;
}

async function findPin({ context, depot }: Case, lost: Lost, location: string | undefined): Promise<Pin> {
  const { distribution, version, interpreter, sha256 } = lost;
  const client = depot.client();
  const text = location === undefined ? `${distribution.name}==${version}` : `${distribution.name} @ ${location}`;
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

/** What came of a supply. */
export interface Obtained {
  readonly wheel: StoredWheel;
  /** Its files may stand in for single ones of what is installed; else it can only replace all of them. */
  readonly isSame: boolean;
}

/** Fetches or builds it. Errors: those of fetching and of building; HASH_MISMATCH when what was fetched is another build. */
export async function obtain(one: Case, environment: Environment, { lost, supply }: { lost: Lost; supply: Supply }): Promise<Obtained> {
  if (supply.kind === "stored") return { wheel: supply.wheel, isSame: lost.exact };
  if (supply.kind === "build") {
    const builder = await one.depot.sources(environment).builder();
    one.context.emit({ type: "phase", phase: "build" });
    const wheel = await builder.wheel(supply.source);
    return { wheel, isSame: lost.exact && isSameBuild(lost.distribution, wheel) };
  }
  if (supply.kind === "newest") return { wheel: await findNewest(one, lost), isSame: false };
  const wheel = await fetchPin(one, lost, supply.pin);
  if (!lost.exact || isSameBuild(lost.distribution, wheel)) return { wheel, isSame: lost.exact };
  throw new PenError("HASH_MISMATCH", `The index has other files for ${lost.distribution.name} ${lost.version} than were installed`, {
    why: "It was built on this machine, or the index has another build. Putting its files beside the installed ones would mix two.",
    hint: `Install that one as a whole: pen pip install --force-reinstall --no-deps ${lost.distribution.name}==${lost.version}`,
  });
}

async function findNewest({ context, options }: Case, { distribution: { name }, interpreter }: Lost): Promise<StoredWheel> {
  const wheels = await findSeeds(context, { interpreter, names: [name], indexes: options.indexes ?? {} });
  const wheel = wheels.find(({ manifest }) => manifest.name === name);
  if (wheel === undefined) throw new PenError("PACKAGE_NOT_FOUND", `Nobody has ${name} for Python ${interpreter.version}`);
  return wheel;
}

async function fetchPin({ context, depot }: Case, { distribution, version }: Lost, pin: Pin): Promise<StoredWheel> {
  if (pin.stored !== undefined) return pin.stored;
  const wanted =
    pin.file === undefined ? [] : [{ name: pin.locked.name, version: pin.locked.version ?? version, file: pin.file, hashes: pin.hashes }];
  const [fetched] = await fetchWheels(context, depot.client(), { wanted });
  if (fetched === undefined) throw new PenError("PACKAGE_NOT_FOUND", `No index has ${distribution.name} ${version}`);
  return fetched;
}
