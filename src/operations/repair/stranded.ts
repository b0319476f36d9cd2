import { isPenError, PenError } from "#foundation";
import type { IndexClient } from "#index";
import { applyPlan, readInstalled, type InstalledDistribution, type LinkMode } from "#installer";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import { openIndexes, type Context } from "../context.ts";
import { versionOf, writtenName } from "../packages/distributions.ts";
import { strandedFolders } from "../doctor/skeleton.ts";
import { environmentDestination } from "../environment.ts";
import { installPins } from "../packages/install.ts";
import { modeLike } from "./files.ts";
import { fetchLost, findInStore, findPin, pinOf, type Lost } from "./sources.ts";
import type { Case, Treatment } from "./types.ts";

/** A package of another version of Python, and how to get it for this one. */
interface Stranded {
  readonly lost: Lost;
  readonly distribution: InstalledDistribution;
  /** Undefined for one that is to be fetched. */
  readonly stored: StoredWheel | undefined;
}

interface StrandedPlan extends Treatment {
  /** Those that cannot be had for this Python, each with the reason. */
  readonly impossible: ReadonlyArray<{ readonly distribution: InstalledDistribution; readonly why: string }>;
}

/**
 * How to install what stands in the folders of other versions of Python for this one, in the same versions, and to take it away there.
 * What this Python has already only goes away there. Undefined when there is none. Nothing is downloaded yet. Errors: those of an index that
 * cannot be asked.
 */
export async function planStranded(one: Case, environment: Environment): Promise<StrandedPlan | undefined> {
  const { context } = one;
  const client = openIndexes(context, one.options.indexes ?? {});
  const present = new Set(readInstalled(environmentDestination(environment).target).map(({ name }) => name));
  const found: Stranded[] = [];
  const impossible: Array<StrandedPlan["impossible"][number]> = [];
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
      try {
        const stored = await findInStore(context, lost);
        if (stored === undefined) await findPin(context, client, lost);
        found.push({ lost, distribution, stored });
      } catch (error) {
        if (!isPenError(error) || context.signal?.aborted === true) throw error;
        impossible.push({ distribution, why: error.message });
      }
    }
  }
  if (found.length + obsolete.length + impossible.length === 0) return undefined;
  return { how: wordsFor(found, environment), impossible, run: () => bringOver(one, environment, { found, obsolete, client }) };
}

function wordsFor(found: readonly Stranded[], { interpreter }: Environment): string {
  const shown = found.slice(0, 4).map(({ distribution, lost }) => `${writtenName(distribution)} ${lost.version}`);
  const more = found.length > 4 ? ` and ${found.length - 4} more` : "";
  return found.length === 0
    ? "Removes what this Python has already"
    : `Installs ${shown.join(", ")}${more} for Python ${interpreter.version}`;
}

/** The reason why packages cannot come along. */
export function strandedReason(impossible: StrandedPlan["impossible"]): string {
  const lines = impossible.slice(0, 5).map(({ distribution, why }) => `${writtenName(distribution)} ${versionOf(distribution)}: ${why}`);
  return impossible.length > 5 ? [...lines, `and ${impossible.length - 5} more`].join("; ") : lines.join("; ");
}

interface Bringing {
  readonly found: readonly Stranded[];
  readonly obsolete: readonly InstalledDistribution[];
  readonly client: IndexClient;
}

/** All are fetched before the first is installed; each kind of link is one transaction. */
async function bringOver(one: Case, environment: Environment, { found, obsolete, client }: Bringing): Promise<void> {
  const { context } = one;
  const destination = environmentDestination(environment);
  const ready: Array<Stranded & { readonly wheel: StoredWheel; readonly linkMode: LinkMode }> = [];
  for (const stranded of found) {
    const wheel = stranded.stored ?? (await fetchLost(context, client, stranded.lost));
    ready.push({ ...stranded, wheel, linkMode: modeLike(stranded.distribution) });
  }
  for (const linkMode of new Set(ready.map((one) => one.linkMode))) {
    const group = ready.filter((one) => one.linkMode === linkMode);
    await installPins(context, {
      destination,
      installed: [...group.map(({ distribution }) => distribution), ...readInstalled(destination.target)],
      resolved: {
        lock: { requiresPython: undefined, environments: [], packages: [] },
        pins: group.map(({ wheel, lost }) => pinOf(wheel, lost)),
      },
      client,
      options: { forceReinstall: true, linkMode, ...signalOf(context) },
    });
  }
  await removeObsolete(context, environment, obsolete);
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

/** Refuses a Python for which some packages cannot be had. Errors: PACKAGE_NOT_FOUND. */
export function refuseImpossible({ impossible }: Pick<StrandedPlan, "impossible">, { interpreter, root }: Environment): void {
  if (impossible.length === 0) return;
  throw new PenError("PACKAGE_NOT_FOUND", `Not all of its packages can be had for Python ${interpreter.version}`, {
    why: strandedReason(impossible),
    hint: "Take a Python of the version that it was made for, or make a new environment with newer versions: pen venv",
    data: { path: root, packages: impossible.map(({ distribution }) => distribution.name) },
  });
}
