import type { NormalizedName } from "#standards";

/** A package inside one solver: a small integer, in the order of discovery (docs/solver.md#package). */
export type PackageId = number;

/** The package that stands for what the person asks for. It has one version. */
export const rootPackage: PackageId = 0;

/** What a {@link PackageId} stands for: a project, or one extra of a project, which is a package of its own that goes in lockstep with it. */
export interface SolverPackage {
  readonly id: PackageId;
  readonly name: NormalizedName;
  /** Undefined for the project itself. */
  readonly extra: NormalizedName | undefined;
  /** The project's own package; its own id when it is that. */
  readonly base: PackageId;
  /** The packages of the project's extras; only the project's own package has any. */
  readonly extras: PackageId[];
}

/** Gives each package its integer. */
export class PackageTable {
  readonly all: SolverPackage[] = [{ id: rootPackage, name: "" as NormalizedName, extra: undefined, base: rootPackage, extras: [] }];
  private readonly ids = new Map<string, PackageId>();

  get(id: PackageId): SolverPackage {
    return this.all[id] as SolverPackage;
  }

  /** The id of a project, new when it was not met before. */
  project(name: NormalizedName): PackageId {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.all.length;
    this.all.push({ id, name, extra: undefined, base: id, extras: [] });
    this.ids.set(name, id);
    return id;
  }

  /** The id of an extra of a project. */
  extra(name: NormalizedName, extra: NormalizedName): PackageId {
    const key = `${name}[${extra}]`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const base = this.project(name);
    const id = this.all.length;
    this.all.push({ id, name, extra, base, extras: [] });
    this.get(base).extras.push(id);
    this.ids.set(key, id);
    return id;
  }
}
