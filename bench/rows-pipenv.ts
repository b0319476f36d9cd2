/** Rows about projects with a Pipfile, beside pipenv, and beside uv with the same project in a pyproject.toml. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { output, type Command, type Surroundings } from "./measure.ts";
import type { Contender, Row } from "./row.ts";
import { remove } from "./scratch.ts";
import { sets, type Workshop } from "./workshop.ts";

type Size = "small" | "medium" | "large";
type Tool = "pen" | "pipenv" | "uv";

/** What the three projects ask for themselves. */
export const pipenvSets: Readonly<Record<Size, readonly string[]>> = {
  small: ["requests", "flask", "pytest"],
  medium: (
    "django anyio arrow attrs babel beautifulsoup4 bleach certifi cffi click defusedxml h11 httpx idna itsdangerous jinja2 jsonpointer jsonschema markupsafe mistune " +
    "packaging pexpect platformdirs prometheus-client prompt-toolkit psutil pygments python-dateutil python-json-logger pyyaml referencing requests six soupsieve tinycss2 tornado traitlets typing-extensions tzdata urllib3 werkzeug"
  ).split(" "),
  large: sets.large,
};

/** One more package, which none of the projects has and which needs nothing. */
const added: Readonly<Record<Size, string>> = { small: "six", medium: "iniconfig", large: "iniconfig" };

/** A project of one tool: its folder, and a copy of the state that every turn begins with. */
class PipenvProject {
  readonly folder: string;
  /** What the person wrote, and the lock. */
  readonly files: readonly [written: string, lock: string];
  readonly #base: string;
  readonly #workshop: Workshop;
  readonly #tool: Tool;
  readonly #size: Size;

  constructor(workshop: Workshop, tool: Tool, size: Size) {
    this.folder = workshop.place(`pipenv-${size}-${tool}`);
    this.files = tool === "uv" ? ["pyproject.toml", "uv.lock"] : ["Pipfile", "Pipfile.lock"];
    this.#base = `${this.folder}-base`;
    this.#workshop = workshop;
    this.#tool = tool;
    this.#size = size;
  }

  get surroundings(): Surroundings {
    const { env } = this.#workshop.surroundings(this.#tool, "warm");
    const own = {
      PATH: `${dirname(this.#workshop.peers.python)}:/usr/bin:/bin`,
      PIPENV_CACHE_DIR: this.#workshop.cacheFolder("pipenv", "warm"),
      PIP_CACHE_DIR: join(this.#workshop.cacheFolder("pipenv", "warm"), "pip"),
      PIPENV_VENV_IN_PROJECT: "1",
      PIPENV_NOSPIN: "1",
      UV_DEFAULT_INDEX: `${this.#workshop.origin}/simple`,
      UV_PYTHON: this.#workshop.peers.python,
    };
    return { env: { ...env, ...own }, cwd: this.folder };
  }

  line(...words: readonly string[]): Command {
    const { pen, pipenv, uv } = this.#workshop.peers;
    return this.#tool === "pen" ? [pen, "pipenv", ...words] : [this.#tool === "uv" ? uv : pipenv, ...words];
  }

  /** Once: the project locked and installed. */
  async setup(): Promise<void> {
    if (existsSync(this.#base)) return;
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, this.files[0]), this.#tool === "uv" ? this.#pyproject() : this.#pipfile());
    await output(this.line(this.#tool === "uv" ? "sync" : "install"), this.surroundings);
    await output(["/bin/cp", "-al", this.folder, this.#base], { env: {}, cwd: "/" });
  }

  #pipfile(): string {
    const source = `[[source]]\nurl = "${this.#workshop.origin}/simple"\nverify_ssl = true\nname = "replay"\n`;
    const packages = pipenvSets[this.#size].map((name) => `${name} = "*"\n`).join("");
    return `${source}\n[packages]\n${packages}\n[dev-packages]\n\n[requires]\npython_version = "3.11"\n`;
  }

  #pyproject(): string {
    const head = `[project]\nname = "project"\nversion = "1.0"\nrequires-python = "==3.11.*"\n`;
    return `${head}dependencies = ${JSON.stringify(pipenvSets[this.#size])}\n`;
  }

  /** The state after `setup`, but for what is taken away. */
  async restore(without: { readonly lock?: boolean; readonly environment?: boolean; readonly caches?: boolean }): Promise<void> {
    const { lock = false, environment = false, caches = false } = without;
    for (const name of this.files) {
      // The copy is made of links: what is written through one is written into the other.
      await remove(join(this.folder, name));
      writeFileSync(join(this.folder, name), readFileSync(join(this.#base, name)));
    }
    if (lock) await remove(join(this.folder, this.files[1]));
    await remove(join(this.folder, ".venv"));
    if (!environment) await output(["/bin/cp", "-al", join(this.#base, ".venv"), this.folder], { env: {}, cwd: "/" });
    if (caches) await this.#workshop.empty(this.#tool, "warm");
  }

  locked(): number {
    const text = readFileSync(join(this.folder, this.files[1]), "utf8");
    // The project itself is one of uv's.
    const count =
      this.#tool === "uv" ? text.split("[[package]]").length - 2 : Object.keys((JSON.parse(text) as { default: object }).default).length;
    if (count < pipenvSets[this.#size].length) throw new Error(`only ${count} packages are locked`);
    return count;
  }

  installed(): number {
    const sites = join(this.folder, ".venv", "lib", "python3.11");
    const folders = ["site-packages", "linked-packages"].map((name) => join(sites, name)).filter(existsSync);
    return folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".dist-info"))).length;
  }
}

interface Verb {
  readonly name: string;
  readonly work: string;
  readonly state: string;
  readonly runs: number;
  /** At most so many times pipenv's median. */
  readonly limit: number;
  readonly words: (size: Size) => readonly string[];
  /** What uv calls it. */
  readonly uv: (size: Size) => readonly string[];
  readonly without?: Parameters<PipenvProject["restore"]>[0];
  readonly check: (project: PipenvProject, size: Size) => string;
}

const lockState = (project: PipenvProject): string => `${project.locked()} packages locked`;

const verbs: readonly Verb[] = [
  {
    name: "lock-cold",
    work: "lock, cold",
    state: "No lock, an environment, empty caches.",
    runs: 3,
    limit: 0.2,
    words: () => ["lock"],
    uv: () => ["lock"],
    without: { lock: true, caches: true },
    check: lockState,
  },
  {
    name: "lock-warm",
    work: "lock, warm",
    state: "No lock; caches as earlier runs left them.",
    runs: 3,
    limit: 0.05,
    words: () => ["lock"],
    uv: () => ["lock"],
    without: { lock: true },
    check: lockState,
  },
  {
    name: "lock-same",
    work: "lock, nothing changed",
    state: "The lock is there and fresh.",
    runs: 3,
    limit: 0.05,
    words: () => ["lock"],
    uv: () => ["lock"],
    check: lockState,
  },
  {
    name: "add",
    work: "install of one more package",
    state: "Everything is installed; the package is in the caches.",
    runs: 3,
    limit: 0.05,
    words: (size) => ["install", added[size]],
    uv: (size) => ["add", added[size]],
    check: (project, size) => {
      const lock = readFileSync(join(project.folder, project.files[1]), "utf8");
      if (!lock.includes(`"${added[size]}": {`) && !lock.includes(`name = "${added[size]}"`)) throw new Error("it was not locked");
      return `${project.installed()} packages installed`;
    },
  },
  {
    name: "sync",
    work: "sync into a new environment",
    state: "The lock is there, the environment is not; all files are in the caches.",
    runs: 3,
    limit: 0.05,
    words: () => ["sync"],
    uv: () => ["sync", "--frozen"],
    without: { environment: true },
    check: (project) => {
      const count = project.installed();
      if (count < 10) throw new Error(`only ${count} packages are installed`);
      return `${count} packages installed`;
    },
  },
  {
    name: "run",
    work: "run true",
    state: "Everything is installed.",
    runs: 10,
    limit: 0.05,
    words: () => ["run", "true"],
    uv: () => ["run", "--no-sync", "true"],
    check: () => "",
  },
  {
    name: "graph",
    work: "graph",
    state: "Everything is installed.",
    runs: 5,
    limit: 0.05,
    words: () => ["graph"],
    uv: () => ["tree", "--frozen"],
    check: () => "",
  },
  {
    name: "verify",
    work: "verify",
    state: "The lock is fresh.",
    runs: 5,
    limit: 0.05,
    words: () => ["verify"],
    uv: () => ["lock", "--check"],
    check: () => "",
  },
];

function contender(workshop: Workshop, tool: Tool, { size, verb }: { size: Size; verb: Verb }): Contender {
  const project = new PipenvProject(workshop, tool, size);
  return {
    label: tool,
    tool,
    surroundings: project.surroundings,
    setup: () => project.setup(),
    prepare: () => project.restore(verb.without ?? {}),
    commands: () => [project.line(...(tool === "uv" ? verb.uv(size) : verb.words(size)))],
    check: async () => verb.check(project, size) || undefined,
  };
}

export const pipenvRows: readonly Row[] = (["small", "medium", "large"] as const).flatMap((size) =>
  verbs.map((verb): Row => ({
    name: `pipenv-${size}-${verb.name}`,
    work: `pipenv ${verb.work}, ${size} project`,
    state: `${pipenvSets[size].length} packages in the Pipfile; for uv in a pyproject.toml (\`uv ${verb.uv(size).join(" ")}\`). ${verb.state}`,
    limit: verb.limit,
    reference: "pipenv",
    runs: verb.runs,
    contenders: (workshop) => (["pen", "pipenv", "uv"] as const).map((tool) => contender(workshop, tool, { size, verb })),
  })),
);
