import type { CheckProblem } from "#operations";

/** What does not fit, in pip's words. */
export function problemText(problem: CheckProblem): string {
  switch (problem.kind) {
    case "missing":
      return `${problem.name} ${problem.version} requires ${problem.need}, which is not installed.`;
    case "conflict":
      return `${problem.name} ${problem.version} has requirement ${problem.requirement}, but you have ${problem.need} ${problem.found}.`;
    case "python":
      return `${problem.name} ${problem.version} requires Python ${problem.requiresPython}, which this environment does not have.`;
  }
}
