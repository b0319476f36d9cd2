import { pairText } from "../toml/splicing.ts";
import { keyText, valueText } from "../toml/writing.ts";

export interface NewPyproject {
  readonly name: string;
  readonly version: string;
  readonly description?: string | undefined;
  readonly requiresPython?: string | undefined;
  /** PEP 508, as they are to be written. */
  readonly dependencies: readonly string[];
  readonly extras?: ReadonlyMap<string, readonly string[]>;
  readonly groups?: ReadonlyMap<string, readonly string[]>;
}

/** A pyproject.toml with `[project]` (PEP 621) and, where there are groups, `[dependency-groups]` (PEP 735). It names no build backend. */
export function newPyproject(project: NewPyproject): string {
  const { name, version, description, requiresPython, dependencies } = project;
  const tables = [
    [
      "[project]",
      pairText(["name"], name),
      pairText(["version"], version),
      ...(description === undefined ? [] : [pairText(["description"], description)]),
      ...(requiresPython === undefined ? [] : [pairText(["requires-python"], requiresPython)]),
      listText("dependencies", dependencies),
    ],
    ["[project.optional-dependencies]", ...lists(project.extras)],
    ["[dependency-groups]", ...lists(project.groups)],
  ];
  return `${tables
    .filter((lines) => lines.length > 1)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function lists(named: ReadonlyMap<string, readonly string[]> = new Map()): string[] {
  return [...named].map(([name, items]) => listText(name, items));
}

function listText(name: string, items: readonly string[]): string {
  if (items.length === 0) return `${keyText(name)} = []`;
  return `${keyText(name)} = [\n${items.map((item) => `    ${valueText(item)},\n`).join("")}]`;
}
