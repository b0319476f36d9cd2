import { isPenError, PenError } from "#foundation";
import { applyPlan, readInstalled, type InstalledDistribution, type LinkMode } from "#installer";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import type { Context } from "../context.ts";
import { versionOf, writtenName } from "../packages/distributions.ts";
import { strandedFolders } from "../doctor/skeleton.ts";
import { environmentDestination } from "../environment.ts";
import { installPins } from "../packages/install.ts";
import { modeLike } from "./files.ts";
import { refusal } from "./origins.ts";
import { pinOf, type Lost } from "./sources.ts";
import { findSupply, isTool, obtain, type Supply } from "./supply.ts";
import type { Case, Treatment } from "./types.ts";

/** A package of another version of Python, and how to get it for this one. */
interface Stranded {
  readonly lost: Lost;
  readonly distribution: InstalledDistribution;
  readonly supply: Supply;
}

/** One that cannot be had for this Python, with the reason. */
interface Impossible {
  readonly distribution: InstalledDistribution;
  readonly error: PenError;
}

interface StrandedPlan extends Treatment {
  readonly impossible: readonly Impossible[];
  /** Fetches and builds what is to be installed, and looks whether it can be: nothing is changed before that is certain. */
  prepare(): Promise<void>;
}

/**
 * How to install what stands in the folders of other versions of Python for this one, in the same versions, and to take it away there.
 * What this Python has already only goes away there. Undefined when there is none. Nothing is downloaded yet. Errors: those of an index that
 * cannot be asked.
 */
export async function planStranded(one: Case, environment: Environment): Promise<StrandedPlan | undefined> {
  const { context } = one;
  const present = new Set(readInstalled(environmentDestination(environment).target).map(({ name }) => name));
  const found: Stranded[] = [];
  const impossible: Impossible[] = [];
  const obsolete: InstalledDistribution[] = [];
  for (const { target } of strandedFolders(environment)) {
    for (const distribution of readInstalled(target)) {
      context.signal?.throwIfAborted();
      if (present.has(distribution.name)) {
        obsolete.push(distribution);
        continue;
      }
      present.add(distribution.name);
      const { interpreter } = environment;
      const lost = { distribution, version: versionOf(distribution), libraries: [target.paths.purelib], exact: false, interpreter };
      const ready = one.depot.ready.get(distribution.path);
      try {
        const supply: Supply =
          ready !== undefined
            ? { kind: "stored", wheel: ready }
            : isTool(distribution)
              ? { kind: "newest" }
              : await findSupply(one, environment, lost);
        found.push({ lost, distribution, supply });
      } catch (error) {
        if (!isPenError(error) || context.signal?.aborted === true) throw error;
        impossible.push({ distribution, error });
      }
    }
  }
  if (found.length + obsolete.length + impossible.length === 0) return undefined;
  return {
    how: wordsFor(found, environment),
    impossible,
    prepare: async () => installAll(one, environment, await obtainAll(one, environment, found), true),
    run: () => bringOver(one, environment, { found, obsolete }),
  };
}

function wordsFor(found: readonly Stranded[], { interpreter }: Environment): string {
  const shown = found.slice(0, 4).map(({ distribution, ...one }) => `${writtenName(distribution)} ${versionTo(one)}`);
  const more = found.length > 4 ? ` and ${found.length - 4} more` : "";
  return found.length === 0
    ? "Removes what this Python has already"
    : `Installs ${shown.join(", ")}${more} for Python ${interpreter.version}`;
}

function versionTo({ lost, supply }: Pick<Stranded, "lost" | "supply">): string {
  if (supply.kind === "newest") return "(the newest)";
  return supply.kind === "stored" ? supply.wheel.manifest.version : lost.version;
}

/** The reason why packages cannot come along. */
function strandedReason(impossible: readonly Impossible[]): string {
  const lines = impossible
    .slice(0, 5)
    .map(({ distribution, error }) => `${writtenName(distribution)} ${versionOf(distribution)}: ${error.message}`);
  return impossible.length > 5 ? [...lines, `and ${impossible.length - 5} more`].join("; ") : lines.join("; ");
}

interface Bringing {
  readonly found: readonly Stranded[];
  readonly obsolete: readonly InstalledDistribution[];
}

/** All are there before the first is installed; each kind of link is one transaction. */
async function bringOver(one: Case, environment: Environment, { found, obsolete }: Bringing): Promise<void> {
  await installAll(one, environment, await obtainAll(one, environment, found), false);
  await removeObsolete(one.context, environment, obsolete);
}

interface Ready extends Stranded {
  readonly wheel: StoredWheel;
  readonly linkMode: LinkMode;
}

async function obtainAll(one: Case, environment: Environment, found: readonly Stranded[]): Promise<Ready[]> {
  const ready: Ready[] = [];
  for (const stranded of found) {
    const { path } = stranded.distribution;
    const wheel = one.depot.ready.get(path) ?? (await obtain(one, environment, stranded)).wheel;
    one.depot.ready.set(path, wheel);
    ready.push({ ...stranded, wheel, linkMode: modeLike(stranded.distribution) });
  }
  return ready;
}

/** With `dryRun` only what would be in the way is looked for. Errors: those of installing. */
async function installAll(one: Case, environment: Environment, ready: readonly Ready[], dryRun: boolean): Promise<void> {
  const { context } = one;
  const destination = environmentDestination(environment);
  for (const linkMode of new Set(ready.map((stranded) => stranded.linkMode))) {
    const group = ready.filter((stranded) => stranded.linkMode === linkMode);
    await installPins(context, {
      destination,
      installed: [...group.map(({ distribution }) => distribution), ...readInstalled(destination.target)],
      resolved: {
        lock: { requiresPython: undefined, environments: [], packages: [] },
        pins: group.map(({ wheel, lost }) => pinOf(wheel, lost)),
      },
      client: one.depot.client(),
      options: { forceReinstall: true, linkMode, dryRun, ...signalOf(context) },
    });
  }
}

const signalOf = ({ signal }: Context): { readonly signal?: AbortSignal } => (signal === undefined ? {} : { signal });

async function removeObsolete(context: Context, environment: Environment, obsolete: readonly InstalledDistribution[]): Promise<void> {
  if (obsolete.length === 0) return;
  const { target } = environmentDestination(environment);
  // Commands that both have stay, and that is no news.
  const emit: Context["emit"] = (event) => {
    if (event.type !== "log" || event.code !== "shared-file") context.emit(event);
  };
  const steps = obsolete.map((distribution) => ({
    action: "uninstall" as const,
    name: distribution.name,
    version: distribution.version,
    replaces: [distribution],
  }));
  await applyPlan({ steps, installed: [...obsolete, ...readInstalled(target)], missing: [] }, target, {
    linkMode: "auto",
    emit,
    ...signalOf(context),
  });
}

/**
 * Why not all packages come along. Undefined when all do. BUILD_REFUSED when nothing but leave to build is missing, with the command that gives it; else
 * PACKAGE_NOT_FOUND.
 */
export function whyNotAll(
  one: Case,
  { impossible }: Pick<StrandedPlan, "impossible">,
  { interpreter, root }: Environment,
): PenError | undefined {
  const [first] = impossible;
  if (first === undefined) return undefined;
  const refused = impossible.filter(({ error }) => error.code === "BUILD_REFUSED");
  if (refused.length === impossible.length)
    return refusal(
      one,
      refused.map(({ distribution, error }) => ({
        name: distribution.name,
        version: versionOf(distribution),
        origin: typeof error.data["origin"] === "string" ? error.data["origin"] : "",
      })),
    );
  return new PenError("PACKAGE_NOT_FOUND", `Not all of its packages can be had for Python ${interpreter.version}`, {
    why: strandedReason(impossible),
    hint: "Take a Python of the version that it was made for, or make a new environment with newer versions: pen venv",
    data: { path: root, packages: impossible.map(({ distribution }) => distribution.name) },
  });
}
