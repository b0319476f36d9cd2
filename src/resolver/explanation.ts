import { redactUrl } from "#foundation";
import type { Failure } from "./attempt.ts";
import { proofOrder, type ConflictNode, type ConflictTree } from "./conflict-tree.ts";
import { FactTeller, joinFacts, type Fact } from "./facts.ts";
import type { Incompatibility } from "./incompatibility.ts";
import { askedText, listText, Wording } from "./wording.ts";

/** A failure told for people and for programs. */
export interface Explanation {
  /** Whole sentences, one for each line. */
  readonly text: string;
  readonly tree: ConflictTree;
  /** What the proof rests on, each once. */
  readonly facts: readonly Fact[];
}

/** One sentence in the making: what it rests on, and the steps before it that it needs. */
interface Step {
  readonly of: Incompatibility;
  readonly facts: ReadonlyMap<string, Fact>;
  readonly steps: readonly Step[];
}

/** So many facts fit into one sentence. */
const factsInSentence = 4;
/** A list of more reads better with a line for each. */
const reasonsInLine = 3;
/** So many sentences people read; the rest is in the tree. */
const mostLines = 30;

/** Tells why there is no answer (docs/solver.md#explanation). */
export function explain(failure: Failure): Explanation {
  const wording = new Wording(failure);
  const order = proofOrder(failure.conflict);
  const teller = new FactTeller(failure, wording, order);
  const conclusion = stepsOf(order, teller);
  const facts = uniqueFacts(order, teller);
  const lines = sentences(conclusion, teller, wording);
  const shown =
    lines.length <= mostLines
      ? lines
      : [...lines.slice(0, mostLines / 2), `… (${lines.length - mostLines} more steps)`, ...lines.slice(-mostLines / 2)];
  for (const fact of facts) {
    if (fact.kind !== "no-versions" || !fact.trivial) continue;
    const label = wording.label(fact.first.subject);
    const sentence = `Of ${label} ${teller.existing(fact.first)}.`;
    if (!shown.includes(sentence) && !label.includes("[")) shown.push(sentence);
  }
  return { text: shown.join("\n"), tree: treeOf(order, teller, wording), facts };
}

function uniqueFacts(order: readonly Incompatibility[], teller: FactTeller): Fact[] {
  const facts = new Map<string, Fact>();
  for (const one of order) {
    const fact = teller.factOf(one);
    if (fact !== undefined) mergeFact(facts, fact);
  }
  return [...facts.values()];
}

function mergeFact(into: Map<string, Fact>, fact: Fact): void {
  const known = into.get(fact.key);
  into.set(fact.key, known === undefined ? fact : joinFacts(known, fact));
}

/** The proof as sentences to be: a step that only one other needs, and that rests on few facts, is told inside that one. */
function stepsOf(order: readonly Incompatibility[], teller: FactTeller): Step {
  const uses = new Map<Incompatibility, number>();
  for (const { cause } of order) {
    if (cause.kind !== "conflict") continue;
    for (const premise of [cause.left, cause.right]) uses.set(premise, (uses.get(premise) ?? 0) + 1);
  }
  const made = new Map<Incompatibility, Step>();
  let last: Step | undefined;
  for (const of of order) {
    const facts = new Map<string, Fact>();
    const steps: Step[] = [];
    const own = teller.factOf(of);
    if (own !== undefined) mergeFact(facts, own);
    for (const premise of of.cause.kind === "conflict" ? [of.cause.left, of.cause.right] : []) {
      const step = made.get(premise) as Step;
      const fits = joinedSize(facts, step.facts) <= factsInSentence && steps.length + step.steps.length <= 2;
      const silent = tellable(step.facts) === 0 || (tellable(step.facts) === 1 && step.steps.length === 0);
      if (premise.cause.kind === "conflict" && !silent && !((uses.get(premise) ?? 0) === 1 && fits)) {
        steps.push(step);
        continue;
      }
      for (const fact of step.facts.values()) mergeFact(facts, fact);
      for (const one of step.steps) if (!steps.includes(one)) steps.push(one);
    }
    last = { of, facts, steps };
    made.set(of, last);
  }
  return last as Step;
}

function tellable(facts: ReadonlyMap<string, Fact>): number {
  let count = 0;
  for (const fact of facts.values()) if (!fact.trivial) count += 1;
  return count;
}

function joinedSize(a: ReadonlyMap<string, Fact>, b: ReadonlyMap<string, Fact>): number {
  let count = tellable(a);
  for (const [key, fact] of b) if (!fact.trivial && !a.has(key)) count += 1;
  return count;
}

// Steps in an order in which each comes after those that it needs; explicit stack, as proofs may be thousands of steps deep.
function stepOrder(conclusion: Step): Step[] {
  const order: Step[] = [];
  const done = new Set<Step>();
  const stack = [conclusion];
  for (let step = stack.at(-1); step !== undefined; step = stack.at(-1)) {
    const open = done.has(step) ? [] : step.steps.filter((one) => !done.has(one));
    if (open.length > 0) {
      stack.push(...[...open].reverse());
      continue;
    }
    stack.pop();
    if (done.has(step)) continue;
    done.add(step);
    order.push(step);
  }
  return order;
}

function sentences(conclusion: Step, teller: FactTeller, wording: Wording): string[] {
  const order = stepOrder(conclusion);
  const referred = new Set<Step>();
  for (const [at, step] of order.entries()) {
    for (const premise of step.steps) if (premise !== order[at - 1]) referred.add(premise);
  }
  const numbers = new Map<Step, number>();
  return order.map((step, at) => {
    const previous = order[at - 1];
    const follows = previous !== undefined && step.steps.includes(previous);
    const reasons = inReadingOrder(step.facts.values()).flatMap((fact) => teller.clauses(fact));
    for (const premise of step.steps) {
      if (premise !== previous) reasons.push(`${wording.conclusion(premise.of)} (${numbers.get(premise)})`);
    }
    const result = step === conclusion ? "your requirements cannot all be met" : wording.conclusion(step.of);
    if (referred.has(step)) numbers.set(step, numbers.size + 1);
    const number = numbers.has(step) ? ` (${numbers.get(step)})` : "";
    return `${premisesText([...new Set(reasons)], follows)}${result}${number}.`;
  });
}

/** `Because a and b, `; where there are many reasons, each has a line of its own. */
function premisesText(reasons: readonly string[], follows: boolean): string {
  if (reasons.length === 0) return follows ? "So " : "Thus ";
  const because = follows ? "And because" : "Because";
  return reasons.length <= reasonsInLine
    ? `${because} ${listText(reasons)}, `
    : `${because}\n${reasons.map((reason) => `  - ${reason}\n`).join("")}`;
}

// What the person said comes first, then what that leads to.
function inReadingOrder(facts: Iterable<Fact>): Fact[] {
  const told = [...facts].filter((fact) => !fact.trivial);
  const rank = (fact: Fact): number =>
    fact.kind === "requirement" ? 0 : fact.kind === "constraint" ? 1 : fact.kind === "dependency" ? 2 : 3;
  return told.sort((a, b) => rank(a) - rank(b));
}

function treeOf(order: readonly Incompatibility[], teller: FactTeller, wording: Wording): ConflictTree {
  const backwards = [...order].reverse();
  const numbers = new Map(backwards.map((one, at) => [one, at]));
  const label = (one: Incompatibility): string[] =>
    one.terms.filter((term) => term.package !== 0).map((term) => wording.label(term.package));
  const nodes = backwards.map((one): ConflictNode => {
    const { cause } = one;
    if (cause.kind === "conflict") {
      return { kind: "derived", text: wording.conclusion(one), because: [numbers.get(cause.left) ?? 0, numbers.get(cause.right) ?? 0] };
    }
    const requirement = "requirement" in cause ? askedText(cause.requirement) : cause.kind === "constraint" ? redactUrl(cause.text) : null;
    const origin = "origin" in cause && cause.origin !== undefined ? cause.origin : null;
    const fact = teller.factOf(one);
    return { kind: "fact", text: fact === undefined ? "" : teller.tell(fact), fact: cause.kind, packages: label(one), requirement, origin };
  });
  return { nodes };
}
