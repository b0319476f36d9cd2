import {
  isPenError,
  makeFolders,
  readTextIfAny,
  sealText,
  sha256Hex,
  unsealText,
  warn,
  writeAtomic,
  penVersion,
  type PenEvent,
  join,
} from "#foundation";
import type { Grounds, IndexClient, IndexFile } from "#index";
import { originText, type RequirementEntry } from "#project";
import {
  anySpecifiers,
  markerText,
  parseMarker,
  parseRequirement,
  parseSpecifiers,
  requirementText,
  specifiersText,
  versionText,
  type NormalizedName,
  type Requirement,
} from "#standards";
import type { Context } from "../context.ts";
import { fileOf, forgetOldest, tagsText } from "./kept-files.ts";
import type { Pin, ResolveInput, Resolved } from "./resolve-types.ts";

/**
 * Answers of the solver, kept in the cache: the same question on the same index pages has the same answer, and reading it costs
 * three milliseconds where working it out costs fifty. An answer counts only while every page that it rests on is the same file and still fresh.
 */
export interface RememberedAnswers {
  /** The answer to this question, when it was given before and nothing that it rests on has changed. */
  recall(): Resolved | undefined;
  /** Keeps the answer, when it is one that a later command can take as it is. `warnings` are told again with it. */
  remember(resolved: Resolved, warnings: readonly Warning[]): void;
}

export type Warning = Extract<PenEvent, { type: "log" }>;

/** So many answers are kept; the oldest go first. */
const mostAnswers = 64;

/** Undefined for questions whose answer depends on more than the index pages: files, URLs, folders of wheels. */
export function openAnswers(context: Context, client: IndexClient, input: ResolveInput): RememberedAnswers | undefined {
  const question = questionText(client, input);
  if (question === undefined) return undefined;
  const present = new Set([...input.installed, ...(input.movable ?? [])].map(({ name }) => name));
  // What is installed may have been weighed for a project of that name.
  const isApart = ({ projects }: Grounds): boolean => !projects.some((name) => present.has(name));
  const folder = join(context.cacheFolder, "answers", "v2");
  const file = join(folder, `${sha256Hex(question)}.json`);
  return {
    recall: () => {
      const kept = read(file);
      if (kept === undefined || !isApart(kept.grounds) || !client.isGrounded(kept.grounds)) return undefined;
      for (const { code, message } of kept.warnings) warn(context.emit, code, message);
      return toResolved(kept.pins);
    },
    remember: (resolved, warnings) => {
      const grounds = client.grounds();
      const pins = resolved.pins.map((pin) => toKept(pin, input.target.kind));
      if (grounds === undefined || !isApart(grounds) || pins.includes(undefined)) return;
      const kept: Kept = { grounds, warnings, pins: pins.filter((pin) => pin !== undefined) };
      try {
        makeFolders(folder);
        forgetOldest(folder, mostAnswers);
        writeAtomic(file, sealText(JSON.stringify(kept)));
      } catch (error) {
        if (!isPenError(error, "FILE_SYSTEM")) throw error; // A cache that cannot be written to costs time only.
      }
    },
  };
}

function questionText(client: IndexClient, input: ResolveInput): string | undefined {
  const {
    requirements,
    constraints,
    overrides,
    target,
    tags,
    preferences,
    installed: _apart,
    movable: _apartToo,
    sources,
    onNeeds: _told,
    ...rest
  } = input;
  if (client.standpoint === undefined) return undefined;
  const entries = [requirements, constraints, overrides].map((list) => list.map(entryText));
  if (entries.some((list) => list.includes(undefined))) return undefined;
  const { environments, requiresPython } = target.kind === "universal" ? target : { environments: undefined, requiresPython: undefined };
  return JSON.stringify([
    penVersion,
    client.standpoint,
    entries,
    target.kind === "single"
      ? [target.markers, versionText(target.python)]
      : [environments === undefined ? "" : markerText(environments), specifiersText(requiresPython ?? anySpecifiers)],
    tagsText(tags),
    sources?.standpoint ?? "",
    [...preferences].map(([name, version]) => [name, versionText(version)]),
    Object.entries(rest).map(([name, value]) => [name, value instanceof Set ? [...value] : value]),
  ]);
}

function entryText({ source, hashes, editable, origin }: RequirementEntry): readonly string[] | undefined {
  if (editable || source.kind !== "named" || source.requirement.url !== undefined) return undefined;
  return [requirementText(source.requirement), originText(origin), ...hashes];
}

/** A pin as plain data. What a person asked for by URL, what is installed and what must be built is never among them. */
interface KeptPin {
  readonly locked: Omit<Pin["locked"], "requiresPython" | "marker" | "dependencies">;
  readonly requiresPython: string | undefined;
  readonly marker: string | undefined;
  readonly dependencies: readonly KeptDependency[];
  readonly requested: boolean;
  readonly file: IndexFile;
  readonly hashes: readonly string[];
}

interface KeptDependency {
  readonly name: NormalizedName;
  readonly extras: readonly NormalizedName[];
  readonly marker?: string;
  /** Only a lock for all environments is made from it. */
  readonly requirement?: string;
  /** As the requirement spells the extras, which its text does not. */
  readonly rawExtras?: readonly string[];
}

interface Kept {
  readonly grounds: Grounds;
  readonly warnings: readonly Warning[];
  readonly pins: readonly KeptPin[];
}

function toKept({ locked, requested, installed, file, stored, hashes }: Pin, target: ResolveInput["target"]["kind"]): KeptPin | undefined {
  const { requiresPython, marker, dependencies, ...others } = locked;
  if (file?.kind !== "wheel" || installed !== undefined || stored !== undefined || locked.direct !== undefined) return undefined;
  return {
    locked: others,
    requiresPython: requiresPython && specifiersText(requiresPython),
    marker: marker && markerText(marker),
    dependencies: dependencies.map((one) => ({
      name: one.name,
      extras: one.extras,
      ...(one.marker === undefined ? {} : { marker: markerText(one.marker) }),
      ...(one.requirement === undefined || target === "single" ? {} : keptRequirement(one.requirement)),
    })),
    requested,
    file,
    hashes,
  };
}

const keptRequirement = (requirement: Requirement): Pick<KeptDependency, "requirement" | "rawExtras"> => ({
  requirement: requirementText(requirement),
  ...(requirement.rawExtras === undefined ? {} : { rawExtras: requirement.rawExtras }),
});

/** JSON leaves out what is undefined; here it is there again. */
const noFields = { version: undefined, direct: undefined, index: undefined } as const;
const noLockedFileFields = { url: undefined, path: undefined, size: undefined, uploadTime: undefined } as const;

function toResolved(kept: readonly KeptPin[]): Resolved {
  const pins = kept.map(({ locked, requiresPython, marker, dependencies, requested, file, hashes }): Pin => {
    return {
      locked: {
        ...noFields,
        ...locked,
        files: locked.files.map((one) => ({ ...noLockedFileFields, ...one })),
        marker: marker === undefined ? undefined : parseMarker(marker),
        dependencies: dependencies.map(toDependency),
        requiresPython: requiresPython === undefined ? undefined : parseSpecifiers(requiresPython),
      },
      requested,
      installed: undefined,
      file: fileOf(file),
      stored: undefined,
      source: undefined,
      hashes,
    };
  });
  return { pins, lock: { requiresPython: undefined, environments: [], packages: pins.map(({ locked }) => locked) } };
}

function toDependency({ name, extras, marker, requirement, rawExtras }: KeptDependency): Pin["locked"]["dependencies"][number] {
  return {
    name,
    extras,
    marker: marker === undefined ? undefined : parseMarker(marker),
    ...(requirement === undefined
      ? {}
      : { requirement: { ...parseRequirement(requirement), ...(rawExtras === undefined ? {} : { rawExtras }) } }),
  };
}

function read(file: string): Kept | undefined {
  try {
    const text = unsealText(readTextIfAny(file));
    return text === undefined ? undefined : (JSON.parse(text) as Kept);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}
