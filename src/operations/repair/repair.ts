import { isPenError, printableLine, type PenError, join } from "#foundation";
import { findInterpreter, parseRequest } from "#python";
import { openEnvironment, type Environment } from "#venv";
import { openContext, type Context } from "../context.ts";
import { around, chosenRoots, examine } from "../doctor/doctor.ts";
import { journalProblems } from "../doctor/skeleton.ts";
import type { DoctorCode, DoctorProblem } from "../doctor/types.ts";
import { environmentDestination, exclusively } from "../environment.ts";
import { divideScripts, readdressScripts } from "./files.ts";
import { findPatients, planLeftovers, planPackage } from "./packages.ts";
import { planRequirement } from "./requirements.ts";
import { finishJournal, planSkeleton, skeletonCodes, sweepLeft } from "./skeleton.ts";
import { openDepot } from "./depot.ts";
import { planStranded, whyNotAll } from "./stranded.ts";
import { problemKey, type Case, type Repair, type RepairOptions, type Treatment } from "./types.ts";
import { hintFor, reasonFor } from "./words.ts";
import { shellWord } from "../shells/shell-word.ts";

export type { Repair, RepairedProblem, RepairOptions, UnrepairedProblem } from "./types.ts";

/**
 * Mends what is certain of an environment, or of all of them: leads it to a Python of the version it was made for (or to the one that
 * `python` names, with its packages installed again), brings a command that was cut off to its end, makes its scripts find it, puts files back
 * that the store has or an index still offers exactly as they were, builds again what was built and may be built, and installs what packages miss. What a person wrote is never touched. All
 * else is told with the reason why not. Each step is a transaction. Errors: `ENV_NOT_FOUND`; with `python` those of
 * finding that Python; whatever else fails for one environment is its reason.
 */
export async function repair(options: RepairOptions = {}): Promise<Repair[]> {
  const context = openContext(options);
  // A Python that is not there is no reason of any environment's.
  if (options.python !== undefined) await findInterpreter(parseRequest(options.python, context.host), context);
  const repairs: Repair[] = [];
  for (const root of await chosenRoots(context, options)) {
    context.signal?.throwIfAborted();
    const depot = openDepot(context, options);
    const notes = { how: new Map<string, string>(), reasons: new Map<string, string>(), hints: new Map<string, string>() };
    const mended = await mend({ root, context, options, depot, ...notes }).finally(() => depot.close());
    repairs.push(repairs.length === 0 ? mended : { ...mended, left: mended.left.filter(({ code }) => !around.has(code)) });
  }
  return repairs;
}

async function mend(one: Case): Promise<Repair> {
  const { root, context, options } = one;
  // What a killed command left may look whole, and is undone first: only then it shows what is wrong.
  const journal = journalProblems(root);
  await treat(one, journal, () => Promise.resolve({ how: "Undoes or finishes that command", run: () => finishJournal(one) }));
  const before = [
    ...journal,
    ...(await examine(root, context)).filter(({ code }) => journal.length === 0 || code !== "unfinished-command"),
  ];
  const switching = options.python !== undefined && (options.all !== true || before.some(({ code }) => needsPython.has(code)));
  if (before.every(({ code }) => around.has(code)) && !switching) return answer(one, before, before);
  let environment: Environment | undefined;
  const skeleton = before.filter(({ code }) => skeletonCodes.has(code));
  if (skeleton.length > 0 || switching) {
    await carryOut(one, skeleton, async () => {
      const plan = await planSkeleton(one, switching ? options.python : undefined);
      environment = plan.environment;
      return plan;
    });
  }
  // A Python that came back shows what could not be seen before.
  const planned = options.dryRun === true ? environment : undefined;
  environment = planned ?? (await tryOpen(root, context));
  const seen = await examine(root, context, environment);
  const between = planned === undefined ? seen : seen.filter(({ code }) => !skeletonCodes.has(code));
  if (environment !== undefined) await treatContents(one, environment, between);
  const after = options.dryRun === true ? between : await examine(root, context);
  return answer(one, [...before, ...between], after);
}

const needsPython: ReadonlySet<DoctorCode> = new Set(["python-gone", "python-changed", "environment-broken"]);

async function tryOpen(root: string, { host, cacheFolder, signal }: Context): Promise<Environment | undefined> {
  try {
    return await openEnvironment(root, { host, cacheFolder, signal });
  } catch (error) {
    if (!isPenError(error) || signal?.aborted === true) throw error;
    return undefined;
  }
}

/** Scripts, then packages, then what they miss: under one lock. */
async function treatContents(one: Case, environment: Environment, problems: readonly DoctorProblem[]): Promise<void> {
  const of = (code: DoctorCode): DoctorProblem[] => problems.filter((problem) => problem.code === code);
  const work = async (): Promise<void> => {
    await treat(one, of("foreign-shebang"), () => planScripts(one, environment));
    await treat(one, of("leftover"), () => Promise.resolve(planLeftovers(environment)));
    await treat(one, of("packages-stranded"), async () => {
      const plan = await planStranded(one, environment);
      const refused = plan === undefined ? undefined : whyNotAll(one, plan, environment);
      if (refused !== undefined) noteFailure(one, of("packages-stranded"), refused);
      return plan ?? { how: "", run: () => Promise.resolve() };
    });
    for (const patient of await findPatients(one, environment, problems))
      await treat(one, patient.problems, () => planPackage(one, environment, patient));
    for (const problem of of("requirement-missing")) await treat(one, [problem], () => planRequirement(one, environment, problem));
  };
  if (one.options.dryRun === true) return work();
  const anything = problems.some(({ code }) => !around.has(code) && !isPersons(code));
  if (!anything) return;
  try {
    await exclusively(one.context, environmentDestination(environment), work);
    sweepLeft(environment);
  } catch (error) {
    if (!isPenError(error) || one.context.signal?.aborted === true) throw error;
    for (const problem of problems) if (!one.reasons.has(problemKey(problem))) one.reasons.set(problemKey(problem), said(error));
  }
}

const isPersons = (code: DoctorCode): boolean => code === "hidden-module" || code === "requirement-conflict" || code === "foreign-owner";

/** Nothing of what a person put into `bin` is changed. */
function planScripts(one: Case, environment: Environment): Promise<Treatment> {
  const { own, foreign } = divideScripts(environment);
  if (foreign.length > 0) {
    const names = foreign.slice(0, 3).map(({ path }) => printableLine(path.slice(path.lastIndexOf("/") + 1)));
    one.reasons.set(
      "foreign-shebang",
      `No package brought ${names.join(", ")}${foreign.length > 3 ? " and others" : ""}: what you put there is yours to change. Its first line is to be #!${join(one.root, "bin", "python")}`,
    );
  }
  return Promise.resolve({
    how:
      own.length === 0
        ? ""
        : `Lets ${own.length === 1 ? "the script" : `${own.length} scripts`} find the Python beside ${own.length === 1 ? "it" : "them"}`,
    run: () => Promise.resolve(own.length === 0 ? undefined : readdressScripts(environment, own)),
  });
}

/** Carries a treatment out, or with `dryRun` only notes it. What fails is the reason why the problems stay. */
async function treat(one: Case, problems: readonly DoctorProblem[], plan: () => Promise<Treatment>): Promise<void> {
  if (problems.length > 0) await carryOut(one, problems, plan);
}

async function carryOut(one: Case, problems: readonly DoctorProblem[], plan: () => Promise<Treatment>): Promise<void> {
  const { options, context } = one;
  try {
    const { how, run } = await plan();
    if (options.dryRun !== true) await run();
    if (how !== "") for (const problem of problems) one.how.set(problemKey(problem), how);
  } catch (error) {
    const isAlone = problems.length === 0 && options.all !== true;
    if (!isPenError(error) || error.code === "CANCELLED" || context.signal?.aborted === true || isAlone) throw error;
    noteFailure(one, problems, error);
  }
}

/** Failures whose own words on what to type are better than those for the problem. */
const knowing: ReadonlySet<PenError["code"]> = new Set(["BUILD_REFUSED", "BUILD_FAILED", "INVALID_SOURCE"]);

function noteFailure({ reasons, hints }: Case, problems: readonly DoctorProblem[], error: PenError): void {
  for (const problem of problems) {
    reasons.set(problemKey(problem), said(error));
    if (knowing.has(error.code) && error.hint !== undefined) hints.set(problemKey(problem), error.hint);
  }
}

/** In one line: reasons stand in lists. */
function said(error: { readonly message: string; readonly why?: string | undefined }): string {
  const text = error.why === undefined ? error.message : `${error.message}: ${error.why}`;
  return text
    .replace(/:\n\s*/g, ": ")
    .replace(/\n\s*/g, ", ")
    .replace(/ {2,}/g, " ");
}

function answer(one: Case, seen: readonly DoctorProblem[], after: readonly DoctorProblem[]): Repair {
  const { how, reasons, hints, options, root } = one;
  const unique = [...new Map(seen.map((problem) => [problemKey(problem), problem])).values()];
  const stays = new Set(after.map(problemKey));
  const isMended = (problem: DoctorProblem): boolean =>
    options.dryRun === true ? how.has(problemKey(problem)) : !stays.has(problemKey(problem));
  const left = (options.dryRun === true ? unique : after).filter((problem) => !isMended(problem));
  return {
    path: root,
    repaired: unique.filter(isMended).map((problem) => ({ ...problem, how: how.get(problemKey(problem)) ?? "Mended with the others" })),
    left: left.map((problem) => ({
      ...problem,
      hint: hints.get(problemKey(problem)) ?? hintFor(problem, shellWord(root)),
      reason: reasons.get(problemKey(problem)) ?? reasons.get(problem.code) ?? reasonFor(problem.code),
    })),
  };
}
