import type { IndexClient } from "#index";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import type { BuildChoices } from "../building/build-choices.ts";
import type { Sources } from "../building/source-types.ts";
import type { Context, IndexOptions } from "../context.ts";
import type { DiagnoseOptions } from "../doctor/doctor.ts";
import type { DoctorProblem } from "../doctor/types.ts";

export interface RepairOptions extends DiagnoseOptions {
  /** The Python to lead the environment to: `3.13`, a path, … Its packages are installed again where that is another version. */
  readonly python?: string | undefined;
  /** Find out what would be done, and change nothing. */
  readonly dryRun?: boolean;
  /** Where packages come from that the store does not have. */
  readonly indexes?: IndexOptions;
  /** What may be built from source where there is no wheel. Default: only projects of this machine that were installed from their folder. */
  readonly builds?: BuildChoices | undefined;
}

/** A problem that is mended, or with `dryRun` would be. */
export interface RepairedProblem extends DoctorProblem {
  /** What was done, or would be. */
  readonly how: string;
}

/** A problem that stays, and why pen does not mend it. */
export interface UnrepairedProblem extends DoctorProblem {
  readonly reason: string;
}

export interface Repair {
  readonly path: string;
  readonly repaired: readonly RepairedProblem[];
  readonly left: readonly UnrepairedProblem[];
}

/** What is to be done about some problems. Finding it out changes nothing. */
export interface Treatment {
  readonly how: string;
  readonly run: () => Promise<void>;
}

/** Where an environment under repair gets packages from. Nothing is opened before it is asked for. */
export interface Depot {
  /** Errors: those of `openIndexes`. */
  client(): IndexClient;
  /** The building side, for the Python that the environment has, or is going to have. */
  sources(environment: Environment): Sources;
  /** Wheels that were fetched or built before anything was changed, by the folder of the distribution that they are for. */
  readonly ready: Map<string, StoredWheel>;
  /** Removes what builds left in their work folders. */
  close(): void;
}

/** The repair of one environment under way. */
export interface Case {
  readonly root: string;
  readonly context: Context;
  readonly options: RepairOptions;
  readonly depot: Depot;
  /** What was done, by {@link problemKey}. */
  readonly how: Map<string, string>;
  /** Why something stays, by {@link problemKey}. */
  readonly reasons: Map<string, string>;
  /** What to type about something that stays, by {@link problemKey}, where a failure knew better than the list of hints. */
  readonly hints: Map<string, string>;
}

/** Two problems with the same key are one, seen twice. */
export function problemKey(problem: DoctorProblem): string {
  return [
    problem.code,
    problem.package ?? "",
    ...(problem.package === null || problem.code.startsWith("requirement") ? problem.subjects : []),
  ].join("\n");
}
