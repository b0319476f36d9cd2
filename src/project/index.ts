/**
 * project: what people write down about their project. Enters: the text of requirements files. Leaves: requirements with the place
 * they stand at, and the options that hold for the whole command.
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
