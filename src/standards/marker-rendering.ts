import { intervalShapes, type IntervalShape } from "./interval-shapes.ts";
import { falseNode, pointValue, TooComplex, trueNode, type Branch, type Cut, type Diagram, type Node } from "./marker-diagram.ts";
import { negatedTerm } from "./marker-terms.ts";
import { andMarkers, comparison, falseMarker, joinMarkers, markerSize, trueMarker, type Marker, type MarkerVariable } from "./markers.ts";
import { pointText, predecessor } from "./range-text.ts";
import { isPrerelease, versionText, type Version } from "./versions.ts";

const sizeLimit = 4000;

/** The marker that a node means. Equal nodes give equal text. Throws TooComplex when it would have thousands of terms. */
export function renderNode(diagram: Diagram, node: Node): Marker {
  const done = new Map<Node, Marker>([
    [trueNode, trueMarker],
    [falseNode, falseMarker],
  ]);
  const render = (current: Node): Marker => {
    let marker = done.get(current);
    if (marker === undefined) {
      marker = renderBranch(diagram, current as Branch, render);
      if (markerSize(marker, sizeLimit) >= sizeLimit) throw new TooComplex();
      done.set(current, marker);
    }
    return marker;
  };
  return render(node);
}

// With children c1, c2, … under the conditions s1, s2, …: (s1 and c1) or (s2 and c2) …. A child that implies all others needs no
// condition: where another child decides, that one holds anyway.
function renderBranch(diagram: Diagram, branch: Branch, render: (node: Node) => Marker): Marker {
  const children = [...new Set(branch.children)];
  const base = children.find((child) => {
    return child !== falseNode && children.every((other) => diagram.and(child, diagram.not(other)) === falseNode);
  });
  const parts: Marker[] = [];
  for (const child of children) {
    if (child !== base && child !== falseNode) parts.push(andMarkers(condition(branch, child), render(child)));
  }
  if (base !== undefined) parts.push(render(base));
  return joinMarkers("or", parts);
}

/** The condition under which `branch` leads to `child`. */
function condition(branch: Branch, child: Node): Marker {
  const question = branch.question;
  switch (question.kind) {
    case "member":
      return branch.children[1] === child ? question.term : { ...question.term, negated: true };
    case "holds":
      return branch.children[1] === child ? question.term : negatedTerm(question.term);
    case "versions": {
      const versions = cutsTowards(branch, child) as { fromStart: boolean; cuts: readonly Version[] };
      const shapes = intervalShapes(versions, (from, to) => pointText(from, to) !== undefined);
      return joinMarkers(
        "or",
        shapes.map((shape) => versionCondition(question.subject as MarkerVariable, shape)),
      );
    }
    case "text": {
      const texts = cutsTowards(branch, child) as { fromStart: boolean; cuts: readonly string[] };
      const shapes = intervalShapes(texts, (from, to) => pointValue(from, to) !== undefined);
      return joinMarkers(
        "or",
        shapes.map((shape) => textCondition(question.subject as MarkerVariable, shape)),
      );
    }
  }
}

function cutsTowards(branch: Branch, child: Node): { readonly fromStart: boolean; readonly cuts: readonly Cut[] } {
  const cuts = branch.cuts.filter((_, at) => (branch.children[at] === child) !== (branch.children[at + 1] === child));
  return { fromStart: branch.children[0] === child, cuts };
}

function textCondition(variable: MarkerVariable, shape: IntervalShape<string>): Marker {
  const { from, to } = shape;
  const point = from !== undefined && to !== undefined ? pointValue(from, to) : undefined;
  if (point !== undefined) return comparison(variable, "==", point);
  const parts: Marker[] = [];
  if (from !== undefined) parts.push(from.endsWith("\0") ? comparison(variable, ">", from.slice(0, -1)) : comparison(variable, ">=", from));
  if (to !== undefined) parts.push(to.endsWith("\0") ? comparison(variable, "<=", to.slice(0, -1)) : comparison(variable, "<", to));
  for (const [value] of shape.without) parts.push(comparison(variable, "!=", value));
  return joinMarkers("and", parts);
}

function versionCondition(variable: MarkerVariable, shape: IntervalShape<Version>): Marker {
  const { from, to } = shape;
  if (from !== undefined && to !== undefined && pointText(from, to) !== undefined) return pointCondition(variable, "==", [from, to]);
  const parts: Marker[] = [];
  if (from !== undefined) parts.push(lowerCondition(variable, from));
  if (to !== undefined) parts.push(upperCondition(variable, to));
  for (const point of shape.without) parts.push(pointCondition(variable, "!=", point));
  return joinMarkers("and", parts);
}

function pointCondition(variable: MarkerVariable, operator: "==" | "!=", [from, to]: readonly [Version, Version]): Marker {
  const text = pointText(from, to) ?? "";
  if (isMinorCut(variable, from) && isMinorCut(variable, to)) return comparison("python_version", operator, text.slice(0, -2));
  return comparison(variable, operator, text);
}

function lowerCondition(variable: MarkerVariable, cut: Version): Marker {
  if (isMinorCut(variable, cut)) return comparison("python_version", ">=", cut.release.join("."));
  const last = predecessor(cut);
  const afterFinal = last !== undefined && !isPrerelease(last);
  return afterFinal ? comparison(variable, ">", versionText(last)) : comparison(variable, ">=", versionText(cut));
}

function upperCondition(variable: MarkerVariable, cut: Version): Marker {
  if (isMinorCut(variable, cut)) return comparison("python_version", "<", cut.release.join("."));
  const last = predecessor(cut);
  if (last !== undefined) return comparison(variable, "<=", versionText(last));
  if (cut.dev === 0 && cut.pre === undefined) return comparison(variable, "<", versionText({ ...cut, dev: undefined }));
  if (isPrerelease(cut)) return comparison(variable, "<", versionText(cut));
  return andMarkers(comparison(variable, "<=", versionText(cut)), comparison(variable, "!=", versionText(cut)));
}

function isMinorCut(variable: MarkerVariable, cut: Version): boolean {
  if (variable !== "python_full_version" || cut.release.length !== 2 || cut.epoch !== 0) return false;
  return cut.dev === 0 && cut.pre === undefined && cut.post === undefined;
}
