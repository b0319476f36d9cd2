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

/** The repair of one environment under way. */
export interface Case {
  readonly root: string;
  readonly context: Context;
  readonly options: RepairOptions;
  /** What was done, by {@link problemKey}. */
  readonly how: Map<string, string>;
  /** Why something stays, by {@link problemKey}. */
  readonly reasons: Map<string, string>;
}

/** Two problems with the same key are one, seen twice. */
export function problemKey(problem: DoctorProblem): string {
  return [
    problem.code,
    problem.package ?? "",
    ...(problem.package === null || problem.code.startsWith("requirement") ? problem.subjects : []),
  ].join("\n");
}
