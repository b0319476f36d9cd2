import { elementAt } from "./elements.ts";
import { intervalShapes, type IntervalShape } from "./interval-shapes.ts";
import { rangeIsEmpty, rangeIsFull, type VersionRange } from "./ranges.ts";
import { compareVersions, makeVersion, sameVersion, versionText, type Version } from "./versions.ts";

/**
 * The set for people: `>=1.0,<2.0`, `==1.5`, `!=1.5`, `==1.2.*`, parts joined by ` | `, `*` for every version and `none` for no version.
 * Bounds that specifiers cannot express are shown by the nearest readable one: the complement of `>1.0` reads `<=1.0`, that of
 * `<2.0` reads `>=2.0` (it begins with the pre-releases of 2.0).
 */
export function rangeText(range: VersionRange): string {
  if (rangeIsEmpty(range)) return "none";
  if (rangeIsFull(range)) return "*";
  return intervalShapes(range, (from, to) => pointText(from, to) !== undefined)
    .map(shapeText)
    .join(" | ");
}

function shapeText(shape: IntervalShape<Version>): string {
  const parts: string[] = [];
  const point = shape.from !== undefined && shape.to !== undefined ? pointText(shape.from, shape.to) : undefined;
  if (point !== undefined) parts.push(`==${point}`);
  else {
    if (shape.from !== undefined) parts.push(lowerText(shape.from));
    if (shape.to !== undefined) parts.push(upperText(shape.to));
  }
  for (const [from, to] of shape.without) parts.push(`!=${pointText(from, to)}`);
  return parts.join(",");
}

/** What follows `==` for the interval, when it is one version (with or without its local versions) or one prefix. */
export function pointText(from: Version, to: Version): string | undefined {
  if (endsInMark(to)) return sameVersion(from, withoutMark(to)) ? versionText(from) : undefined;
  if (from.local !== undefined || to.local !== undefined) return undefined;
  const last = predecessor(to);
  if (last !== undefined && sameVersion(from, last)) return versionText(from);
  if (!isPrefixCut(from) || !isPrefixCut(to) || from.epoch !== to.epoch) return undefined;
  const length = to.release.length;
  const release = Array.from({ length }, (_, at) => from.release[at] ?? 0);
  release[length - 1] = elementAt(release, length - 1) + 1;
  const next = makeVersion(release, { epoch: from.epoch, dev: 0 });
  const prefix = versionText(
    makeVersion(
      Array.from({ length }, (_, at) => from.release[at] ?? 0),
      { epoch: from.epoch },
    ),
  );
  return compareVersions(next, to) === 0 && from.release.slice(length).every((number) => number === 0) ? `${prefix}.*` : undefined;
}

function lowerText(cut: Version): string {
  if (endsInMark(cut)) return `>${versionText(withoutMark(cut))}`;
  if (cut.post === Infinity) return `>${versionText({ ...cut, post: undefined })}`;
  const last = predecessor(cut);
  if (last !== undefined) return `>${versionText(last)}`;
  if (cut.dev === 0 && cut.pre !== undefined && cut.pre[1] > 0)
    return `>${versionText({ ...cut, pre: [cut.pre[0], cut.pre[1] - 1], dev: undefined })}`;
  return `>=${versionText(isPrefixCut(cut) ? { ...cut, dev: undefined } : cut)}`;
}

function upperText(cut: Version): string {
  if (endsInMark(cut)) return `<=${versionText(withoutMark(cut))}`;
  if (cut.post === Infinity) return `<=${versionText({ ...cut, post: undefined })}`;
  if (cut.dev === 0 && cut.post === 0) return `<=${versionText({ ...cut, post: undefined, dev: undefined })}`;
  if (cut.dev === 0 && cut.pre === undefined) return `<${versionText({ ...cut, dev: undefined })}`;
  return `<${versionText(cut)}`;
}

/** The public version whose local versions end at this cut, if there is one. */
export function predecessor(cut: Version): Version | undefined {
  if (cut.dev === undefined || cut.local !== undefined) return undefined;
  if (cut.dev > 0) return { ...cut, dev: cut.dev - 1 };
  if (cut.post === undefined) return undefined;
  return { ...cut, post: cut.post === 0 ? undefined : cut.post - 1, dev: undefined };
}

function endsInMark(cut: Version): boolean {
  return cut.local !== undefined && cut.local[cut.local.length - 1] === "";
}

function withoutMark(cut: Version): Version {
  const local = (cut.local ?? []).slice(0, -1);
  return { ...cut, local: local.length === 0 ? undefined : local };
}

function isPrefixCut(cut: Version): boolean {
  return cut.dev === 0 && cut.pre === undefined && cut.post === undefined && cut.local === undefined;
}
