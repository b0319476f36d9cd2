import { parse, TomlError } from "smol-toml";
import { excerpt, pathExists, readTextIfAny, realPath, join, relative, resolve } from "#foundation";
import { parseRequirement } from "#standards";
import { sourceRefusal, type RefuseSource } from "./refusal.ts";
import type { BuildSystem } from "./types.ts";

export type Table = Readonly<Record<string, unknown>>;

/** pyproject.toml as a table; undefined where there is none. Errors: INVALID_SOURCE. */
export function readProjectFile(root: string, label: string): Table | undefined {
  const text = readTextIfAny(join(root, "pyproject.toml"));
  if (text === undefined) return undefined;
  try {
    return parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    const why = error instanceof TomlError ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    throw sourceRefusal(label)("project-file", `Its pyproject.toml is no TOML: ${why}`);
  }
}

/** As PEP 517 has it for projects that name no backend. */
const legacyBackend = "setuptools.build_meta:__legacy__";
const legacyRequires = ["setuptools>=40.8.0"];
const objectReference = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?$/;

/**
 * How a project wants to be built: its `[build-system]` table (PEP 518 and 517), else setuptools. Errors: INVALID_SOURCE for a table that breaks the
 * rules and for a folder that is no project.
 */
export function readBuildSystem(root: string, label: string): BuildSystem {
  const refuse = sourceRefusal(label);
  const project = readProjectFile(root, label);
  if (project === undefined && !pathExists(join(root, "setup.py")))
    throw refuse("no-project", "It has neither a pyproject.toml nor a setup.py: it is no Python project.");
  const table = project?.["build-system"];
  if (table === undefined) return { requires: legacyRequires, backend: legacyBackend, backendPath: [], legacy: true };
  if (!isTable(table)) throw refuse("project-file", "build-system in its pyproject.toml must be a table.");
  if (table["requires"] === undefined)
    throw refuse("project-file", "The build-system table of its pyproject.toml has no 'requires', which PEP 518 wants there.");
  const requires = texts(table["requires"], "build-system.requires", refuse);
  for (const text of requires) checkRequirement(text, refuse);
  const backend = table["build-backend"];
  if (backend === undefined) {
    // A table without a backend is one of the time of PEP 518: setuptools, and what is required beside it.
    return { requires: withSetuptools(requires), backend: legacyBackend, backendPath: [], legacy: true };
  }
  if (typeof backend !== "string" || backend.length > 400 || !objectReference.test(backend))
    throw refuse(
      "project-file",
      `build-backend in its pyproject.toml names no Python object: ${excerpt(typeof backend === "string" ? backend : JSON.stringify(backend))}`,
    );
  const paths = table["backend-path"] === undefined ? [] : texts(table["backend-path"], "build-system.backend-path", refuse);
  return { requires, backend, backendPath: paths.map((path) => backendFolder(root, path, refuse)), legacy: false };
}

function withSetuptools(requires: readonly string[]): readonly string[] {
  return requires.some((text) => parseRequirement(text).name === "setuptools") ? requires : [...requires, ...legacyRequires];
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function texts(value: unknown, key: string, refuse: RefuseSource): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw refuse("project-file", `${key} in its pyproject.toml must be a list of texts.`);
  return value;
}

function checkRequirement(text: string, refuse: RefuseSource): void {
  try {
    parseRequirement(text);
  } catch {
    throw refuse("project-file", `build-system.requires in its pyproject.toml holds ${excerpt(text)}, which is no requirement.`);
  }
}

/** PEP 517: relative, and inside the project, also when links are followed. */
function backendFolder(root: string, path: string, refuse: RefuseSource): string {
  const folder = resolve(root, path);
  const isInside = (place: string, base: string): boolean => !relative(base, place).startsWith("..");
  if (path.startsWith("/") || !isInside(folder, root))
    throw refuse("backend-path", `Its backend-path ${excerpt(path)} leads out of the project.`);
  if (!pathExists(folder)) throw refuse("backend-path", `Its backend-path ${excerpt(path)} does not exist.`);
  if (!isInside(realPath(folder), realPath(root)))
    throw refuse("backend-path", `Its backend-path ${excerpt(path)} leads out of the project by a link.`);
  return folder;
}
