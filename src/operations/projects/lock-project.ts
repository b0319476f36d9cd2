import { readTextIfAny, writeAtomic, type JsonValue, basename } from "#foundation";
import {
  formatPipfileLock,
  joinLocks,
  newPipfileLockEntry,
  newPipfileLockMeta,
  parseConflictingLocks,
  pipfileSpec,
  type PipfileLock,
  type PipfileLockEntry,
  type PipfileLockMeta,
} from "#lock";
import { isTomlTable, pipfileHashes, type RequirementEntry } from "#project";
import type { Interpreter } from "#python";
import {
  andMarkers,
  markerImplies,
  normalizeName,
  parseVersion,
  pythonMarker,
  tryParseVersion,
  type NormalizedName,
  type SpecifierSet,
  type Version,
} from "#standards";
import type { BuildChoices } from "../building/build-choices.ts";
import { openContext, type Context, type OperationOptions } from "../context.ts";
import { holdStore } from "../store-holding.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { constraintOf, lockCategoryPins, pinEntry } from "./lock-category.ts";
import { lockChanges, type LockChange } from "./lock-changes.ts";
import { categoryEntries, withoutSecrets } from "./lock-entries.ts";
import type { PylockFile } from "./pylock.ts";
import { lockTarget, type LockTarget } from "./lock-target.ts";
import type { FetchOptions } from "./project-sources.ts";
import { lockCategory, pipfileCategory, type Project } from "./project.ts";

export interface LockProjectOptions extends OperationOptions {
  readonly project: Project;
  /** The Python of the project. */
  readonly interpreter: Interpreter;
  /** As the Pipfile or the lock calls them; default all. The others stay as they are in the lock. */
  readonly categories?: readonly string[] | undefined;
  /** Move these (`all`: everything) to the newest version that fits. What is not named keeps its version where that fits. Default none. */
  readonly upgradePackages?: readonly string[] | "all";
  /** Versions to take where they fit, before those of the lock. */
  readonly preferences?: ReadonlyMap<NormalizedName, string>;
  /** Take pre-releases; default as `[pipenv] allow_prereleases` has it. */
  readonly prereleases?: boolean | undefined;
  /** Write the lock; default false. */
  readonly write?: boolean;
  /** Mend a lock in which git has left both sides of a merge: what they lock is kept where it fits, of two versions the newer one. */
  readonly resolveConflict?: boolean;
  readonly fetching?: FetchOptions;
  readonly builds?: BuildChoices | undefined;
}

export interface LockReport {
  readonly before: PipfileLock | undefined;
  readonly after: PipfileLock;
  /** The text of the lock, with the line ends that the file has. */
  readonly text: string;
  readonly changes: readonly LockChange[];
  /** With `use_pylock`: the same as pylock.toml. */
  readonly pylock: PylockFile | undefined;
}

/**
 * Locks a project: every category, for every platform and Python of the project. `default` comes first and bounds the others, which get its entries
 * for what they share, unless `use_default_constraints` is off. The file is replaced only when all went well. Errors: those of resolving,
 * `INVALID_LOCK`, `INVALID_PROJECT`.
 */
export async function lockProject(options: LockProjectOptions): Promise<LockReport> {
  const context = openContext(options);
  const { project, interpreter } = options;
  const { before, kept } = presentLock(project, options.resolveConflict ?? false);
  const wanted = new Set((options.categories ?? [...project.pipfile.categories.keys()]).map(pipfileCategory));
  const target = lockTarget(project.pipfile, interpreter);
  const categories = new Map<string, readonly PipfileLockEntry[]>([
    ["default", before?.categories.get("default") ?? []],
    ["develop", before?.categories.get("develop") ?? []],
    ...[...(before?.categories ?? [])].filter(
      ([name]) => options.categories !== undefined || project.pipfile.categories.has(pipfileCategory(name)),
    ),
  ]);
  const pins = new Map<string, readonly Pin[]>();
  const held = await holdStore(context);
  try {
    for (const category of inOrder(project, wanted)) {
      const answer = await lockOne(context, { options, category, target, kept, defaults: categories.get("default") ?? [] });
      categories.set(lockCategory(category), answer.entries);
      pins.set(category, answer.pins);
    }
  } finally {
    held?.release();
  }
  const after: PipfileLock = {
    meta: lockMeta(project),
    categories: withDefaults(project, categories, { wanted, pythons: target.requiresPython }),
  };
  const present = readTextIfAny(project.lockPath);
  const text = formatPipfileLock(after, { newline: present?.includes("\r\n") === true ? "\r\n" : "\n" });
  const pylock = project.pipfile.settings.usePylock === true ? await pylockOf(options, after) : undefined;
  if (options.write === true) {
    if (text !== present) writeAtomic(project.lockPath, text);
    if (pylock !== undefined) writeAtomic(pylock.path, pylock.text);
  }
  return { before, after, text, changes: lockChanges(before, after, { pipfile: project.pipfile, pins }), pylock };
}

async function pylockOf(options: LockProjectOptions, lock: PipfileLock): Promise<PylockFile> {
  const { exportPylock } = await import("./pylock.ts");
  return exportPylock({ ...options, lock });
}

interface PresentLock {
  /** To compare with. */
  readonly before: PipfileLock | undefined;
  /** Where versions to keep come from. */
  readonly kept: PipfileLock | undefined;
}

function presentLock(project: Project, isConflicting: boolean): PresentLock {
  const text = isConflicting ? readTextIfAny(project.lockPath) : undefined;
  if (text === undefined) {
    const before = project.readLock();
    return { before, kept: before };
  }
  const sides = parseConflictingLocks(text, basename(project.lockPath));
  return { before: sides.ours, kept: joinLocks(sides) };
}

function inOrder({ pipfile }: Project, wanted: ReadonlySet<string>): string[] {
  return [...pipfile.categories.keys()].filter((category) => wanted.has(category));
}

interface One {
  readonly options: LockProjectOptions;
  readonly category: string;
  readonly target: LockTarget;
  /** What is locked already. */
  readonly kept: PipfileLock | undefined;
  readonly defaults: readonly PipfileLockEntry[];
}

interface Answer {
  readonly entries: readonly PipfileLockEntry[];
  readonly pins: readonly Pin[];
}

async function lockOne(context: Context, { options, category, target, kept, defaults }: One): Promise<Answer> {
  const { project, interpreter } = options;
  const entries = project.pipfile.categories.get(category) ?? [];
  if (entries.length === 0) return { entries: [], pins: [] };
  const constrained = category !== "packages" && project.pipfile.settings.useDefaultConstraints !== false;
  const { pins, target: where } = await lockCategoryPins(context, {
    project,
    interpreter,
    target,
    category,
    constraints: constrained ? defaultConstraints(context, project, defaults) : [],
    preferences: new Map([
      ...preferencesOf(kept?.categories.get(lockCategory(category)) ?? [], options.upgradePackages ?? []),
      ...[...(options.preferences ?? [])].map(([name, version]) => [name, parseVersion(version)] as const),
    ]),
    prereleases: options.prereleases ?? project.pipfile.settings.allowPrereleases ?? false,
    fetching: options.fetching ?? {},
    builds: options.builds,
  });
  const [first] = project.sources;
  const { pipfile, root } = project;
  return { entries: categoryEntries({ pipfile, root, category, entries, pins, target: where, defaultSource: first?.name }), pins };
}

/** What `default` locks, and the places that its entries name. */
function defaultConstraints({ host }: Context, project: Project, defaults: readonly PipfileLockEntry[]): RequirementEntry[] {
  const pins = defaults.flatMap(({ name, version, origin }) =>
    origin.kind === "index" && version !== undefined && tryParseVersion(version) !== undefined
      ? [pinEntry(name, version, "the lock of [packages]")]
      : [],
  );
  const places = (project.pipfile.categories.get("packages") ?? []).filter(({ origin }) => origin.kind !== "index");
  return [...pins, ...places.map((entry) => constraintOf(entry, project, host))];
}

function preferencesOf(entries: readonly PipfileLockEntry[], upgrade: readonly string[] | "all"): Map<NormalizedName, Version> {
  if (upgrade === "all") return new Map();
  const moving = new Set(upgrade.map(normalizeName));
  return new Map(
    entries.flatMap(({ name, version }) =>
      version === undefined || moving.has(name) || tryParseVersion(version) === undefined ? [] : [[name, parseVersion(version)] as const],
    ),
  );
}

/**
 * The other categories get the entries of `default` for what they share with it. Where a category needs the package in more environments, its own
 * marker stays.
 */
function withDefaults(
  project: Project,
  categories: ReadonlyMap<string, readonly PipfileLockEntry[]>,
  { wanted, pythons }: { readonly wanted: ReadonlySet<string>; readonly pythons: SpecifierSet },
): Map<string, readonly PipfileLockEntry[]> {
  if (project.pipfile.settings.useDefaultConstraints === false) return new Map(categories);
  const defaults = new Map((categories.get("default") ?? []).map((entry) => [entry.name, entry]));
  return new Map(
    [...categories].map(([category, entries]) => {
      const keeps = category === "default" || !wanted.has(pipfileCategory(category));
      return [category, keeps ? entries : entries.map((entry) => withDefault(entry, defaults.get(entry.name), pythons))];
    }),
  );
}

function withDefault(own: PipfileLockEntry, main: PipfileLockEntry | undefined, pythons: SpecifierSet): PipfileLockEntry {
  if (main === undefined) return own;
  if (main.marker === undefined || markerImplies(andMarkers(pythonMarker(pythons), own.marker), main.marker)) return main;
  const { markers: _narrower, ...rest } = main.raw;
  return newPipfileLockEntry(main.key, own.markerText === undefined ? rest : { ...rest, markers: own.markerText });
}

/** `_meta` for the Pipfile as it is. Sources stand in it as written; what a person wrote of a password into the Pipfile does not. */
function lockMeta(project: Project): PipfileLockMeta {
  const written = project.pipfile.raw["source"];
  const tables = Array.isArray(written) ? written.filter(isTomlTable) : [];
  const sources = project.sources.map(({ name, url, verifySsl }, at): JsonValue => {
    const others = Object.entries(tables[at] ?? {}).flatMap(([key, value]) =>
      typeof value === "string" || typeof value === "boolean" ? [[key, value] as const] : [],
    );
    return { ...Object.fromEntries(others), name, url: withoutSecrets(url), verify_ssl: verifySsl };
  });
  return newPipfileLockMeta({
    hash: { sha256: pipfileHashes(project.pipfile, ...project.defaultSources).current },
    "pipfile-spec": pipfileSpec,
    requires: project.pipfile.requires.raw,
    sources,
  });
}
