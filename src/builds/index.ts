/**
 * builds: from source to wheel (PEP 517, 518, 660). Enters: source archives, folders and repositories, and an environment to run a backend in
 * (the {@link BuildEnvironment} port). Leaves: what a project says of itself, and wheel files. Knows neither indexes nor the store, and
 * decides nothing: whoever calls has the person's leave to run foreign code.
 */
export type { BuildEnvironment, BuildOptions, BuildSystem, BuiltWheel, ConfigSettings, SourceMetadata, SourceTree } from "./types.ts";
export { isProject, unpackSource } from "./unpacking.ts";
export type { UnpackOptions } from "./unpacking.ts";
export type { ArchiveLimits, ArchiveMember } from "./archive.ts";
export { readZip } from "./archive-zip.ts";
export type { RefuseSource, SourceRule } from "./refusal.ts";
export { copyProject } from "./copying.ts";
export { archiveTree } from "./tree-archive.ts";
export { readBuildSystem } from "./project-file.ts";
export { readStaticMetadata, sourceMetadata } from "./static-metadata.ts";
export { Backend } from "./hooks.ts";
export type { BackendSession } from "./hooks.ts";
export { usualPlace, writeEditableWheel } from "./legacy-editable.ts";
export { isGitUrl, parseGitUrl, subdirectoryOf } from "./git-url.ts";
export type { GitSource } from "./git-url.ts";
export { checkOut, findCommit, readGitTree } from "./git.ts";
export type { GitOptions, GitTree } from "./git.ts";
