/** Twin environments: one in which the real pip works, one in which pen works under the name `pip`, filled alike before every line. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startIndex, type IndexServer } from "../support/index-server.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { execute, program } from "../support/program.ts";
import { projectFiles, writeProject } from "../support/sources.ts";
import { python, sitePackages } from "../support/world.ts";
import type { Line, StateName } from "./line.ts";
import { digestOf, filesByKey, local, offered, otherOffered } from "./offered.ts";
import { startPip, type PipAnswer, type PipServer } from "./pip-server.ts";

export type Side = "pip" | "pen";

/** How each state is made, by the real pip. */
const states: Readonly<Record<StateName, ReadonlyArray<string>>> = {
  empty: [],
  some: ["install -q app==1.0 lib==1.0 extra-one==1.0 described dotted-name-pkg", "install -q {local}"],
  broken: ["install -q --no-deps needs-new-lib lib==1.0 needs-nowhere"],
  editable: ["install -q lib==1.0", "install -q -e {shared}/project"],
};

export interface Twins {
  readonly folder: string;
  /** Runs one line on both sides, from the same beginning. */
  run(line: Line): Promise<Record<Side, PipAnswer>>;
  /** Puts the places of one side into a text. */
  fill(text: string, side: Side): string;
  close(): Promise<void>;
}

/** The words of a line. */
export const wordsOf = (args: Line["args"]): readonly string[] =>
  typeof args === "string" ? args.split(" ").filter((word) => word !== "") : args;

class OpenTwins implements Twins {
  readonly folder: string = mkdtempSync(join(tmpdir(), "pen-twins-"));
  readonly #index: IndexServer;
  readonly #other: IndexServer;
  readonly #site: string;
  #pip: PipServer | undefined;

  constructor(index: IndexServer, other: IndexServer) {
    this.#index = index;
    this.#other = other;
    const environment = join(this.folder, "pip", "env");
    const { status, stdout, stderr } = spawnSync(python ?? "python3", ["-m", "venv", "--without-pip", environment], {
      encoding: "utf8",
      env: cleanEnvironment(join(this.folder, "pip", "home")),
    });
    if (status !== 0) throw new Error(stdout + stderr);
    this.#site = sitePackages(environment).slice(environment.length);
    const shared = join(this.folder, "shared");
    for (const { filename, bytes } of filesByKey.values()) this.#write(join(shared, "wheels", filename), bytes);
    this.#write(join(shared, local.filename), local.bytes);
    writeProject(join(shared, "project"), projectFiles({ name: "edited", version: "0.1", requires: ["lib"] }));
    mkdirSync(join(this.folder, "named"));
    symlinkSync(program(), join(this.folder, "named", "pip"));
    mkdirSync(join(this.folder, "server"));
  }

  async startPip(): Promise<void> {
    this.#pip = await startPip(join(this.folder, "pip", "env"), join(this.folder, "server"), this.#variables("pip", {}));
  }

  #write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  async makeStates(): Promise<void> {
    for (const [name, commands] of Object.entries(states)) {
      if (name !== "empty") this.#restore("pip", "empty");
      for (const command of commands) {
        const { status, stderr } = await this.#call("pip", wordsOf(command), {});
        if (status !== 0) throw new Error(`${command}: ${stderr}`);
      }
      cpSync(join(this.folder, "pip", "env"), join(this.folder, "states", name), { recursive: true, verbatimSymlinks: true });
    }
  }

  /** Hard links: neither of the two writes into a file of an installed package. */
  #restore(side: Side, state: StateName): void {
    const place = join(this.folder, side);
    for (const name of ["env", "work", "home"]) rmSync(join(place, name), { recursive: true, force: true });
    for (const name of ["work", "home"]) mkdirSync(join(place, name), { recursive: true });
    spawnSync("cp", ["-al", join(this.folder, "states", state), join(place, "env")]);
  }

  #variables(side: Side, more: Readonly<Record<string, string>>): Record<string, string> {
    const filled = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, this.fill(value, side)]));
    return {
      ...cleanEnvironment(join(this.folder, side, "home")),
      PATH: `${join(this.folder, side, "env", "bin")}:/usr/local/bin:/usr/bin:/bin`,
      PIP_INDEX_URL: this.#index.indexUrl,
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      PIP_NO_INPUT: "1",
      PIP_CONFIG_FILE: "/dev/null",
      // pip itself, too, keeps out of the machine's Pythons.
      PIP_REQUIRE_VIRTUALENV: "1",
      COLUMNS: "200",
      ...(side === "pen" ? { VIRTUAL_ENV: join(this.folder, "pen", "env"), PEN_CACHE_DIR: join(this.folder, "cache") } : {}),
      ...filled,
    };
  }

  fill(text: string, side: Side): string {
    const place = join(this.folder, side);
    const places: Readonly<Record<string, string>> = {
      index: this.#index.indexUrl,
      other: this.#other.indexUrl,
      links: this.#index.linksUrl,
      files: `${this.#index.origin}/files`,
      shared: join(this.folder, "shared"),
      wheels: join(this.folder, "shared", "wheels"),
      local: join(this.folder, "shared", local.filename),
      env: join(place, "env"),
      site: join(place, "env", this.#site),
      work: join(place, "work"),
      home: join(place, "home"),
    };
    return text
      .replace(/\{(sha\d+|md5):([^}]+)\}/g, (_, algorithm: string, filename: string) => digestOf(filename, algorithm))
      .replace(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole);
  }

  #call(side: Side, args: readonly string[], line: Pick<Line, "env" | "input">): Promise<PipAnswer> {
    const call = {
      args: args.map((word) => this.fill(word, side)),
      cwd: join(this.folder, side, "work"),
      env: this.#variables(side, line.env ?? {}),
      input: line.input ?? "",
    };
    mkdirSync(call.cwd, { recursive: true });
    if (side === "pip") return this.#pip?.call(call) ?? Promise.reject(new Error("pip is gone"));
    return execute(join(this.folder, "named", "pip"), call.args, call).then(({ status, stdout, stderr }) => ({
      status: status ?? -1,
      stdout,
      stderr,
    }));
  }

  async #side(side: Side, line: Line): Promise<PipAnswer> {
    this.#restore(side, line.in ?? "empty");
    for (const [path, content] of Object.entries(line.files ?? {}))
      this.#write(join(this.folder, side, "work", path), typeof content === "string" ? this.fill(content, side) : content);
    for (const before of line.first ?? []) await this.#call(side, wordsOf(before), line);
    return this.#call(side, wordsOf(line.args), line);
  }

  async run(line: Line): Promise<Record<Side, PipAnswer>> {
    const [pip, pen] = await Promise.all([this.#side("pip", line), this.#side("pen", line)]);
    return { pip, pen };
  }

  async close(): Promise<void> {
    await this.#pip?.close();
    await Promise.all([this.#index.close(), this.#other.close()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Opens the twins with an index, a second one, and every state made. */
export async function openTwins(): Promise<Twins> {
  const [index, other] = await Promise.all([startIndex({ projects: offered }), startIndex({ projects: otherOffered })]);
  const twins = new OpenTwins(index, other);
  await twins.startPip();
  await twins.makeStates();
  return twins;
}

/** Every path below a folder, without bytecode. */
export function pathsBelow(folder: string, below = ""): string[] {
  if (!existsSync(join(folder, below))) return [];
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.name === "__pycache__") return [];
    return entry.isDirectory() ? [`${path}/`, ...pathsBelow(folder, path)] : [path];
  });
}
