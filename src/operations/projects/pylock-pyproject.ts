import { PenError, printableLine, readText, warn, dirname, join, resolve } from "#foundation";
import { formatPylock, joinParts, type LockPart } from "#lock";
import { parsePyproject, pyprojectRequirement, type Pyproject, type PyprojectPlace, type RequirementEntry } from "#project";
import type { Interpreter } from "#python";
import { normalizeName, parseMarker, parseSpecifiers, tryParseVersion, type NormalizedName, type SpecifierSet } from "#standards";
import type { BuildChoices } from "../building/build-choices.ts";
import { openSources } from "../building/sources.ts";
import { openContext, type Context, type IndexOptions, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { holdStore } from "../store-holding.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { singleTarget } from "../resolving/target.ts";
import { pinEntry } from "./lock-category.ts";
import type { PylockFile } from "./pylock.ts";

export interface LockPyprojectOptions extends OperationOptions {
  /** The file; default `pyproject.toml` in the working folder. */
  readonly pyproject?: string | undefined;
  readonly interpreter: Interpreter;
  /** Where the text will lie; default `pylock.toml` beside the file. */
  readonly path?: string | undefined;
  readonly indexes?: IndexOptions;
  readonly builds?: BuildChoices | undefined;
}

interface Part {
  readonly condition: string | undefined;
  readonly requirements: readonly RequirementEntry[];
}

/**
 * Solves what a pyproject.toml asks for (PEP 621 and 735, and the tables of poetry and uv) and gives it as pylock.toml (PEP 751): its dependencies, and each extra and dependency
 * group under its marker, for every platform and all Pythons of `requires-python`. Errors: `INVALID_PROJECT`, those of resolving.
 */
export async function lockPyproject(options: LockPyprojectOptions): Promise<PylockFile> {
  const context = openContext(options);
  const file = readProjectFile(resolve(context.host.cwd, options.pyproject ?? "pyproject.toml"), context);
  const path = resolve(context.host.cwd, options.path ?? join(dirname(file.path), "pylock.toml"));
  const extras = namesOf(file, "extra");
  const groups = namesOf(file, "group");
  const own = parseSpecifiers(`==${options.interpreter.versionInfo.slice(0, 2).join(".")}.*`);
  const parts: LockPart[] = [];
  const held = await holdStore(context);
  try {
    for (const part of partsOf(file))
      parts.push(await solvePart(context, options, { part, main: parts[0], requiresPython: file.requiresPython ?? own }));
  } finally {
    held?.release();
  }
  const text = formatPylock(
    {
      requiresPython: file.requiresPython ?? own,
      environments: [],
      packages: joinParts(parts),
      ...(extras.length === 0 ? {} : { extras }),
      ...(groups.length === 0 ? {} : { dependencyGroups: groups }),
    },
    { folder: dirname(path) },
  );
  return { path, text };
}

/** The names of the extras or groups, in order; what two tools call alike is one. */
function namesOf(file: Pyproject, kind: "extra" | "group"): NormalizedName[] {
  const names = file.groups.flatMap(({ place }) => (place.kind === kind ? [normalizeName(place.name)] : []));
  return [...new Set(names)].sort();
}

function partsOf(file: Pyproject): Part[] {
  // The lock says who requires a package; a line would change with every edit of the file.
  const entries = (where: string, isWanted: (place: PyprojectPlace) => boolean): RequirementEntry[] =>
    file.groups
      .filter(({ place }) => isWanted(place))
      .flatMap(({ requirements }) =>
        requirements.map((one) => ({ ...pyprojectRequirement(one, file.path), origin: { file: where, line: 0 } })),
      );
  const named = (kind: "extra" | "group", set: string): Part[] =>
    namesOf(file, kind).map((name) => ({
      condition: `'${name}' in ${set}`,
      requirements: entries(`the ${kind} ${name}`, (place) => place.kind === kind && normalizeName(place.name) === name),
    }));
  return [
    { condition: undefined, requirements: entries("project.dependencies", ({ kind }) => kind === "main") },
    ...named("extra", "extras"),
    ...named("group", "dependency_groups"),
  ];
}

/** The main dependencies bound every extra and group. */
async function solvePart(
  context: Context,
  options: LockPyprojectOptions,
  { part, main, requiresPython }: { readonly part: Part; readonly main: LockPart | undefined; readonly requiresPython: SpecifierSet },
): Promise<LockPart> {
  const client = openIndexes(context, options.indexes ?? {});
  const { interpreter } = options;
  const sources = openSources(context, client, { interpreter, choices: options.builds, noBinary: [], onlyBinary: [] });
  const single = new Map((main?.packages ?? []).map((one) => [one.name, one]));
  const constraints = [...single.values()].flatMap(({ name, version }) =>
    version === undefined || tryParseVersion(version) === undefined || (main?.packages ?? []).filter((one) => one.name === name).length > 1
      ? []
      : [pinEntry(name, version, "project.dependencies")],
  );
  try {
    const { pins } = await resolveRequirements(context, client, {
      requirements: part.requirements,
      constraints,
      overrides: [],
      excludes: [],
      target: { kind: "universal", environments: undefined, requiresPython },
      tags: singleTarget(interpreter).tags,
      mode: "highest",
      prereleases: "if-necessary-or-explicit",
      preferences: new Map(),
      followDependencies: true,
      requireHashes: false,
      noBinary: new Set(),
      installed: [],
      files: "installable",
      fitHere: true,
      sources,
    });
    return {
      condition: part.condition === undefined ? undefined : parseMarker(part.condition),
      packages: pins.map(({ locked }) => locked),
    };
  } finally {
    sources.close();
  }
}

function readProjectFile(path: string, { emit }: Pick<Context, "emit">): Pyproject {
  const file = parsePyproject(readText(path), path);
  if (file.dynamic.includes("dependencies"))
    throw new PenError("INVALID_PROJECT", `No requirements can be read from ${printableLine(path)}`, {
      why: "Its dependencies are dynamic: only a build would tell them.",
      hint: "Correct the file, or name another one.",
      data: { path },
    });
  for (const { message, line } of file.warnings) warn(emit, "project", `${printableLine(path)} line ${line}: ${printableLine(message)}`);
  for (const { requirement, index, line } of file.groups.flatMap(({ requirements }) => requirements))
    if (index !== undefined)
      warn(
        emit,
        "project",
        `${printableLine(path)} line ${line}: ${requirement.rawName} is looked for in every index, not in ${printableLine(index)} alone`,
      );
  return file;
}
