import { isPenError, readTextIfAny, join } from "#foundation";
import {
  andMarkers,
  normalizeName,
  parseMarker,
  parseMetadata,
  parseRequirement,
  parseSpecifiers,
  requirementText,
  tryNormalizeName,
  tryParseVersion,
  type CoreMetadata,
} from "#standards";
import { isTable, readProjectFile, type Table } from "./project-file.ts";
import type { SourceMetadata } from "./types.ts";

/** The fields that decide what else is installed. */
const deciding: ReadonlySet<string> = new Set(["name", "version", "requires-dist", "requires-python", "provides-extra"]);

/**
 * What a project says of itself without anything being run: PKG-INFO of metadata 2.2 or newer (PEP 643), where none of the fields that matter is
 * dynamic, else `[project]` in pyproject.toml without `dynamic` for them (PEP 621). Undefined where the backend must be asked.
 */
export function readStaticMetadata(root: string, label: string): SourceMetadata | undefined {
  return fromPackageInfo(root) ?? fromProject(readProjectFile(root, label));
}

function fromPackageInfo(root: string): SourceMetadata | undefined {
  const text = readTextIfAny(join(root, "PKG-INFO"));
  if (text === undefined) return undefined;
  let metadata: CoreMetadata;
  try {
    metadata = parseMetadata(text);
  } catch (error) {
    if (!isPenError(error)) throw error;
    return undefined;
  }
  const [major = 0, minor = 0] = metadata.metadataVersion.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 2)) return undefined;
  if (metadata.dynamic.some((field) => deciding.has(field.toLowerCase()))) return undefined;
  return sourceMetadata(metadata);
}

/** What resolving needs, from whole metadata; undefined for a name or version that is none. */
export function sourceMetadata(metadata: CoreMetadata): SourceMetadata | undefined {
  const name = tryNormalizeName(metadata.name);
  const version = tryParseVersion(metadata.version);
  if (name === undefined || version === undefined) return undefined;
  return {
    name,
    version,
    versionText: metadata.version,
    requiresDist: metadata.requiresDist,
    requiresPython: metadata.requiresPython,
    providesExtra: metadata.providesExtra,
  };
}

function fromProject(file: Table | undefined): SourceMetadata | undefined {
  const project = file?.["project"];
  if (!isTable(project)) return undefined;
  const { name, version, dynamic = [], dependencies = [], "optional-dependencies": optional = {}, "requires-python": python } = project;
  if (!isTexts(dynamic) || !isTexts(dependencies) || !isTable(optional)) return undefined;
  if (["version", "dependencies", "optional-dependencies", "requires-python"].some((field) => dynamic.includes(field))) return undefined;
  if (typeof name !== "string" || typeof version !== "string" || (python !== undefined && typeof python !== "string")) return undefined;
  const parsedVersion = tryParseVersion(version);
  const parsedName = tryNormalizeName(name);
  if (parsedName === undefined || parsedVersion === undefined) return undefined;
  try {
    if (python !== undefined) parseSpecifiers(python);
    const requiresDist = dependencies.map((text) => requirementText(parseRequirement(text)));
    for (const [extra, needs] of Object.entries(optional)) {
      if (!isTexts(needs)) return undefined;
      requiresDist.push(...needs.map((text) => withExtra(text, extra)));
    }
    return {
      name: parsedName,
      version: parsedVersion,
      versionText: version,
      requiresDist,
      requiresPython: python,
      providesExtra: Object.keys(optional).map(normalizeName),
    };
  } catch (error) {
    // What pen does not understand, the backend may; or it says better what is wrong.
    if (isPenError(error)) return undefined;
    throw error;
  }
}

function withExtra(text: string, extra: string): string {
  const requirement = parseRequirement(text);
  const only = parseMarker(`extra == "${normalizeName(extra)}"`);
  return requirementText({ ...requirement, marker: requirement.marker === undefined ? only : andMarkers(requirement.marker, only) });
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === "string");
