import { elementAt } from "./elements.ts";
import type { MarkerComparison, MarkerMembership } from "./markers.ts";
import { compareVersions, versionText, type Version } from "./versions.ts";

/*
 * Decision diagrams over marker variables. A branch asks one variable; its cuts divide the variable's values, and one child answers
 * for each part. Variables are asked in a fixed order, no branch has two equal neighbouring children, and equal branches are one
 * object: two markers that hold in the same environments are the same node.
 */

/** What a branch asks. `subject` groups a variable with the yes-or-no questions about the same variable, which follow it in order. */
export type Question =
  | { readonly kind: "versions"; readonly subject: string; readonly order: string }
  | { readonly kind: "text"; readonly subject: string; readonly order: string }
  | { readonly kind: "holds"; readonly subject: string; readonly order: string; readonly term: MarkerComparison }
  | { readonly kind: "member"; readonly subject: string; readonly order: string; readonly term: MarkerMembership };

export type Cut = Version | string;

interface Leaf {
  readonly kind: "leaf";
  readonly id: number;
  readonly value: boolean;
}

/** Child 0 answers for the values below the first cut, child n for those from cut n on. A yes-or-no question has no cuts: child 0 is no, child 1 yes. */
export interface Branch {
  readonly kind: "branch";
  readonly id: number;
  readonly question: Question;
  readonly cuts: readonly Cut[];
  readonly children: readonly Node[];
}

export type Node = Leaf | Branch;

export const falseNode: Node = { kind: "leaf", id: 0, value: false };
export const trueNode: Node = { kind: "leaf", id: 1, value: true };

/** Thrown inside the algebra when a marker is too large to be worked out; its callers answer conservatively. */
export class TooComplex extends Error {}

/** Whether an answer to one yes-or-no question settles another one on the same variable. */
type Settles = (known: MarkerComparison, answer: boolean, asked: MarkerComparison) => boolean | undefined;

/** Whether a question holds for a known value of its variable. */
type Holds = (term: MarkerComparison, value: string) => boolean;

// Some tenths of a second at most.
const stepLimit = 100_000;

/** All nodes of one generation, and what was worked out about them. */
export class Diagram {
  private readonly nodes = new Map<string, Branch>();
  private readonly conjunctions = new Map<number, Node>();
  private readonly negations = new Map<number, Node>();
  private readonly settles: Settles;
  private readonly holds: Holds;
  private steps = 0;
  private nextId = 2;

  constructor(settles: Settles, holds: Holds) {
    this.settles = settles;
    this.holds = holds;
  }

  get size(): number {
    return this.nodes.size + this.conjunctions.size;
  }

  /** Gives the next operation its full allowance of steps. */
  restart(): void {
    this.steps = 0;
  }

  and(a: Node, b: Node): Node {
    if (a === b || b === trueNode) return a;
    if (a === trueNode) return b;
    if (a === falseNode || b === falseNode || a.kind === "leaf" || b.kind === "leaf") return falseNode;
    const key = a.id < b.id ? a.id * 0x4000000 + b.id : b.id * 0x4000000 + a.id;
    let result = this.conjunctions.get(key);
    if (result === undefined) {
      this.step();
      result = this.conjoin(a, b);
      this.conjunctions.set(key, result);
    }
    return result;
  }

  or(a: Node, b: Node): Node {
    return this.not(this.and(this.not(a), this.not(b)));
  }

  not(node: Node): Node {
    if (node.kind === "leaf") return node === trueNode ? falseNode : trueNode;
    let result = this.negations.get(node.id);
    if (result === undefined) {
      this.step();
      result = this.branch(
        node.question,
        node.cuts,
        node.children.map((child) => this.not(child)),
      );
      this.negations.set(node.id, result);
      this.negations.set(result.id, node);
    }
    return result;
  }

  /**
   * A node, usually smaller, that says the same as `node` wherever `context` holds: a part that the context excludes takes the
   * answer of the part next to it.
   */
  restrict(node: Node, context: Node): Node {
    if (node.kind === "leaf" || context.kind === "leaf") return node;
    this.step();
    if (context.question.order < node.question.order) {
      return this.restrict(
        node,
        context.children.reduce((either, child) => this.or(either, child)),
      );
    }
    const { cuts, children, contexts } = alignParts(node, context);
    const kept: Node[] = [];
    for (const [at, child] of children.entries()) {
      const within = elementAt(contexts, at);
      if (within !== falseNode) kept.push(this.restrict(child, within));
      else kept.push(kept[at - 1] ?? this.firstKept(children, contexts));
    }
    return this.branch(node.question, cuts, kept);
  }

  private firstKept(children: readonly Node[], contexts: readonly Node[]): Node {
    const at = contexts.findIndex((within) => within !== falseNode);
    return this.restrict(elementAt(children, at), elementAt(contexts, at));
  }

  /** The node that asks `question`; children that say the same are joined. */
  branch(question: Question, cuts: readonly Cut[], children: readonly Node[]): Node {
    if (question.kind === "holds" || question.kind === "member")
      return this.yesOrNo(question, elementAt(children, 0), elementAt(children, 1));
    const keptCuts: Cut[] = [];
    const kept: Node[] = [];
    for (const [at, child] of this.withoutRedundantPoints(question, cuts, children).entries()) {
      if (at > 0 && child === kept[kept.length - 1]) continue;
      if (at > 0) keptCuts.push(elementAt(cuts, at - 1));
      kept.push(child);
    }
    return kept.length === 1 ? elementAt(kept, 0) : this.intern(question, keptCuts, kept);
  }

  private conjoin(a: Branch, b: Branch): Node {
    const order = a.question.order < b.question.order ? -1 : a.question.order === b.question.order ? 0 : 1;
    if (order < 0)
      return this.branch(
        a.question,
        a.cuts,
        a.children.map((child) => this.and(child, b)),
      );
    if (order > 0)
      return this.branch(
        b.question,
        b.cuts,
        b.children.map((child) => this.and(a, child)),
      );
    const { cuts, children, contexts } = alignParts(a, b);
    return this.branch(
      a.question,
      cuts,
      children.map((child, at) => this.and(child, elementAt(contexts, at))),
    );
  }

  // At a point the variable's value is known, and with it the answer to every further question about the variable. A point
  // whose neighbours below and above say the same once that is taken into account needs no branch of its own.
  private withoutRedundantPoints(question: Question, cuts: readonly Cut[], children: readonly Node[]): readonly Node[] {
    if (question.kind !== "text") return children;
    const result = [...children];
    for (let at = 1; at < cuts.length; at += 1) {
      const value = pointValue(elementAt(cuts, at - 1), elementAt(cuts, at));
      if (value === undefined) continue;
      const answer = (term: MarkerComparison): boolean => this.holds(term, value);
      result[at] = this.assume(elementAt(children, at), question.subject, answer);
      const below = elementAt(children, at - 1);
      const above = elementAt(children, at + 1);
      if (below === above && this.assume(below, question.subject, answer) === result[at]) result[at] = below;
    }
    return result;
  }

  private yesOrNo(question: Question & { kind: "holds" | "member" }, no: Node, yes: Node): Node {
    if (no === yes) return no;
    if (question.kind === "member" || question.term.operator !== "in") return this.intern(question, [], [no, yes]);
    const assumeNo = (term: MarkerComparison): boolean | undefined => this.settles(question.term, false, term);
    const assumeYes = (term: MarkerComparison): boolean | undefined => this.settles(question.term, true, term);
    const low = this.assume(no, question.subject, assumeNo);
    const high = this.assume(yes, question.subject, assumeYes);
    if (low === high || this.assume(low, question.subject, assumeYes) === high) return low;
    if (this.assume(high, question.subject, assumeNo) === low) return high;
    return this.intern(question, [], [low, high]);
  }

  // The node with the questions about `subject` answered where `answer` knows. They all stand at the top.
  private assume(node: Node, subject: string, answer: (term: MarkerComparison) => boolean | undefined): Node {
    if (node.kind === "leaf" || node.question.kind !== "holds" || node.question.subject !== subject) return node;
    this.step();
    const known = answer(node.question.term);
    if (known !== undefined) return this.assume(elementAt(node.children, known ? 1 : 0), subject, answer);
    const no = this.assume(elementAt(node.children, 0), subject, answer);
    const yes = this.assume(elementAt(node.children, 1), subject, answer);
    if (no === node.children[0] && yes === node.children[1]) return node;
    return this.yesOrNo(node.question, no, yes);
  }

  private intern(question: Question, cuts: readonly Cut[], children: readonly Node[]): Node {
    const places = cuts.map((cut) => (typeof cut === "string" ? JSON.stringify(cut) : versionText(cut))).join(" ");
    const key = `${question.order}|${places}|${children.map((child) => child.id).join(" ")}`;
    let node = this.nodes.get(key);
    if (node === undefined) {
      node = { kind: "branch", id: this.nextId, question, cuts, children };
      this.nextId += 1;
      this.nodes.set(key, node);
    }
    return node;
  }

  private step(): void {
    this.steps += 1;
    if (this.steps > stepLimit) throw new TooComplex();
  }
}

/** The parts of `node`'s question, divided where either asks; `context` has the whole of itself for each when it asks something else. */
function alignParts(
  node: Branch,
  context: Branch,
): { readonly cuts: readonly Cut[]; readonly children: Node[]; readonly contexts: Node[] } {
  if (context.question.order !== node.question.order) {
    return { cuts: node.cuts, children: [...node.children], contexts: node.children.map(() => context) };
  }
  if (node.cuts.length === 0) return { cuts: [], children: [...node.children], contexts: [...context.children] };
  const cuts: Cut[] = [];
  const children = [elementAt(node.children, 0)];
  const contexts = [elementAt(context.children, 0)];
  let at = 0;
  let other = 0;
  while (at < node.cuts.length || other < context.cuts.length) {
    const sign = compareCuts(node.cuts[at], context.cuts[other]);
    cuts.push(sign <= 0 ? elementAt(node.cuts, at) : elementAt(context.cuts, other));
    if (sign <= 0) at += 1;
    if (sign >= 0) other += 1;
    children.push(elementAt(node.children, at));
    contexts.push(elementAt(context.children, other));
  }
  return { cuts, children, contexts };
}

/** The order of two cuts of one variable; a missing cut lies above all others. */
function compareCuts(a: Cut | undefined, b: Cut | undefined): number {
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  if (typeof a === "string" || typeof b === "string") return a < b ? -1 : a === b ? 0 : 1;
  return compareVersions(a, b);
}

/** The next text in order after `value`: nothing lies between the two. */
export function afterText(value: string): string {
  return `${value}\0`;
}

/** The one text that lies between two cuts, if it is just one. */
export function pointValue(from: Cut, to: Cut): string | undefined {
  return typeof from === "string" && to === afterText(from) ? from : undefined;
}
