import { PenError, printableLine } from "#foundation";
import { normalizeName, requirementText, type NormalizedName, type Requirement } from "#standards";
import { openContext, type OperationOptions } from "../context.ts";
import { readPackageGraph, type GraphOptions, type GraphRoot, type PackageGraph } from "./package-graph.ts";

export interface WhyOptions extends OperationOptions, GraphOptions {
  /** Of the package. */
  readonly name: string;
  /** At most so many chains, the shortest first; default 20. */
  readonly most?: number;
}

/** A package with the requirement by which it needs the next one of the chain. */
export interface WhyLink {
  readonly name: string;
  readonly version: string;
  /** PEP 508. */
  readonly requires: string;
}

export interface WhyChain {
  /** Who began it: an entry of the Pipfile, or a package that was installed by itself. */
  readonly root: GraphRoot;
  /** From the root to the package; empty when the root is the package itself. */
  readonly links: readonly WhyLink[];
}

export interface WhyReport {
  readonly name: NormalizedName;
  readonly version: string;
  readonly source: { readonly kind: "environment" | "lock"; readonly path: string };
  /** The shortest first. Empty when nothing asks for it. */
  readonly chains: readonly WhyChain[];
  /** There are more than these. */
  readonly more: boolean;
}

/**
 * `pen why`: the chains that lead from what was asked for to a package, each step with its requirement. Errors: NOT_INSTALLED when it is not there;
 * those of reading the environment or the lock.
 */
export async function whyPackage(options: WhyOptions): Promise<WhyReport> {
  const context = openContext(options);
  const name = normalizeName(options.name);
  const graph = await readPackageGraph(context, options);
  const found = graph.packages.get(name);
  if (found === undefined) {
    const locked = graph.kind === "lock";
    throw new PenError("NOT_INSTALLED", `${name} is not ${locked ? "locked" : "installed"} in ${printableLine(graph.path)}`, {
      hint:
        locked || graph.project === undefined
          ? `Look for it on the index: pen pip index versions ${name}`
          : `What the lock says: pen why --locked ${name}`,
      data: { name },
    });
  }
  const { chains, more } = chainsTo(graph, name, options.most ?? 20);
  return { name, version: found.version, source: { kind: graph.kind, path: graph.path }, chains, more };
}

/** Who needs a package, and how. */
interface Dependent {
  readonly from: NormalizedName;
  readonly need: Requirement;
}

interface Path {
  readonly at: NormalizedName;
  readonly links: readonly WhyLink[];
  readonly passed: ReadonlySet<NormalizedName>;
}

/** More steps than this are not looked at: circles and dense graphs have endlessly many chains. */
const mostSteps = 20_000;

/** Backwards from the package, in breadth, so that the shortest chains come first. */
function chainsTo(graph: PackageGraph, name: NormalizedName, most: number): { chains: WhyChain[]; more: boolean } {
  const dependents = new Map<NormalizedName, Dependent[]>();
  for (const { name: from, needs } of graph.packages.values())
    for (const need of needs) dependents.set(need.name, [...(dependents.get(need.name) ?? []), { from, need }]);
  const roots = new Map<NormalizedName, GraphRoot[]>();
  for (const root of graph.roots) roots.set(root.name, [...(roots.get(root.name) ?? []), root]);
  const chains: WhyChain[] = [];
  let queue: Path[] = [{ at: name, links: [], passed: new Set([name]) }];
  for (let steps = 0; queue.length > 0;) {
    const next: Path[] = [];
    for (const path of queue) {
      steps += 1;
      for (const root of roots.get(path.at) ?? []) chains.push({ root, links: path.links });
      if (chains.length > most || steps > mostSteps) return { chains: chains.slice(0, most), more: true };
      for (const { from, need } of dependents.get(path.at) ?? []) {
        const by = graph.packages.get(from);
        if (by === undefined || path.passed.has(from)) continue;
        const link = { name: by.writtenName, version: by.version, requires: requirementText(need) };
        next.push({ at: from, links: [link, ...path.links], passed: new Set([...path.passed, from]) });
      }
    }
    queue = next;
  }
  return { chains, more: false };
}
