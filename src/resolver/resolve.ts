import { Answers } from "./answers.ts";
import { attemptToSolve, warnAbout, type ResolveOptions } from "./attempt.ts";
import { conflictError } from "./conflict-error.ts";
import { SingleEnvironment } from "./environments.ts";
import { mergeForks } from "./merging.ts";
import { packagesOf } from "./resolution.ts";
import type { PackageCatalog, Resolution, ResolutionRequest } from "./types.ts";
import { solveForks, targetMarker } from "./universal.ts";

/**
 * Chooses one version of every project that the request needs (docs/solver.md); for a universal target, one for each fork. The same
 * request and the same catalog give the same answer, in whatever order the catalog answers. Fails with RESOLUTION_CONFLICT (`why`
 * explains, `data.conflict` is a {@link ConflictTree}), PACKAGE_NOT_FOUND, or what the catalog fails with.
 */
export async function resolve(request: ResolutionRequest, catalog: PackageCatalog, options: ResolveOptions): Promise<Resolution> {
  const { emit } = options;
  emit({ type: "phase", phase: "resolve" });
  const answers = new Answers(catalog);
  const { target } = request;
  if (target.kind === "universal") {
    const forks = await solveForks(request, target, { answers, options });
    if ("conflict" in forks) throw conflictError(forks);
    warnAbout(
      forks.map((fork) => fork.graph),
      answers,
      emit,
    );
    return { packages: mergeForks(forks, targetMarker(target)) };
  }
  const environments = new SingleEnvironment(target.markers, target.python);
  const attempt = await attemptToSolve({ request, environments, answers }, options);
  if (attempt.kind === "failed") throw conflictError(attempt.failure);
  warnAbout([attempt.graph], answers, emit);
  return { packages: packagesOf(attempt.graph, { packageMarker: () => undefined, edgeMarker: () => undefined }) };
}
