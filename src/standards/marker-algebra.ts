import { elementAt } from "./elements.ts";
import { Diagram, falseNode, TooComplex, trueNode, type Node } from "./marker-diagram.ts";
import { holdsFor } from "./marker-evaluation.ts";
import { renderNode } from "./marker-rendering.ts";
import { settles, termNode } from "./marker-terms.ts";
import { comparison, falseMarker, joinMarkers, markerSize, trueMarker, type Marker } from "./markers.ts";
import { fullRange, type VersionRange } from "./ranges.ts";
import { specifierText, type SpecifierSet } from "./specifiers.ts";
import type { Version } from "./versions.ts";

// Far above what any project writes; beyond it, the algebra answers conservatively instead of working for seconds.
const termLimit = 1000;
const generationLimit = 200_000;

let diagram = new Diagram(settles, holdsFor);
let compiled = new WeakMap<Marker, Node | "too complex">();

/** True when no environment (and choice of extras) fulfils both. False also when the markers are too large to tell. */
export function markersDisjoint(a: Marker, b: Marker): boolean {
  return attempt(
    () => diagram.and(nodeOf(a), nodeOf(b)) === falseNode,
    () => false,
  );
}

/** True when `b` holds wherever `a` holds. False also when the markers are too large to tell. */
export function markerImplies(a: Marker, b: Marker): boolean {
  return attempt(
    () => diagram.and(nodeOf(a), diagram.not(nodeOf(b))) === falseNode,
    () => false,
  );
}

/** True when the marker holds in every environment. False also when it is too large to tell. */
export function markerIsTrue(marker: Marker): boolean {
  return attempt(
    () => nodeOf(marker) === trueNode,
    () => false,
  );
}

/** True when the marker holds in no environment. False also when it is too large to tell. */
export function markerIsFalse(marker: Marker): boolean {
  return attempt(
    () => nodeOf(marker) === falseNode,
    () => false,
  );
}

/** True when both hold in the same environments. False also when they are too large to tell. */
export function sameMarkers(a: Marker, b: Marker): boolean {
  return attempt(
    () => nodeOf(a) === nodeOf(b),
    () => false,
  );
}

/**
 * The marker in its one simplest form: markers that hold in the same environments give the same text. `python_version` stands for
 * bounds of two numbers. A marker that is too large comes back as it is.
 */
export function simplifyMarker(marker: Marker): Marker {
  if (marker.kind === "constant") return marker;
  return attempt(
    () => renderNode(diagram, nodeOf(marker)),
    () => marker,
  );
}

/**
 * A marker, usually shorter, that holds like this one wherever `context` holds; what it says elsewhere is of no use. With the
 * Pythons of a lock as the context, `python_version >= '3.8' and os_name == 'nt'` becomes `os_name == 'nt'`.
 */
export function simplifyMarkerWithin(marker: Marker, context: Marker): Marker {
  return attempt(
    () => {
      const [node, within] = [nodeOf(marker), nodeOf(context)];
      if (diagram.and(node, within) === falseNode) return falseMarker;
      if (diagram.and(within, diagram.not(node)) === falseNode) return trueMarker;
      return renderNode(diagram, diagram.restrict(node, within));
    },
    () => marker,
  );
}

/** The marker that holds exactly where this one does not, in its simplest form. */
export function negateMarker(marker: Marker): Marker {
  return attempt(
    () => renderNode(diagram, diagram.not(nodeOf(marker))),
    () => negateTerms(marker),
  );
}

// De Morgan; only the single terms go through the diagram.
function negateTerms(marker: Marker): Marker {
  switch (marker.kind) {
    case "constant":
      return { kind: "constant", value: !marker.value };
    case "compare":
    case "member":
      diagram.restart();
      return renderNode(diagram, diagram.not(termNode(diagram, marker)));
    case "and":
      return joinMarkers("or", marker.operands.map(negateTerms));
    case "or":
      return joinMarkers("and", marker.operands.map(negateTerms));
  }
}

/** The marker for a Requires-Python value: one comparison of `python_full_version` for each clause. */
export function pythonMarker(specifiers: SpecifierSet): Marker {
  const terms = specifiers.specifiers.map((specifier) => {
    return comparison("python_full_version", specifier.operator, specifierText(specifier).slice(specifier.operator.length));
  });
  return terms.length === 0 ? trueMarker : joinMarkers("and", terms);
}

/** The full Python versions for which the marker holds in some environment: never too few, exact unless the marker is too large. */
export function markerPythonRange(marker: Marker): VersionRange {
  return attempt(
    () => {
      const node = nodeOf(marker);
      if (node.kind === "leaf") return { fromStart: node.value, cuts: [] };
      if (node.question.kind !== "versions" || node.question.subject !== "python_full_version") return fullRange;
      const possible = node.children.map((child) => child !== falseNode);
      const cuts = (node.cuts as readonly Version[]).filter((_, at) => possible[at] !== possible[at + 1]);
      return { fromStart: elementAt(possible, 0), cuts };
    },
    () => fullRange,
  );
}

function attempt<T>(work: () => T, conservative: () => T): T {
  if (diagram.size > generationLimit) {
    diagram = new Diagram(settles, holdsFor);
    compiled = new WeakMap();
  }
  diagram.restart();
  try {
    return work();
  } catch (error) {
    if (error instanceof TooComplex) return conservative();
    throw error;
  }
}

function nodeOf(marker: Marker): Node {
  let node = compiled.get(marker);
  if (node === undefined) {
    // Stays so when the work is given up, so that it is not begun again.
    compiled.set(marker, "too complex");
    if (markerSize(marker, termLimit) < termLimit) {
      node = compile(marker);
      compiled.set(marker, node);
    }
  }
  if (node === undefined || node === "too complex") throw new TooComplex();
  return node;
}

function compile(marker: Marker): Node {
  switch (marker.kind) {
    case "constant":
      return marker.value ? trueNode : falseNode;
    case "compare":
    case "member":
      return termNode(diagram, marker);
    case "and":
      return fold(marker.operands.map(compile), (a, b) => diagram.and(a, b));
    case "or":
      return fold(marker.operands.map(compile), (a, b) => diagram.or(a, b));
  }
}

// Halves, so that a thousand operands do not make a thousand ever larger diagrams.
function fold(nodes: readonly Node[], join: (a: Node, b: Node) => Node): Node {
  if (nodes.length === 1) return elementAt(nodes, 0);
  const middle = nodes.length >> 1;
  return join(fold(nodes.slice(0, middle), join), fold(nodes.slice(middle), join));
}
