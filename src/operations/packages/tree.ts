import { evaluateMarker, specifiersText, type NormalizedName } from "#standards";
import type { InstalledDistribution } from "#installer";
import type { IndexOptions, OperationOptions } from "../context.ts";
import { readSettings } from "../settings.ts";
import { writtenName } from "./distributions.ts";
import { readDistributions, requirementsOf, visibleDistributions } from "./list.ts";

export interface TreeOptions extends OperationOptions {
  readonly python?: string | undefined;
  /** Show who needs a distribution instead of what it needs. */
  readonly invert?: boolean;
  /** Only the trees of these. */
  readonly packages?: readonly NormalizedName[];
  /** Levels below the root; default all. */
  readonly depth?: number | undefined;
  /** Tell what each distribution takes on the disk. */
  readonly sizes?: boolean;
  /** Ask the indexes for newer versions. */
  readonly outdated?: boolean;
  readonly prereleases?: boolean;
  readonly indexes?: IndexOptions;
}

export interface TreeNode {
  readonly name: string;
  /** Undefined when it is required but not installed. */
  readonly version: string | undefined;
  /** How it is asked for by the node above: `>=2.0`, with extras; empty at a root. */
  readonly required: string;
  /** It stands in full elsewhere in the answer. */
  readonly repeated: boolean;
  /** Bytes of the files that it installed; undefined when nothing lists them, or nobody asked. */
  readonly size?: number;
  /** A newer version that an index has. */
  readonly latest?: string;
  readonly children: readonly TreeNode[];
}

interface Edge {
  readonly from: NormalizedName;
  readonly to: NormalizedName;
  readonly required: string;
}

/** `pen pip tree`: the installed distributions as a forest; a distribution's own tree is drawn once. */
export async function tree(options: TreeOptions = {}): Promise<TreeNode[]> {
  const listing = await readDistributions(readSettings(options), options);
  const { environment } = listing;
  const distributions = visibleDistributions(listing);
  const byName = new Map<NormalizedName, InstalledDistribution>(distributions.map((distribution) => [distribution.name, distribution]));
  const markers = environment?.interpreter.markers;
  const edges: Edge[] = distributions.flatMap((distribution) =>
    requirementsOf(distribution)
      .filter(({ marker }) => marker === undefined || markers === undefined || evaluateMarker(marker, markers))
      .map(({ name, extras, specifiers }) => ({
        from: distribution.name,
        to: name,
        required: `${extras.length === 0 ? "" : `[${extras.join(",")}]`}${specifiersText(specifiers)}`,
      })),
  );
  const directed = options.invert === true ? edges.map(({ from, to, required }) => ({ from: to, to: from, required })) : edges;
  const roots = options.packages !== undefined && options.packages.length > 0 ? options.packages : rootsOf([...byName.keys()], directed);
  const newer = options.outdated === true ? await newerVersions(options) : new Map<NormalizedName, string>();
  return draw(roots, { byName, edges: directed, depth: options.depth ?? Infinity, newer, sizes: options.sizes ?? false });
}

async function newerVersions(options: TreeOptions): Promise<Map<NormalizedName, string>> {
  const { newestVersions } = await import("./outdated.ts");
  const found = await newestVersions(options);
  return new Map(
    found.flatMap(({ distribution, latest, isOutdated }) =>
      isOutdated && latest !== undefined ? [[distribution.name, latest] as const] : [],
    ),
  );
}

/** Bytes of the files that RECORD lists with their size; what is not listed (RECORD itself, bytecode of later) does not count. */
function sizeOf(distribution: InstalledDistribution): number | undefined {
  return distribution.record()?.reduce((sum, { size }) => sum + (size ?? 0), 0);
}

/** Those that nobody points at; when a circle leaves some unreached, the first of each such circle too. */
function rootsOf(names: readonly NormalizedName[], edges: readonly Edge[]): NormalizedName[] {
  const pointedAt = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to));
  const roots = names.filter((name) => !pointedAt.has(name));
  const reached = new Set<NormalizedName>();
  const visit = (start: NormalizedName): void => {
    const queue = [start];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      for (const edge of edges) if (edge.from === name) queue.push(edge.to);
    }
  };
  roots.forEach(visit);
  for (const name of names) {
    if (reached.has(name)) continue;
    roots.push(name);
    visit(name);
  }
  return roots.sort();
}

interface Drawing {
  readonly byName: ReadonlyMap<NormalizedName, InstalledDistribution>;
  readonly edges: readonly Edge[];
  readonly depth: number;
  readonly newer: ReadonlyMap<NormalizedName, string>;
  readonly sizes: boolean;
}

function draw(roots: readonly NormalizedName[], drawing: Drawing): TreeNode[] {
  const drawn = new Set<NormalizedName>();
  const node = (name: NormalizedName, required: string, level: number): TreeNode => {
    const distribution = drawing.byName.get(name);
    const below = drawing.edges.filter((edge) => edge.from === name).sort((a, b) => (a.to < b.to ? -1 : 1));
    const repeated = drawn.has(name) && below.length > 0;
    drawn.add(name);
    const size = drawing.sizes && distribution !== undefined ? sizeOf(distribution) : undefined;
    const latest = drawing.newer.get(name);
    const open = !repeated && level < drawing.depth;
    return {
      name: distribution === undefined ? name : writtenName(distribution),
      version: distribution?.version,
      required,
      repeated,
      ...(size === undefined ? {} : { size }),
      ...(latest === undefined ? {} : { latest }),
      children: open ? below.map((edge) => node(edge.to, edge.required, level + 1)) : [],
    };
  };
  return roots.map((name) => node(name, "", 0));
}
