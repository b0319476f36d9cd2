/**
 * project: what people write down about their project. Enters: the text of requirements files, Pipfiles, pyproject.toml and .env files.
 * Leaves: requirements with the place they stand at, what holds beside them, and the text after an edit.
 */
export { loadRequirements } from "./requirements-file/load.ts";
export type { LoadOptions } from "./requirements-file/load.ts";
export { originText, parseRequirementArgument, parseRequirementsText } from "./requirements-file/parse.ts";
export { shellWords } from "./requirements-file/lines.ts";
export { noFileOptions, mergeFileOptions } from "./requirements-file/options.ts";
export type {
  FileOptions,
  LineOrigin,
  LoadedRequirements,
  RequirementEntry,
  RequirementSource,
  RequirementsLine,
} from "./requirements-file/types.ts";
export { parsePipfile } from "./pipfile/reading.ts";
export { locatePipfile } from "./pipfile/locating.ts";
export { pipfileRequirement } from "./pipfile/requirement.ts";
export { pipfileHashes } from "./pipfile/hashing.ts";
export type { PipfileHashes } from "./pipfile/hashing.ts";
export { editPipfile } from "./pipfile/editing.ts";
export { scriptCommands } from "./pipfile/scripts.ts";
export { newPipfile } from "./pipfile/creating.ts";
export type { NewPipfile } from "./pipfile/creating.ts";
export { applyDotenv, parseDotenv } from "./dotenv.ts";
export type { DotenvEntry } from "./dotenv.ts";
export { expandVariables } from "./pipfile/variables.ts";
export type {
  Pipfile,
  PipfileEdit,
  PipfileEntry,
  PipfileOrigin,
  PipfileRequires,
  PipfileScript,
  PipfileSettings,
  PipfileSource,
  PipfileTable,
  PipfileWarning,
} from "./pipfile/types.ts";
export type { TomlTable, TomlValue } from "./toml/reading.ts";
export { isTomlTable } from "./toml/reading.ts";
export { parsePyproject } from "./pyproject/reading.ts";
export { pyprojectRequirement } from "./pyproject/requirement.ts";
export { editPyproject } from "./pyproject/editing.ts";
export { newPyproject } from "./pyproject/creating.ts";
export type { NewPyproject } from "./pyproject/creating.ts";
export type {
  Pyproject,
  PyprojectEdit,
  PyprojectGroup,
  PyprojectIndex,
  PyprojectPlace,
  PyprojectRequirement,
  PyprojectWarning,
} from "./pyproject/types.ts";
export { migrateRequirements } from "./migration/requirements.ts";
export type { RequirementsInput, RequirementsMigration } from "./migration/requirements.ts";
export { migratePyproject, pyprojectKind } from "./migration/pyproject.ts";
export { pipfileToPyproject } from "./migration/to-pyproject.ts";
export type { PyprojectMigration } from "./migration/to-pyproject.ts";
export { lockedVersions } from "./migration/locked-versions.ts";
export { migratedPipfile } from "./migration/writing.ts";
export type { MigratedEntry, MigratedProject } from "./migration/types.ts";
