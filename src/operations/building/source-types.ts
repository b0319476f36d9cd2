import type { BuiltWheel, ConfigSettings, SourceMetadata } from "#builds";
import type { IndexFile } from "#index";
import type { Interpreter } from "#python";
import type { NormalizedName, Version } from "#standards";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import type { BuildChoices, FormatControl, ReadBuildChoices } from "./build-choices.ts";

/** Something that can be built: a source distribution of an index, an archive by URL, a folder, a repository. */
export interface Source {
  /** `markupsafe 3.0.2`, or its place. */
  readonly label: string;
  /** URL or path, for people: without credentials. */
  readonly origin: string;
  readonly editable: boolean;
  /** A local project that the person named, or one in development mode: nobody needs to be asked. */
  readonly trusted: boolean;
  /** What it must turn out to be, where that is known. */
  readonly name: NormalizedName | undefined;
  readonly version: Version | undefined;
  readonly settings: ConfigSettings;
  /** What names its content for good (`sha256:…`, `git:…`), where that is known before it is fetched. */
  readonly identity: string | undefined;
  /** The same of an archive on this machine, which need not be unpacked for it: its promised hashes are checked. Undefined for other sources. */
  readonly identify?: (() => Promise<string | undefined>) | undefined;
  /** Fetches it and gives the folder of the project. `folder` is an empty one that may be filled. */
  fetch(folder: string): Promise<FetchedSource>;
}

export interface FetchedSource {
  readonly root: string;
  /** Undefined for folders, which change under their name: what they give is not kept. */
  readonly identity: string | undefined;
}

/** Builds sources: each at most once in a command. See `SourceBuilder`. */
export interface Builder {
  /** What resolving needs to know of a source. */
  metadata(source: Source): Promise<SourceMetadata>;
  /** The wheel of a source, in the store. */
  wheel(source: Source): Promise<StoredWheel>;
  /** The same as a file, which stays there until `close`. */
  wheelFile(source: Source): Promise<BuiltWheel>;
  /** The source distribution of an index as something to build: the same file is the same source. */
  ofFile(file: IndexFile, facts: FileFacts): Source;
  /** What would run for a source. Fetches it, and runs nothing. */
  question(source: Source): Promise<{ readonly backend: string; readonly requires: readonly string[] }>;
  /** Removes sources and environments of all builds. */
  close(): void;
}

/** What the index, and the person, say of a file. */
export interface FileFacts {
  readonly name: NormalizedName;
  readonly version: Version;
  readonly versionText: string;
  /** `sha256:…` promises by the person; empty when only the index vouches. */
  readonly hashes: readonly string[];
}

/** What of building the resolver's side needs to know. The machinery is loaded when something is really to be built. */
export interface Sources {
  readonly format: FormatControl;
  /** The command takes wheels alone, whatever the person says. */
  readonly wheelsOnly: boolean;
  readonly choices: ReadBuildChoices;
  /** A Python that can be started: that of the packages. */
  readonly python: string;
  /** The environment that is installed into; undefined for plain folders. */
  readonly environmentRoot: string | undefined;
  /** True when sources of this project may be built. */
  mayBuild(name: NormalizedName): boolean;
  /** What of these choices decides which versions are candidates. */
  readonly standpoint: string;
  /** Why a source that may not be built cannot be used: a clause. */
  readonly refusal: string;
  /** Projects with a version that only a build would make usable, and that nobody allowed; with the files of those versions. */
  readonly refused: Map<NormalizedName, readonly IndexFile[]>;
  /** The options that requirement lines give to the builds of single projects; filled when the requirements are known. */
  readonly buildOptions: Map<NormalizedName, readonly string[]>;
  /** With {@link BuildChoices.preferWheels}: lets sources count from now on, when wheels alone had no answer. False when they counted already. */
  countSources(): boolean;
  /** Allows a project from now on. */
  allow(name: NormalizedName): void;
  builder(): Promise<Builder>;
  close(): void;
}

export interface SourcesInput {
  readonly interpreter: Interpreter;
  readonly choices?: BuildChoices | undefined;
  readonly noBinary: Iterable<string>;
  readonly onlyBinary: Iterable<string>;
  /** Nothing is built for this command, which takes wheels alone. */
  readonly wheelsOnly?: boolean | undefined;
  /** True when the packages are for another Python or platform than `interpreter`: nothing can be built for those. */
  readonly foreign?: boolean;
  /** The environment that is installed into: builds without isolation use it, and repositories are kept in it. */
  readonly environment?: Environment | undefined;
  /** `--python`: where nothing is installed into an environment, builds without isolation use that which this names, else the active one. */
  readonly python?: string | undefined;
  /** The projects that are being built while these are asked for, the outermost first. */
  readonly chain?: readonly string[];
}
