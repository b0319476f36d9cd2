import { warn, type Emit } from "#foundation";
import { readInstalled } from "#installer";
import type { PipfileLock } from "#lock";
import type { RequirementEntry } from "#project";
import { evaluateMarker, type MarkerEnvironment, type NormalizedName } from "#standards";
import type { Environment } from "#venv";
import type { BuildChoices } from "../building/build-choices.ts";
import { openSources } from "../building/sources.ts";
import type { Context } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { environmentDestination, exclusively } from "../environment.ts";
import { installPins, type InstallReport, type LinkMode } from "../packages/install.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { settle } from "../resolving/settled-pins.ts";
import { singleTarget } from "../resolving/target.ts";
import { lockedRequirements } from "./locked-requirements.ts";
import { projectIndexes, type FetchOptions } from "./project-sources.ts";
import { lockCategory, type Project } from "./project.ts";

export interface InstallLockedOptions {
  /** By their names in the Pipfile. */
  readonly categories: readonly string[];
  /** Remove what no category of the lock names. */
  readonly prune?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly linkMode?: LinkMode | undefined;
  readonly builds?: BuildChoices | undefined;
  readonly fetching: FetchOptions;
}

/** Never removed by tidying up: without them the word `pip` would be another Python's. */
export const keptPackages: ReadonlySet<string> = new Set(["pip", "setuptools", "wheel"]);

/**
 * Puts exactly what a lock names for this environment into it, as one transaction: nothing is solved, every file is held against the hashes of the
 * lock. Errors: `INVALID_LOCK`, `TARGET_UNSUPPORTED`, `HASH_MISMATCH`, and those of fetching, building and installing; the environment is then as it was.
 */
export async function installLocked(
  context: Context,
  { project, lock, environment }: { readonly project: Project; readonly lock: PipfileLock; readonly environment: Environment },
  options: InstallLockedOptions,
): Promise<InstallReport> {
  const destination = environmentDestination(environment);
  const target = singleTarget(destination.interpreter);
  const categories = options.categories.map(lockCategory).filter((name) => lock.categories.has(name));
  const wanted = lockedRequirements(project, lock, { categories, host: context.host });
  tellUnbound(wanted.requirements, target.markers, context.emit);
  const client = openIndexes(
    context,
    projectIndexes({ ...project, sources: wanted.sources }, context.host, { routes: wanted.routes, fetching: options.fetching }),
  );
  const sources = openSources(context, client, {
    interpreter: destination.interpreter,
    choices: { ...options.builds },
    noBinary: noBinaryOf(lock, categories),
    onlyBinary: [],
    foreign: false,
    environment,
  });
  return exclusively(context, destination, async () => {
    const installed = readInstalled(destination.target);
    const { inPlace, open } = settle(wanted.requirements, installed, target.markers);
    const asked = await resolveRequirements(context, client, {
      ...plainQuestion,
      ...target,
      requirements: open,
      constraints: [],
      prereleases: "allow",
      followDependencies: false,
      requireHashes: false,
      partialHashes: true,
      noBinary: new Set(noBinaryOf(lock, categories)),
      sources,
    });
    const resolved = { ...asked, pins: [...inPlace, ...asked.pins] };
    const names = new Set<NormalizedName>(resolved.pins.map(({ locked }) => locked.name));
    const all = options.prune === true ? namesOf(lock) : undefined;
    const extra =
      all === undefined
        ? undefined
        : installed.flatMap(({ name }) => (names.has(name) || all.has(name) || keptPackages.has(name) ? [] : [name]));
    const report = await installPins(context, {
      destination,
      installed,
      resolved,
      client,
      sources,
      options: {
        ...(options.dryRun === undefined ? {} : { dryRun: options.dryRun }),
        ...(options.linkMode === undefined ? {} : { linkMode: options.linkMode }),
        ...(context.signal === undefined ? {} : { signal: context.signal }),
      },
      ...(extra === undefined ? {} : { exact: extra }),
    });
    return { ...report, markers: target.markers };
  }).finally(() => sources.close());
}

/** All that any category of a lock names. */
export function namesOf(lock: PipfileLock): Set<NormalizedName> {
  return new Set([...lock.categories.values()].flatMap((entries) => entries.map(({ name }) => name)));
}

function noBinaryOf(lock: PipfileLock, categories: readonly string[]): string[] {
  return categories.flatMap((name) => (lock.categories.get(name) ?? []).flatMap((entry) => (entry.noBinary ? [entry.name] : [])));
}

/** Nothing tells which file is meant where a lock has neither a version nor a hash. pen writes no such locks. */
function tellUnbound(entries: readonly RequirementEntry[], markers: MarkerEnvironment, emit: Emit): void {
  for (const { source, hashes } of entries) {
    if (source.kind !== "named" || source.requirement.url !== undefined) continue;
    const { name, marker, specifiers } = source.requirement;
    if (marker !== undefined && !evaluateMarker(marker, markers)) continue;
    if (hashes.length > 0 && specifiers.specifiers.length > 0) continue;
    warn(
      emit,
      "unbound-lock",
      `The lock does not say which file of ${name} is meant: lock again with \`pen lock\`, so that nobody can replace it`,
    );
  }
}
