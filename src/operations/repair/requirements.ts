import { PenError } from "#foundation";
import { readInstalled } from "#installer";
import { parseRequirementArgument } from "#project";
import type { Environment } from "#venv";
import { unmetRequirements } from "../doctor/packages.ts";
import type { DoctorProblem } from "../doctor/types.ts";
import { environmentDestination } from "../environment.ts";
import { installPins } from "../packages/install.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import type { Case, Treatment } from "./types.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { singleTarget } from "../resolving/target.ts";

/**
 * How to install one requirement that is missing, with what it needs itself. Errors: those of resolving; RESOLUTION_CONFLICT when it would
 * change what is installed, which is the person's to decide.
 */
export async function planRequirement(one: Case, environment: Environment, problem: DoctorProblem): Promise<Treatment> {
  const { context } = one;
  const destination = environmentDestination(environment);
  const installed = readInstalled(destination.target);
  const text = requirementText(one, environment, problem);
  const client = one.depot.client();
  const sources = one.depot.sources(environment);
  const resolved = await resolveRequirements(context, client, {
    ...plainQuestion,
    ...singleTarget(environment.interpreter),
    requirements: [parseRequirementArgument(text, context.host.cwd)],
    installed,
    sources,
  });
  const moving = resolved.pins.filter((pin) => pin.installed === undefined);
  const changed = moving.filter(({ locked }) => installed.some(({ name }) => name === locked.name));
  if (changed.length > 0)
    throw new PenError("RESOLUTION_CONFLICT", `Installing ${text} would change ${changed.map(({ locked }) => locked.name).join(", ")}`, {
      why: "Other versions of what is installed are yours to decide.",
    });
  return {
    how: `Installs ${moving.map(({ locked }) => `${locked.name} ${locked.version ?? ""}`).join(", ")}`,
    run: async () => {
      await installPins(context, {
        destination,
        installed,
        resolved: { ...resolved, pins: resolved.pins.map((pin) => ({ ...pin, requested: false })) },
        client,
        sources,
        options: { linkMode: "auto", ...(context.signal === undefined ? {} : { signal: context.signal }) },
      });
    },
  };
}

/** The requirement as the package writes it. */
function requirementText(one: Case, environment: Environment, { subjects: [name, need] }: DoctorProblem): string {
  const installed = readInstalled(environmentDestination(environment).target);
  const unmet = unmetRequirements(environment, installed, one.context.host);
  const found = unmet.find((problem) => problem.kind === "missing" && problem.name === name && problem.need === need);
  return found !== undefined && found.kind !== "python" ? found.requirement.replace(/;.*$/, "").trim() : (need ?? "");
}
