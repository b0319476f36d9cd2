import { PenError, printableLine, type Host, resolve } from "#foundation";
import type { IndexRoutes } from "#index";
import type { PipfileLock, PipfileLockEntry } from "#lock";
import { expandVariables, type PipfileSource, type RequirementEntry, type RequirementSource } from "#project";
import { anySpecifiers, parseSpecifiers, type NormalizedName } from "#standards";
import { withoutSecrets } from "./lock-entries.ts";
import { checkLockedPaths } from "./locked-paths.ts";
import type { Project } from "./project.ts";

/** What some categories of a lock ask for, to be resolved without following dependencies (with `partialHashes`) and installed. */
export interface LockedRequirements {
  readonly requirements: readonly RequirementEntry[];
  readonly routes: IndexRoutes;
  /** The sources of the lock, as written; those of the project where it has none. */
  readonly sources: readonly PipfileSource[];
}

/**
 * Reads entries of a lock as requirements: exact versions with their hashes and markers, and places. A package of several categories counts in the
 * version of the last one, as pipenv installs them one after the other. Errors: `INVALID_LOCK` for a category that is not there, as `checkLockedPaths`, and
 * `INVALID_PROJECT` for a variable that is not set.
 */
export function lockedRequirements(
  project: Project,
  lock: PipfileLock,
  { categories, host }: { readonly categories: readonly string[]; readonly host: Host },
): LockedRequirements {
  checkLockedPaths(lock, project.pipfile);
  const chosen = new Map<NormalizedName, { readonly entry: PipfileLockEntry; readonly category: string }>();
  for (const category of categories) {
    const entries = lock.categories.get(category);
    if (entries === undefined) {
      throw new PenError("INVALID_LOCK", `The lock has no category ${printableLine(category)}`, {
        why: `It has: ${[...lock.categories.keys()].map(printableLine).join(", ")}.`,
        hint: "Lock again, or name a category that is there.",
      });
    }
    for (const entry of entries) chosen.set(entry.name, { entry, category });
  }
  const sources = lock.meta.sources.length > 0 ? lock.meta.sources.map((one) => asInPipfile(one, project)) : project.sources;
  return {
    requirements: [...chosen.values()].map(({ entry, category }) => requirementOf(entry, { category, project, host })),
    routes: routesOf(sources, new Map([...chosen].map(([name, { entry }]) => [name, entry]))),
    sources,
  };
}

function requirementOf(
  entry: PipfileLockEntry,
  { category, project, host }: { readonly category: string; readonly project: Project; readonly host: Host },
): RequirementEntry {
  return {
    source: sourceOf(entry, project, host),
    editable: entry.editable,
    hashes: entry.hashes,
    buildOptions: [],
    origin: { file: `Pipfile.lock [${category}] ${entry.key}`, line: 0 },
  };
}

function sourceOf(entry: PipfileLockEntry, { root }: Project, { env }: Host): RequirementSource {
  const { origin, name, key, extras, marker, version } = entry;
  const place = (location: string): RequirementSource => ({ kind: "location", location, extras, marker: entry.markerText });
  const named = { name, rawName: key, extras, ...(marker === undefined ? {} : { marker }) };
  switch (origin.kind) {
    case "path":
      return place(resolve(root, origin.path));
    case "file":
      return place(/^[a-z][a-z0-9+.-]+:/i.test(origin.url) ? expandVariables(origin.url, env) : resolve(root, origin.url));
    case "vcs": {
      const { vcs, ref, subdirectory } = origin;
      const url = `${vcs}+${expandVariables(origin.url, env)}`;
      const at = ref === undefined ? "" : `@${ref}`;
      const fragment = subdirectory === undefined ? "" : `#subdirectory=${subdirectory}`;
      return { kind: "named", requirement: { ...named, specifiers: anySpecifiers, url: `${url}${at}${fragment}` } };
    }
    case "index":
      return {
        kind: "named",
        requirement: { ...named, specifiers: version === undefined ? anySpecifiers : parseSpecifiers(`==${version}`) },
      };
  }
}

/** An entry that names its source comes from there. Others may come from any, as long as their hashes tell which files are meant. */
/** A source of the lock as the Pipfile writes it, where they are the same: a password that stands there is in no lock. */
function asInPipfile(source: PipfileSource, { sources }: Project): PipfileSource {
  return sources.find(({ name, url }) => name === source.name && withoutSecrets(url) === source.url) ?? source;
}

function routesOf(sources: readonly PipfileSource[], entries: ReadonlyMap<NormalizedName, PipfileLockEntry>): IndexRoutes {
  const names = sources.map(({ name }) => name);
  return {
    standpoint: JSON.stringify([names, [...entries.values()].map(({ name, index, hashes }) => [name, index ?? "", hashes.length])]),
    indexesOf: (name) => {
      const entry = entries.get(name);
      if (entry?.index !== undefined) return [entry.index];
      return (entry?.hashes.length ?? 0) > 0 ? names : names.slice(0, 1);
    },
    isMerged: () => true,
  };
}
