import { listFolder, pathExists, PenError, readStartIfAny, readTextIfAny } from "#foundation";
import {
  briefMetadata,
  nameInMetadata,
  parseDirectUrl,
  parseMetadata,
  parseRecord,
  type BriefMetadata,
  type CoreMetadata,
  type DirectUrl,
  type NormalizedName,
  type RecordEntry,
} from "#standards";
import type { InstalledDistribution, InstalledKind } from "./types.ts";

/** What the name of a folder says. */
export interface Parts {
  readonly name: NormalizedName;
  readonly version: string;
  readonly kind: InstalledKind;
}

export interface Place {
  readonly location: string;
  /** The name in that folder. */
  readonly entry: string;
  readonly isFile: boolean;
  /** For linked ones: where the RECORD of the wheel is. */
  readonly recordOf: ((distInfo: string) => string | undefined) | undefined;
}

/** So many bytes hold what build tools write first: the version of the format, name and version. */
const firstLines = 256;

/** What was looked for, and whether it is there. */
interface Looked<T> {
  readonly value: T;
}

/** One of site-packages. Environments have hundreds, most of which are only counted: one small object each, and files are read when somebody asks. */
export class FoundDistribution implements InstalledDistribution {
  readonly name: NormalizedName;
  readonly version: string;
  readonly kind: InstalledKind;
  readonly location: string;
  readonly path: string;
  private readonly place: Place;
  private knownText: Looked<string | undefined> | undefined;
  private knownMetadata: CoreMetadata | undefined;
  private knownBrief: BriefMetadata | undefined;
  private knownName: string | undefined;
  private knownRecord: Looked<readonly RecordEntry[] | undefined> | undefined;
  private knownUrl: Looked<DirectUrl | undefined> | undefined;
  private knownInstaller: Looked<string | undefined> | undefined;
  private knownRequested: boolean | undefined;

  constructor(parts: Parts, place: Place) {
    this.name = parts.name;
    this.version = parts.version;
    this.kind = parts.kind;
    this.location = place.location;
    this.path = `${place.location}/${place.entry}`;
    this.place = place;
  }

  get linked(): boolean {
    return this.place.recordOf !== undefined;
  }

  metadata(): CoreMetadata {
    return (this.knownMetadata ??= this.readMetadata());
  }

  brief(): BriefMetadata {
    return (this.knownBrief ??= briefMetadata(this.metadataText() ?? "") ?? this.metadata());
  }

  writtenName(): string {
    return (this.knownName ??= this.firstName() ?? this.brief().name);
  }

  record(): readonly RecordEntry[] | undefined {
    return (this.knownRecord ??= { value: this.readRecord() }).value;
  }

  directUrl(): DirectUrl | undefined {
    return (this.knownUrl ??= { value: this.readDirectUrl() }).value;
  }

  editable(): boolean {
    if (this.kind === "egg-link") return true;
    const info = this.directUrl()?.info;
    return info?.kind === "dir" && info.editable;
  }

  installer(): string | undefined {
    return (this.knownInstaller ??= { value: this.inside("INSTALLER")?.trim() || undefined }).value;
  }

  requested(): boolean {
    return (this.knownRequested ??= !this.place.isFile && pathExists(`${this.path}/REQUESTED`));
  }

  private inside(name: string): string | undefined {
    return this.place.isFile ? undefined : readTextIfAny(`${this.path}/${name}`);
  }

  private metadataText(): string | undefined {
    return (this.knownText ??= { value: this.readMetadataText() }).value;
  }

  private readMetadataText(): string | undefined {
    if (this.kind === "wheel") return this.inside("METADATA");
    if (this.kind === "egg-link") return eggLinkMetadata(this.path);
    return this.place.isFile ? readTextIfAny(this.path) : this.inside("PKG-INFO");
  }

  private readMetadata(): CoreMetadata {
    const text = this.metadataText();
    if (text !== undefined) return parseMetadata(text);
    throw new PenError("INVALID_METADATA", `${this.name} has no metadata`, {
      why: `${this.path} does not hold what an installed package must have: its installation was cut off, or somebody removed it.`,
      hint: `Install it again: pen pip install --force-reinstall ${this.name}`,
      data: { path: this.path },
    });
  }

  private firstName(): string | undefined {
    const start = this.kind === "wheel" ? readStartIfAny(`${this.path}/METADATA`, firstLines) : undefined;
    return start && nameInMetadata(start);
  }

  private readRecord(): readonly RecordEntry[] | undefined {
    const { recordOf, entry } = this.place;
    const linked = recordOf?.(entry);
    const text = recordOf === undefined ? this.inside("RECORD") : linked && readTextIfAny(linked);
    return text === undefined ? undefined : parseRecord(text);
  }

  private readDirectUrl(): DirectUrl | undefined {
    // Few have one, and to look first is cheaper than an error.
    if (this.place.isFile || !pathExists(`${this.path}/direct_url.json`)) return undefined;
    const text = this.inside("direct_url.json");
    try {
      return text === undefined ? undefined : parseDirectUrl(text);
    } catch {
      return undefined; // A broken origin is no reason to refuse the package: as pip, count it as absent.
    }
  }
}

/** The first line of an `.egg-link` names the folder of the project, which holds `NAME.egg-info`. */
function eggLinkMetadata(path: string): string | undefined {
  const folder = readTextIfAny(path)?.split("\n")[0]?.trim();
  if (!folder) return undefined;
  const entry = listFolder(folder).find(({ name }) => name.endsWith(".egg-info"));
  return entry && readTextIfAny(`${folder}/${entry.name}/PKG-INFO`);
}
