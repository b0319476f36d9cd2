import { warn, type Emit } from "#foundation";
import { metadataOf, type Answers } from "./answers.ts";
import type { Incompatibility } from "./incompatibility.ts";
import type { Problem } from "./problem.ts";
import { graphOf, type Graph } from "./resolution.ts";
import { Rules, type ActiveRequirement, type Environments } from "./rules.ts";
import { Scout } from "./scout.ts";
import { Selection } from "./selection.ts";
import { Solver } from "./solver.ts";
import type { ResolutionRequest } from "./types.ts";

export interface ResolveOptions {
  readonly emit: Emit;
  readonly signal?: AbortSignal;
}

/** A proof that there is no answer, with what is needed to explain it. */
export interface Failure {
  readonly conflict: Incompatibility;
  readonly solver: Solver;
  readonly problem: Problem;
}

/** How solving for one set of environments ended. */
export type Attempt = { readonly kind: "solved"; readonly graph: Graph } | { readonly kind: "failed"; readonly failure: Failure };

/** What is solved for, and with whose answers. */
export interface Task {
  readonly request: ResolutionRequest;
  readonly environments: Environments;
  readonly answers: Answers;
}

/** Solves for one set of environments that get the same versions. Waits only when the catalog does not answer at once. */
export async function attemptToSolve(task: Task, options: ResolveOptions): Promise<Attempt> {
  const problem = problemOf(task);
  const scout = new Scout(task.answers, problem.rules);
  try {
    for (;;) {
      const solver = new Solver(problem);
      const outcome = await runToEnd(solver, problem, { scout, options });
      if (outcome === undefined) continue;
      return outcome === "solved"
        ? { kind: "solved", graph: graphOf(solver, problem) }
        : { kind: "failed", failure: { conflict: outcome, solver, problem } };
    }
  } finally {
    scout.end();
  }
}

function problemOf({ request, environments, answers }: Task): Problem {
  const rules = new Rules(request, environments);
  const direct = request.requirements.flatMap(({ requirement, origin }) => {
    return rules.active([requirement], undefined).map((active) => ({ active, origin }));
  });
  const actives: ActiveRequirement[] = direct.map((one) => one.active);
  return {
    answers,
    rules,
    selection: new Selection(request, rules, actives),
    direct,
    urls: rules.requestedUrls(actives),
    followDependencies: request.followDependencies,
  };
}

/** Undefined when the solver has to start again. */
async function runToEnd(
  solver: Solver,
  problem: Problem,
  { scout, options }: { readonly scout: Scout; readonly options: ResolveOptions },
): Promise<"solved" | Incompatibility | undefined> {
  for (;;) {
    options.signal?.throwIfAborted();
    const outcome = solver.run();
    switch (outcome.kind) {
      case "solved":
        return "solved";
      case "failed":
        return outcome.conflict;
      case "again":
        return undefined;
      case "waiting": {
        const arrival = problem.answers.arrival;
        scout.look(inSight(solver, problem));
        options.emit({ type: "progress", phase: "resolve", id: "resolve", done: solver.solution.level, unit: "items" });
        await arrival;
      }
    }
  }
}

function* inSight(
  solver: Solver,
  problem: Problem,
): IterableIterator<readonly [Parameters<Problem["urls"]["has"]>[0], ActiveRequirement["range"]]> {
  for (const of of solver.solution.neededPackages) {
    if (solver.solution.decided(of) !== undefined) continue;
    const { name, extra } = solver.packages.get(of);
    const known = solver.solution.known(of);
    if (extra === undefined && known !== undefined && !problem.urls.has(name)) yield [name, known.range];
  }
}

/** Warns of extras that the chosen versions do not have, and of yanked versions. */
export function warnAbout(graphs: readonly Graph[], answers: Answers, emit: Emit): void {
  const said = new Set<string>();
  const say = (code: string, message: string): void => {
    if (said.has(message)) return;
    said.add(message);
    warn(emit, code, message);
  };
  for (const graph of graphs) {
    for (const edge of graph.edges) {
      const candidate = graph.chosen.get(edge.to);
      if (candidate === undefined || edge.active.requirement.extras.length === 0) continue;
      const known = metadataOf(answers, candidate).extras;
      for (const extra of edge.active.requirement.extras) {
        if (!known.has(extra)) say("unknown-extra", `${edge.to} ${candidate.versionText} does not provide the extra '${extra}'`);
      }
    }
    for (const candidate of graph.chosen.values()) {
      if (candidate.yanked === undefined) continue;
      // pip's words, which scripts look for.
      const reason = candidate.yanked === "" ? "" : `; its authors say why: ${candidate.yanked}`;
      say(
        "yanked",
        `The candidate selected for download or install is a yanked version: ${candidate.name} ${candidate.versionText}${reason}`,
      );
    }
  }
}
