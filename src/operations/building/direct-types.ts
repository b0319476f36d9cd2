import { PenError, printableLine, redactUrl } from "#foundation";
import type { IndexClient } from "#index";
import type { Candidate, CandidateDependencies } from "#resolver";
import type { DirectUrl, NormalizedName, SupportedTags } from "#standards";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";
import type { Source, Sources } from "./source-types.ts";

/** A distribution that was named by its place. The solver hears only of what it says of itself. */
export interface DirectDistribution {
  /** A wheel: it is in the store already. */
  readonly stored: StoredWheel | undefined;
  /** To be built when it is installed. */
  readonly source: Source | undefined;
  readonly candidate: Candidate;
  readonly dependencies: CandidateDependencies;
  readonly directUrl: DirectUrl;
}

export interface ReferencesOptions {
  readonly context: Context;
  readonly client: IndexClient;
  /** Undefined when wheels for other Pythons and platforms will do. */
  readonly tags: SupportedTags | undefined;
  /** Without it only wheels are taken. */
  readonly sources: Sources | undefined;
}

export interface WantedReference {
  /** A URL or an absolute path. */
  readonly location: string;
  readonly hashes: readonly string[];
  readonly buildOptions: readonly string[];
  readonly editable: boolean;
  readonly name: NormalizedName | undefined;
  /** Named by the person, or by a local project. */
  readonly trusted: boolean;
}

/** For what -e was given that is no folder and no repository. */
export function notEditable(location: string): PenError {
  return new PenError("INVALID_REQUIREMENT", `${printableLine(redactUrl(location))} cannot be installed in development mode`, {
    why: "-e takes the folder of a project, or a repository.",
    hint: "Unpack it and name the folder, or leave out -e.",
  });
}
