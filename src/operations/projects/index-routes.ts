import { PenError, printableLine } from "#foundation";
import type { IndexClient, IndexRoutes } from "#index";
import type { PipfileEntry } from "#project";
import type { NormalizedName } from "#standards";
import type { NamedIndex } from "../context.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { sourceOfIndex } from "./project-sources.ts";

/**
 * Which source a package may come from. One that the Pipfile names comes from its `index`, else from the first source. What a package needs comes
 * from the package's own source if that has it, else from the first one. So a name that a private index knows is never taken from elsewhere for
 * those who need it from there, and nothing is looked for in a source that nobody named for it.
 */
export class ProjectRoutes implements IndexRoutes {
  private readonly named: readonly NamedIndex[];
  /** Of entries that state it. */
  private readonly stated: ReadonlyMap<NormalizedName, string>;
  /** Names of entries that state none. */
  private readonly unstated: ReadonlySet<NormalizedName>;
  /** By name, the sources of those who need it. */
  private demands: ReadonlyMap<NormalizedName, ReadonlySet<string>> = new Map();
  private readonly noted = new Map<NormalizedName, Set<string>>();
  /** What was answered in this try: the first answer is kept to. */
  private readonly asked = new Map<NormalizedName, readonly string[]>();

  /** `own` are the entries of the category that is locked, `others` those of all others: an `index` there counts too. */
  constructor(named: readonly NamedIndex[], own: readonly PipfileEntry[], others: readonly PipfileEntry[]) {
    this.named = named;
    this.stated = new Map([...statedRoutes(named, others), ...statedRoutes(named, own)]);
    this.unstated = new Set(own.filter(({ index, origin }) => index === undefined && origin.kind === "index").map(({ name }) => name));
  }

  get standpoint(): string {
    return JSON.stringify([
      this.named.map(({ name }) => name),
      [...this.stated],
      [...this.unstated],
      [...this.demands].map(([name, sources]) => [name, [...sources]]),
    ]);
  }

  indexesOf(name: NormalizedName): readonly string[] {
    const known = this.asked.get(name) ?? this.decide(name);
    this.asked.set(name, known);
    return known;
  }

  private decide(name: NormalizedName): readonly string[] {
    const stated = this.stated.get(name);
    if (stated !== undefined) return [stated];
    const [first] = this.named;
    if (first === undefined) return [];
    if (this.unstated.has(name)) return [first.name];
    const demanded = this.demands.get(name) ?? this.noted.get(name);
    return [...this.inOrder(demanded ?? new Set()), first.name];
  }

  /** A package of this index turned out to need these names. */
  note(index: string | undefined, names: Iterable<NormalizedName>): void {
    const source = this.sourceOf(index);
    if (source === undefined || this.named.length < 2) return;
    for (const name of names) {
      const noted = this.noted.get(name);
      if (noted === undefined) this.noted.set(name, new Set([source]));
      else noted.add(source);
    }
  }

  /**
   * Compares an answer with what these routes lead to when all is known that the answer needs. True when it stands; false when it has to be worked
   * out again, with the routes as they are now. Errors: `RESOLUTION_CONFLICT` when a name would mean one project to some and another to others.
   */
  async settle(pins: readonly Pin[], client: (source: string) => IndexClient): Promise<boolean> {
    if (this.named.length < 2) return true;
    const demands = this.demandsOf(pins);
    const before = new Map(pins.map(({ locked }) => [locked.name, this.indexesOf(locked.name).join("\n")]));
    this.demands = demands;
    if (pins.some(({ locked }) => locked.direct === undefined && this.indexesOf(locked.name).join("\n") !== before.get(locked.name)))
      return false;
    for (const { locked } of pins) {
      const wanted = demands.get(locked.name);
      if (locked.direct === undefined && wanted !== undefined && wanted.size > 1) await this.checkSame(locked.name, wanted, client);
    }
    return true;
  }

  private demandsOf(pins: readonly Pin[]): Map<NormalizedName, ReadonlySet<string>> {
    const demands = new Map<NormalizedName, Set<string>>();
    const [first] = this.named;
    const add = (name: NormalizedName, source: string): void => {
      if (this.stated.has(name)) return;
      demands.set(name, (demands.get(name) ?? new Set()).add(source));
    };
    for (const { locked } of pins) {
      if (this.unstated.has(locked.name) && first !== undefined) add(locked.name, first.name);
      const source = locked.direct === undefined ? this.sourceOf(locked.index) : first?.name;
      if (source !== undefined) for (const dependency of locked.dependencies) add(dependency.name, source);
    }
    return demands;
  }

  /** Two indexes that have files of a project, and none in common, mean two projects. */
  private async checkSame(name: NormalizedName, sources: ReadonlySet<string>, client: (source: string) => IndexClient): Promise<void> {
    const files = await Promise.all(
      [...sources].map(async (source) => {
        const listing = await client(source).listing(name);
        const hashes = listing?.versions.flatMap((version) =>
          version.files().map((file) => `${file.filename} ${file.hashes["sha256"] ?? ""}`),
        );
        return { source, files: hashes === undefined ? undefined : new Set(hashes) };
      }),
    );
    const known = files.flatMap(({ source, files }) => (files === undefined ? [] : [{ source, files }]));
    const [one, ...others] = known;
    const other = others.find(({ files }) => one !== undefined && ![...files].some((file) => one.files.has(file)));
    if (one === undefined || other === undefined) return;
    throw new PenError(
      "RESOLUTION_CONFLICT",
      `${name} is one project in ${printableLine(one.source)} and another in ${printableLine(other.source)}`,
      {
        why: `Packages from both sources need ${name}, and the two have no file of it in common. Taking it from the wrong one would run code of strangers.`,
        hint: `Name the source in the Pipfile: ${name} = {version = "*", index = "${printableLine(one.source)}"}`,
        data: { package: name, sources: [one.source, other.source] },
      },
    );
  }

  private inOrder(sources: ReadonlySet<string>): string[] {
    const [first] = this.named;
    return this.named.map(({ name }) => name).filter((name) => name !== first?.name && sources.has(name));
  }

  private sourceOf(index: string | undefined): string | undefined {
    return sourceOfIndex(this.named, index);
  }
}

function* statedRoutes(named: readonly NamedIndex[], entries: Iterable<PipfileEntry>): Generator<[NormalizedName, string]> {
  for (const { name, index, key } of entries) {
    if (index === undefined) continue;
    if (named.some((one) => one.name === index)) yield [name, index];
    else {
      throw new PenError(
        "INVALID_PROJECT",
        `${printableLine(key)} asks for the source ${printableLine(index)}, which the Pipfile does not have`,
        {
          hint: `Its sources are: ${named.map((one) => printableLine(one.name)).join(", ")}.`,
        },
      );
    }
  }
}
