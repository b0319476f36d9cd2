import { basename, dirname, resolve } from "#foundation";
import { requirementSource } from "../pipfile/requirement.ts";
import type { RequirementEntry } from "../requirements-file/types.ts";
import type { PyprojectRequirement } from "./types.ts";

/** What the resolver takes for a requirement of the pyproject.toml at `path`: relative paths stand in its folder. */
export function pyprojectRequirement(one: PyprojectRequirement, path: string): RequirementEntry {
  return {
    source: requirementSource(one, dirname(resolve(path))),
    editable: one.editable,
    hashes: [],
    buildOptions: [],
    origin: { file: basename(path), line: one.line },
  };
}
