/**
 * resolver: PubGrub over a {@link PackageCatalog} port (docs/solver.md). Enters: a request (requirements, constraints, target, rules)
 * and a catalog that knows versions and their metadata. Leaves: one version of each project that is needed, for one environment or,
 * forked, for many; or a conflict that explains itself. No network, no files.
 */
export { resolve } from "./resolve.ts";
export type { ResolveOptions } from "./attempt.ts";
export type { ConflictNode, ConflictTree, FactKind } from "./conflict-tree.ts";
export type {
  Candidate,
  Candidates,
  CandidateDependencies,
  MaybePromise,
  PackageCatalog,
  PrereleaseMode,
  Resolution,
  ResolutionMode,
  ResolutionRequest,
  ResolutionTarget,
  ResolvedPackage,
  UnusableReason,
} from "./types.ts";
