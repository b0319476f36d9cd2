import { dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";
import { isPenError, PenError, printableLine, readText } from "#foundation";
import { formatPylock, joinParts, type LockPart } from "#lock";
import { parseRequirementArgument, type RequirementEntry } from "#project";
import type { Interpreter } from "#python";
import { normalizeName, parseMarker, parseSpecifiers, tryParseVersion, type SpecifierSet } from "#standards";
import type { BuildChoices } from "../building/build-choices.ts";
import { groupRequirements } from "../building/named-requirements.ts";
import { openSources } from "../building/sources.ts";
import { openContext, openIndexes, type Context, type IndexOptions, type OperationOptions } from "../context.ts";
import { holdStore } from "../environment.ts";
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

interface ProjectFile {
  readonly path: string;
  readonly requiresPython: SpecifierSet | undefined;
  readonly dependencies: readonly string[];
  readonly extras: ReadonlyMap<string, readonly string[]>;
  readonly groups: readonly string[];
}

/**
 * Solves what a pyproject.toml asks for (PEP 621 and 735) and gives it as pylock.toml (PEP 751): its dependencies, and each extra and dependency
 * group under its marker, for every platform and all Pythons of `requires-python`. Errors: `INVALID_PROJECT`, those of resolving.
 */
export async function lockPyproject(options: LockPyprojectOptions): Promise<PylockFile> {
  const context = openContext(options);
  const file = readProjectFile(resolve(context.host.cwd, options.pyproject ?? "pyproject.toml"));
  const path = resolve(context.host.cwd, options.path ?? join(dirname(file.path), "pylock.toml"));
  const own = parseSpecifiers(`==${options.interpreter.versionInfo.slice(0, 2).join(".")}.*`);
  const parts: LockPart[] = [];
  const held = await holdStore(context);
  try {
    for (const part of partsOf(file, context))
      parts.push(await solvePart(context, options, { part, main: parts[0], requiresPython: file.requiresPython ?? own }));
  } finally {
    held?.release();
  }
  const text = formatPylock(
    {
      requiresPython: file.requiresPython ?? own,
      environments: [],
      packages: joinParts(parts),
      ...(file.extras.size === 0 ? {} : { extras: [...file.extras.keys()].map(normalizeName).sort() }),
      ...(file.groups.length === 0 ? {} : { dependencyGroups: file.groups.map(normalizeName).sort() }),
    },
    { folder: dirname(path) },
  );
  return { path, text };
}

function partsOf(file: ProjectFile, context: Context): Part[] {
  const entries = (texts: readonly string[], where: string): RequirementEntry[] => texts.map((text) => entryOf(text, { file, where }));
  return [
    { condition: undefined, requirements: entries(file.dependencies, "project.dependencies") },
    ...[...file.extras].map(([name, texts]) => ({
      condition: `'${normalizeName(name)}' in extras`,
      requirements: entries(texts, `the extra ${name}`),
    })),
    ...file.groups.map((name) => ({
      condition: `'${normalizeName(name)}' in dependency_groups`,
      requirements: groupRequirements([`${file.path}:${name}`], context.host),
    })),
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
      allFiles: true,
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

function readProjectFile(path: string): ProjectFile {
  const document = readToml(path);
  const project = tableOf(document["project"], path, "project") ?? {};
  if (Array.isArray(project["dynamic"]) && project["dynamic"].includes("dependencies"))
    throw broken(path, "Its dependencies are dynamic: only a build would tell them.");
  const requires = project["requires-python"];
  if (requires !== undefined && typeof requires !== "string") throw broken(path, "project.requires-python is no text.");
  const optional = tableOf(project["optional-dependencies"], path, "project.optional-dependencies") ?? {};
  return {
    path,
    requiresPython: requires === undefined ? undefined : parseSpecifiers(requires),
    dependencies: textsOf(project["dependencies"] ?? [], path, "project.dependencies"),
    extras: new Map(Object.entries(optional).map(([name, value]) => [name, textsOf(value, path, `project.optional-dependencies.${name}`)])),
    groups: Object.keys(tableOf(document["dependency-groups"], path, "dependency-groups") ?? {}),
  };
}

type Table = Readonly<Record<string, unknown>>;

function readToml(path: string): Table {
  const text = readText(path);
  try {
    return parse(text);
  } catch (error) {
    if (isPenError(error) || !(error instanceof Error)) throw error;
    throw broken(path, `It is no valid TOML: ${printableLine(error.message.split("\n")[0] ?? "")}`);
  }
}

function tableOf(value: unknown, path: string, key: string): Table | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)) return value as Table;
  throw broken(path, `${key} is not a table.`);
}

function textsOf(value: unknown, path: string, key: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return [...value];
  throw broken(path, `${key} is no list of texts.`);
}

function entryOf(text: string, { file, where }: { readonly file: ProjectFile; readonly where: string }): RequirementEntry {
  return { ...parseRequirementArgument(text, dirname(file.path)), origin: { file: where, line: 0 } };
}

function broken(path: string, why: string): PenError {
  return new PenError("INVALID_PROJECT", `No requirements can be read from ${printableLine(path)}`, {
    why,
    hint: "Correct the file, or name another one.",
    data: { path },
  });
}
