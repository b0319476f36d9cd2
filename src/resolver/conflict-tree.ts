import type { Incompatibility } from "./incompatibility.ts";

/**
 * Why there is no answer, as plain JSON: the proof as a list, since steps may be used more than once. The first node is the
 * conclusion. Travels as `data.conflict` of RESOLUTION_CONFLICT.
 */
export interface ConflictTree {
  readonly nodes: readonly ConflictNode[];
}

/** A step of the proof, or a fact that it rests on. `text` is a sentence without a full stop. */
export type ConflictNode =
  | { readonly kind: "derived"; readonly text: string; readonly because: readonly [number, number] }
  | {
      readonly kind: "fact";
      readonly text: string;
      readonly fact: FactKind;
      /** The projects that it is about, the one that asks first. */
      readonly packages: readonly string[];
      /** The requirement or constraint, when it is about one. */
      readonly requirement: string | null;
      /** Where a direct requirement comes from. */
      readonly origin: string | null;
    };

export type FactKind =
  | "requirement"
  | "dependency"
  | "constraint"
  | "lockstep"
  | "no-versions"
  | "unknown-package"
  | "broken-metadata"
  | "python"
  | "other-url"
  | "unasked-url"
  | "root";

/** All steps and facts below a conclusion: every premise comes before what follows from it, each once. Takes no stack. */
export function proofOrder(conclusion: Incompatibility): Incompatibility[] {
  const done = new Set<Incompatibility>();
  const order: Incompatibility[] = [];
  const stack: Incompatibility[] = [conclusion];
  for (let one = stack.at(-1); one !== undefined; one = stack.at(-1)) {
    const premises =
      one.cause.kind === "conflict" && !done.has(one) ? [one.cause.right, one.cause.left].filter((premise) => !done.has(premise)) : [];
    if (premises.length > 0) {
      stack.push(...premises);
      continue;
    }
    stack.pop();
    if (done.has(one)) continue;
    done.add(one);
    order.push(one);
  }
  return order;
}
