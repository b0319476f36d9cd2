/** The place where the benchmark works: scratch folders, the replaying index, each tool's own variables and caches. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPins } from "./checks.ts";
import { measure, output, type Command, type Sample, type Surroundings, type Timer } from "./measure.ts";
import { remove } from "./scratch.ts";
import { recordingFolder } from "./recording.ts";
import { linesOf, type Lines, type Peers, type ToolName } from "./peers.ts";

/**
 * cold: nothing. warm: index answers, metadata and unpacked wheels of all sets, but no environment has been imported from it.
 * used: as warm, and an environment made from it has imported the modules once before. linked: as warm, for symlinks alone.
 */
export type CacheState = "cold" | "warm" | "used" | "linked";

/** built: holds what was built from source, which no other state needs. */
type AnyState = CacheState | "built";

export const sets: Readonly<Record<"small" | "large", readonly string[]>> = {
  small: ["requests"],
  large: ["jupyter", "pandas", "django", "flask", "requests", "boto3"],
};

/** Requirements that are solved with the hashes of all files, and not installed. */
export const hashedSets: readonly string[] = ["trio", "black", "jupyter"];

export const firstImports: readonly string[] = ["pandas", "django", "boto3", "notebook", "IPython"];

export class Workshop {
  readonly peers: Peers;
  readonly origin: string;
  readonly folder: string;
  readonly timer: Timer;
  readonly #made = new Map<string, Promise<void>>();

  constructor(peers: Peers, origin: string, folder: string) {
    this.peers = peers;
    this.origin = origin;
    this.folder = folder;
    this.timer = { python: peers.python, errors: join(folder, "errors.txt") };
    for (const name of ["work", "tmp", "caches", "sets"]) mkdirSync(join(folder, name), { recursive: true });
    for (const [name, wanted] of Object.entries(sets)) writeFileSync(this.input(name), `${wanted.join("\n")}\n`);
    for (const name of hashedSets) writeFileSync(this.input(name), `${name}\n`);
  }

  get indexUrl(): string {
    return `${this.origin}/simple/`;
  }

  /** The requirements as a person writes them. */
  input(set: string): string {
    return join(this.folder, "sets", `${set}.in`);
  }

  /** The same, fully pinned: the input of every installation, written once by uv. */
  pinned(set: string): string {
    return join(this.folder, "sets", `${set}.txt`);
  }

  /** The files that the pinned wheels bring, as the wheels themselves say. */
  files(set: string): string {
    return join(this.folder, "sets", `${set}.json`);
  }

  lines(tool: "pen" | "uv"): Lines {
    return linesOf(tool, this.peers, this.indexUrl);
  }

  cacheFolder(tool: ToolName, state: AnyState): string {
    return join(this.folder, "caches", `${tool}-${state}`);
  }

  /** All variables that a tool sees; nothing is inherited. */
  surroundings(tool: ToolName, state: AnyState): Surroundings {
    const home = join(this.folder, "homes", tool);
    mkdirSync(home, { recursive: true });
    const cache = this.cacheFolder(tool, state);
    const own: Record<string, string> = tool === "pen" ? { PEN_CACHE_DIR: cache } : tool === "uv" ? { UV_CACHE_DIR: cache } : {};
    // No file of this machine shall steer pip, or pen, which obeys the same.
    const common = { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", PIP_CONFIG_FILE: "/dev/null" };
    const env = { ...common, HOME: home, TMPDIR: join(this.folder, "tmp"), ...own };
    return { env, cwd: join(this.folder, "work") };
  }

  measure(commands: readonly Command[], surroundings: Surroundings): Promise<Sample> {
    return measure(this.timer, commands, surroundings);
  }

  /** A path in the working folder; every name is used once in a run. */
  place(name: string): string {
    return join(this.folder, "work", name);
  }

  /** A file whose time says when the last `touchStamp` was. */
  get stamp(): string {
    return join(this.folder, "stamp");
  }

  async touchStamp(): Promise<void> {
    writeFileSync(this.stamp, "");
    await Bun.sleep(20); // Times of files have the grain of the kernel's clock tick.
  }

  /** Lets the disk finish what came before, so that no one pays for another's writing. */
  async settle(): Promise<void> {
    await output(["/bin/sync", "-f", this.folder], { env: {}, cwd: "/" });
  }

  /** Empties the cache of a tool. */
  empty(tool: ToolName, state: CacheState): Promise<void> {
    return remove(this.cacheFolder(tool, state));
  }

  /** Writes the pinned requirements that all installations take, by uv from the recording. */
  async pin(): Promise<void> {
    const surroundings = this.surroundings("uv", "warm");
    for (const set of Object.keys(sets)) {
      await output(this.lines("uv").compile({ input: this.input(set), output: this.pinned(set), offline: false }), surroundings);
      const pins = [...readPins(this.pinned(set))].map(([name, version]) => `${name}==${version}`);
      const list = join(import.meta.dir, "list_wheels.py");
      writeFileSync(
        this.files(set),
        await output([this.peers.python, "-I", "-B", list, join(recordingFolder, "files"), ...pins], surroundings),
      );
    }
  }

  /** Brings a cache into the state, once in a run; not measured. */
  fill(tool: "pen" | "uv", state: Exclude<CacheState, "cold">): Promise<void> {
    const key = `${tool} ${state}`;
    const running = this.#made.get(key) ?? this.#fill(tool, state);
    this.#made.set(key, running);
    return running;
  }

  async #fill(tool: "pen" | "uv", state: Exclude<CacheState, "cold">): Promise<void> {
    const surroundings = this.surroundings(tool, state);
    const lines = this.lines(tool);
    const run = (command: Command): Promise<string> => output(command, surroundings);
    for (const set of Object.keys(sets)) {
      await run(lines.compile({ input: this.input(set), output: this.place(`fill-${tool}-${state}-${set}.txt`), offline: false }));
    }
    const linkMode = state === "linked" ? "symlink" : "hardlink";
    const made: string[] = [];
    const environment = async (): Promise<string> => {
      const path = this.place(`fill-${tool}-${state}-${made.length}`);
      made.push(path);
      await run(lines.venv(path));
      await run(lines.sync({ environment: path, requirements: this.pinned("large"), linkMode }));
      return path;
    };
    const first = await environment();
    if (state === "used") {
      await run([join(first, "bin", "python"), "-c", `import ${firstImports.join(", ")}`]);
      await environment();
    }
    for (const path of made) await remove(path);
  }
}
