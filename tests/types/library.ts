/** How a program in TypeScript uses the public types. Nothing here runs: that it compiles is the test. */
import {
  isPenError,
  list,
  type CheckProblem,
  type createEnvironment,
  type CreatedEnvironment,
  type Credentials,
  type Environment,
  type Host,
  type install,
  type InstallOptions,
  type installReportJson,
  type InstallReport,
  type JsonObject,
  type Lock,
  type OperationOptions,
  type PenError,
  type PenErrorCode,
  type PenEvent,
  type Plan,
  type PlanStep,
  type readHost,
} from "pen-env";
import type { findPython, Interpreter } from "pen-env/discover";
import type { NormalizedName, parseVersion, Version } from "pen-env/standards";

/** Exactly the same type, not only one that fits. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

// What goes in and out.
holds<Same<ReturnType<typeof createEnvironment>, Promise<CreatedEnvironment>>>();
holds<Same<CreatedEnvironment["environment"], Environment>>();
holds<Same<ReturnType<typeof findPython>, Promise<Interpreter>>>();
holds<Same<Awaited<ReturnType<typeof install>>, InstallReport>>();
holds<Same<ReturnType<typeof installReportJson>, Promise<JsonObject>>>();
holds<Same<ReturnType<typeof readHost>, Host>>();
holds<Same<ReturnType<typeof parseVersion>, Version>>();
holds<Same<Lock["packages"][number]["name"], NormalizedName>>();

// Everything about the surroundings is optional, with and without undefined as far as it is documented.
export const plain: OperationOptions = {};
export const named: InstallOptions = { requirements: ["flask"], python: undefined };
export const from: InstallOptions = {
  indexes: { fetch, auth: async (url): Promise<Credentials | undefined> => (url === "" ? undefined : { username: "a", password: "b" }) },
};
// @ts-expect-error A requirement alone is no list.
export const wrong: InstallOptions = { requirements: "flask" };
// @ts-expect-error There is no such mode.
export const mode: InstallOptions = { linkMode: "junction" };

// Values cannot be changed.
export async function immutable(plan: Plan): Promise<void> {
  const { distributions } = await list();
  // @ts-expect-error The list is read-only.
  distributions.push(distributions[0]);
  // @ts-expect-error So are the steps of a plan.
  plan.steps = [];
}

// A text is no version and no normalised name before it was parsed.
// @ts-expect-error Only parseVersion makes one.
export const version: Version = "1.0";
// @ts-expect-error Only normalizeName makes one.
export const name: NormalizedName = "flask";

// Unions are closed: these functions compile because every case is there.
export function describeEvent(event: PenEvent): string {
  switch (event.type) {
    case "phase":
      return event.phase;
    case "progress":
      return `${event.id} ${event.done}/${event.total ?? "?"} ${event.unit}`;
    case "change":
      return `${event.action} ${event.name} ${event.version}`;
    case "waiting":
      return event.resource;
    case "log":
      return `${event.level} ${event.code} ${event.message}`;
  }
}

export function describeStep(step: PlanStep): string {
  switch (step.action) {
    case "keep":
    case "install":
    case "uninstall":
      return `${step.name} ${step.version}`;
    case "upgrade":
    case "downgrade":
    case "reinstall":
      return `${step.name} ${step.previous} ${step.version}`;
  }
}

export function describeProblem(problem: CheckProblem): string {
  switch (problem.kind) {
    case "missing":
      return problem.requirement;
    case "conflict":
      return problem.found;
    case "python":
      return problem.requiresPython;
  }
}

// Errors are told apart by their code.
export function hintOf(error: unknown): string | undefined {
  if (!isPenError(error)) return undefined;
  holds<Same<typeof error, PenError>>();
  const code: PenErrorCode = error.code;
  return code === "ENV_NOT_FOUND" ? error.hint : error.why;
}
// @ts-expect-error There is no such code.
export const unknownCode: boolean = isPenError(undefined, "NO_SUCH_CODE");
