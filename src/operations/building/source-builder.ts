import {
  Backend,
  readBuildSystem,
  readStaticMetadata,
  usualPlace,
  writeEditableWheel,
  type BuildEnvironment,
  type BuildOptions,
  type BuildSystem,
  type BuiltWheel,
  type SourceMetadata,
} from "#builds";
import {
  createLimiter,
  isPenError,
  makeFolders,
  makeTemporaryFolder,
  pathExists,
  PenError,
  printableLine,
  processorCount,
  readText,
  removeTree,
  join,
} from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import type { StoredWheel } from "#store";
import { settingsFor, type ReadBuildChoices } from "./build-choices.ts";
import { buildKey, openBuildCache, type BuildCache } from "./build-cache.ts";
import { openIsolated, openShared } from "./build-environment.ts";
import { BuildRequirements } from "./build-requirements.ts";
import type { Context } from "../context.ts";
import { indexSource } from "./index-source.ts";
import type { Builder, FetchedSource, FileFacts, Source, Sources, SourcesInput } from "./source-types.ts";
import { checked, checkMachine, compareNeeds, understood, wheelMetadata } from "./source-checks.ts";

interface BuilderOptions {
  readonly context: Context;
  readonly client: IndexClient;
  readonly sources: Sources;
  readonly input: SourcesInput;
  readonly choices: ReadBuildChoices;
  /** Opens the building side for what builds need themselves. */
  readonly open: (context: Context, client: IndexClient, input: SourcesInput) => Sources;
}

/** What is known of one source while the command runs. */
interface State {
  identity?: Promise<string | undefined>;
  fetched?: Promise<FetchedSource>;
  folder?: string;
  system?: BuildSystem;
  environment?: Promise<BuildEnvironment>;
  /** By whether it is for development mode: one each, which asks only once what it needs. */
  readonly backends: Map<boolean, Promise<Backend>>;
  /** The `.dist-info` that the backend prepared. */
  prepared?: string;
  metadata?: Promise<SourceMetadata>;
  known?: SourceMetadata;
  wheel?: Promise<StoredWheel>;
  built?: BuiltWheel;
}

const usualTimeoutMs = 3_600_000;

/** One for all builders of the process: builds run at most one per core. */
const building: ReturnType<typeof createLimiter> = createLimiter(processorCount());

/**
 * Builds sources: each at most once in a command, and none again whose result is kept. Nothing foreign runs before it was allowed. Errors: BUILD_REFUSED,
 * BUILD_FAILED, INVALID_SOURCE, and those of fetching and of resolving build requirements.
 */
export class SourceBuilder implements Builder {
  readonly #options: BuilderOptions;
  readonly #cache: BuildCache;
  readonly #requirements: BuildRequirements;
  readonly #states = new Map<Source, State>();
  readonly #files = new Map<string, Source>();
  #work: string | undefined;
  #shared: ReturnType<typeof openShared> | undefined;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#cache = openBuildCache(options.context);
    this.#requirements = new BuildRequirements(options);
  }

  /** What resolving needs to know of a source: from the cache, from its own files, by the backend's preparation, else from its wheel. */
  metadata(source: Source): Promise<SourceMetadata> {
    const state = this.#state(source);
    return (state.metadata ??= this.#metadata(source, state).then((found) => (state.known = checked(found, source))));
  }

  /** The wheel of a source, in the store. */
  wheel(source: Source): Promise<StoredWheel> {
    const state = this.#state(source);
    return (state.wheel ??= this.#wheel(source, state));
  }

  /** The wheel of a source as a file: the one that was kept, else the one that was built just now. It stays there until `close`. */
  async wheelFile(source: Source): Promise<BuiltWheel> {
    await this.wheel(source);
    const state = this.#state(source);
    if (state.built !== undefined) return state.built;
    const identity = (await this.#identity(source, state)) ?? (await this.#fetched(source, state)).identity;
    const key = await this.#key(source, identity);
    return (key === undefined ? undefined : this.#cache.wheelFile(key)) ?? (state.built = await this.#build(source, state));
  }

  /** The source distribution of an index as something to build: the same file is the same source. */
  ofFile(file: IndexFile, facts: FileFacts): Source {
    let source = this.#files.get(file.url);
    if (source === undefined) {
      const { context, client, choices, sources } = this.#options;
      const settings = settingsFor(choices, facts.name, sources.buildOptions.get(facts.name) ?? []);
      source = indexSource(context, client, { ...facts, file, settings, python: sources.python });
      this.#files.set(file.url, source);
    }
    return source;
  }

  /** What would run for a source, for the person who decides. Fetches it, and runs nothing. */
  async question(source: Source): Promise<{ readonly backend: string; readonly requires: readonly string[] }> {
    const state = this.#state(source);
    const { root } = await this.#fetched(source, state);
    return (state.system ??= readBuildSystem(root, source.label));
  }

  /** Removes sources and environments of all builds. */
  close(): void {
    this.#requirements.close();
    if (this.#work !== undefined) removeTree(this.#work);
    this.#work = undefined;
    this.#states.clear();
  }

  #state(source: Source): State {
    let state = this.#states.get(source);
    if (state === undefined) this.#states.set(source, (state = { backends: new Map() }));
    return state;
  }

  async #metadata(source: Source, state: State): Promise<SourceMetadata> {
    const early = await this.#key(source, await this.#identity(source, state));
    const known = early === undefined ? undefined : this.#cache.metadata(early);
    if (known !== undefined) return known;
    const { root, identity } = await this.#fetched(source, state);
    const key = await this.#key(source, identity);
    const found =
      (key === undefined ? undefined : this.#cache.metadata(key)) ??
      readStaticMetadata(root, source.label) ??
      (await this.#preparedMetadata(source, state));
    if (found === undefined) return wheelMetadata(await this.wheel(source), source);
    if (key !== undefined) this.#cache.keepMetadata(key, checked(found, source));
    return found;
  }

  async #preparedMetadata(source: Source, state: State): Promise<SourceMetadata | undefined> {
    const backend = await this.#backend(source, state, source.editable);
    const folder = await this.#running(source, () => backend.prepareMetadata());
    if (folder === undefined) return undefined;
    state.prepared = folder;
    const metadata = understood(readText(join(folder, "METADATA")), source);
    return metadata;
  }

  async #wheel(source: Source, state: State): Promise<StoredWheel> {
    const early = await this.#key(source, await this.#identity(source, state));
    const known = early === undefined ? undefined : await this.#cache.wheel(early);
    if (known !== undefined) return known;
    const { identity } = await this.#fetched(source, state);
    const key = await this.#key(source, identity);
    const lock = key === undefined ? undefined : await this.#cache.lock(key, source.label);
    try {
      const meanwhile = key === undefined ? undefined : await this.#cache.wheel(key);
      if (meanwhile !== undefined) return meanwhile;
      const built = (state.built = await this.#build(source, state));
      const stored = await this.#store(built, source);
      if (key !== undefined) {
        this.#cache.keepMetadata(key, wheelMetadata(stored, source));
        this.#cache.keepWheel(key, built, stored);
      }
      return stored;
    } finally {
      lock?.release();
    }
  }

  async #build(source: Source, state: State): Promise<BuiltWheel> {
    const backend = await this.#backend(source, state, source.editable);
    const built = await this.#running(source, () => backend.buildWheel(state.prepared));
    return built === "no-editable" ? this.#legacyEditable(source, state) : built;
  }

  /** For a backend without editable builds: its metadata, and a `.pth` file. */
  async #legacyEditable(source: Source, state: State): Promise<BuiltWheel> {
    const backend = await this.#backend(source, state, false);
    const { root } = await this.#fetched(source, state);
    const isSetuptools = state.system?.backend.startsWith("setuptools.") === true && pathExists(join(root, "setup.py"));
    const [metadata, place] = await this.#running(source, async () => [
      await backend.prepareMetadata(),
      isSetuptools ? join(root, await backend.legacyPlace()) : usualPlace(root),
    ]);
    if (metadata !== undefined)
      return writeEditableWheel({ metadata, place: join(place), into: makeTemporaryFolder(this.#scratch(state)) });
    throw new PenError("BUILD_FAILED", `${source.label} cannot be installed in development mode`, {
      why: `Its build backend ${state.system?.backend ?? ""} neither builds editable wheels (PEP 660) nor prepares metadata.`,
      hint: `Install it without -e, or move the project to a newer version of its backend.`,
      data: { what: source.label, reason: "no-editable" },
    });
  }

  async #store(built: BuiltWheel, source: Source): Promise<StoredWheel> {
    const state = this.#state(source);
    const { context, input } = this.#options;
    checkMachine(built, source, input.interpreter);
    try {
      const stored = await context.store.add({
        path: built.path,
        filename: built.filename,
        ...(source.name === undefined ? {} : { expectedName: source.name }),
      });
      const found = checked(wheelMetadata(stored, source), { ...source, version: source.version ?? state.known?.version });
      compareNeeds(context.emit, state.known, found);
      return stored;
    } catch (error) {
      if (!isPenError(error, "INVALID_WHEEL")) throw error;
      throw new PenError("BUILD_FAILED", `Could not build ${printableLine(source.label)}`, {
        why: `Its build backend made a wheel that breaks the rules: ${built.filename}\n${error.why ?? error.message}`,
        hint: "Tell those who publish the project, or take another version of it.",
        data: { what: source.label, reason: "bad-wheel", ...error.data },
        cause: error,
      });
    }
  }

  async #running<T>(source: Source, work: () => Promise<T>): Promise<T> {
    const { emit } = this.#options.context;
    return building.run(async () => {
      emit({ type: "progress", phase: "build", id: source.label, done: 0, total: 1, unit: "items" });
      const result = await work();
      emit({ type: "progress", phase: "build", id: source.label, done: 1, total: 1, unit: "items" });
      return result;
    });
  }

  /** What names the content, where that can be known without unpacking it. */
  #identity(source: Source, state: State): Promise<string | undefined> {
    return (state.identity ??=
      source.identity === undefined && source.identify !== undefined ? source.identify() : Promise.resolve(source.identity));
  }

  #fetched(source: Source, state: State): Promise<FetchedSource> {
    return (state.fetched ??= (async () => {
      const folder = join((state.folder ??= makeTemporaryFolder(this.#workFolder())), "source");
      makeFolders(folder);
      return source.fetch(folder);
    })());
  }

  #workFolder(): string {
    return (this.#work ??= this.#cache.workFolder());
  }

  #scratch(state: State): string {
    const folder = join((state.folder ??= makeTemporaryFolder(this.#workFolder())), "scratch");
    makeFolders(folder);
    return folder;
  }

  #backend(source: Source, state: State, editable: boolean): Promise<Backend> {
    const known = state.backends.get(editable);
    if (known !== undefined) return known;
    const backend = this.#openBackend(source, state, editable);
    state.backends.set(editable, backend);
    // What was refused may be allowed later.
    backend.catch(() => state.backends.delete(editable));
    return backend;
  }

  async #openBackend(source: Source, state: State, editable: boolean): Promise<Backend> {
    const { root } = await this.#fetched(source, state);
    const system = (state.system ??= readBuildSystem(root, source.label));
    await this.#decide(source, system, root);
    const environment = await (state.environment ??= this.#environment(source, state, system));
    return new Backend({
      tree: { root, scratch: this.#scratch(state) },
      system,
      environment,
      options: this.#buildOptions(source, editable),
    });
  }

  #buildOptions(source: Source, editable: boolean): BuildOptions {
    const { context, choices } = this.#options;
    const timeoutMs = choices.timeoutMs ?? usualTimeoutMs;
    return {
      editable,
      settings: source.settings,
      timeoutMs: timeoutMs === 0 ? undefined : timeoutMs,
      emit: context.emit,
      signal: context.signal,
      label: source.label,
      keepLog: (text) => this.#cache.keepLog(source.label, text),
    };
  }

  async #decide(source: Source, system: BuildSystem, root: string): Promise<void> {
    if (source.trusted || this.#options.choices.allowAll === true) return;
    const name = source.name ?? readStaticMetadata(root, source.label)?.name;
    const { sources } = this.#options;
    if (name !== undefined && sources.mayBuild(name)) return;
    const { askToBuild } = await import("./build-decision.ts");
    await askToBuild(this.#options.choices, {
      what: source.label,
      name,
      origin: source.origin,
      backend: system.backend,
      requires: system.requires,
    });
    if (name !== undefined) sources.allow(name);
  }

  async #environment(source: Source, state: State, system: BuildSystem): Promise<BuildEnvironment> {
    const { context, choices, input } = this.#options;
    if (choices.isolation === false) return (await (this.#shared ??= openShared(context, input))).environment;
    context.emit({ type: "phase", phase: "build" });
    return openIsolated(context, {
      interpreter: input.interpreter,
      folder: (state.folder ??= makeTemporaryFolder(this.#workFolder())),
      requires: system.requires,
      resolve: (requires) => this.#requirements.resolve(requires, source),
    });
  }

  /** Undefined for what is not kept: folders, and whatever is installed in development mode. */
  async #key(source: Source, identity: string | undefined): Promise<string | undefined> {
    if (identity === undefined || source.editable) return undefined;
    const { choices, context, input } = this.#options;
    const { interpreter } = input;
    const { cacheTag, tagTarget, implementation, version, freeThreaded, debug } = interpreter;
    return buildKey([
      1,
      identity,
      [implementation, version, cacheTag, freeThreaded, debug, tagTarget],
      Object.entries(source.settings).sort(([a], [b]) => (a < b ? -1 : 1)),
      choices.isolation === false ? [(await (this.#shared ??= openShared(context, input))).contents] : this.#requirements.constraintsKey(),
    ]);
  }
}
