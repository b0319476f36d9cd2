import {
  evaluateMarker,
  rangeContains,
  rangeOf,
  type Marker,
  type MarkerEnvironment,
  type NormalizedName,
  type SpecifierSet,
  type Version,
} from "#standards";
import type { Environments } from "./rules.ts";

const noExtras: ReadonlySet<string> = new Set();

/** One interpreter on one machine: every marker holds or does not. */
export class SingleEnvironment implements Environments {
  readonly text: string;
  private readonly markers: MarkerEnvironment;
  private readonly python: Version;
  private readonly extraSets = new Map<NormalizedName, ReadonlySet<string>>();
  private readonly pythons = new Map<SpecifierSet, boolean>();

  constructor(markers: MarkerEnvironment, python: Version) {
    this.markers = markers;
    // Requires-Python is about the language: a release candidate of 3.14 counts as 3.14, as in pip.
    this.python = { epoch: 0, release: python.release, pre: undefined, post: undefined, dev: undefined, local: undefined };
    this.text = `this is Python ${python.release.join(".")}`;
  }

  activates(marker: Marker | undefined, extra: NormalizedName | undefined): boolean {
    if (marker === undefined) return true;
    return evaluateMarker(marker, this.markers, extra === undefined ? noExtras : this.setOf(extra));
  }

  admitsPython(specifiers: SpecifierSet): boolean {
    if (specifiers.specifiers.length === 0) return true;
    let admits = this.pythons.get(specifiers);
    if (admits === undefined) {
      admits = rangeContains(rangeOf(specifiers), this.python);
      this.pythons.set(specifiers, admits);
    }
    return admits;
  }

  private setOf(extra: NormalizedName): ReadonlySet<string> {
    let set = this.extraSets.get(extra);
    if (set === undefined) this.extraSets.set(extra, (set = new Set([extra])));
    return set;
  }
}
