/** Rows that install from source: twenty source distributions of setuptools projects, which the benchmark writes itself, from a folder. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tarGz } from "../tests/support/sources.ts";
import { checkInstalled, readPins } from "./checks.ts";
import { output, type Command } from "./measure.ts";
import type { Contender, Row, Turn } from "./row.ts";
import { remove } from "./scratch.ts";
import type { Workshop } from "./workshop.ts";

const count = 20;
const stem = "bench_sdist_";
/** True for what only the benchmark's own folder has: an index is asked for it in vain, as it should be. */
export const isOwnSource = (path: string): boolean => path.startsWith(`/simple/${stem.replaceAll("_", "-")}`);
/** So many of them have a setup.py alone. */
const legacy = 5;
const modules = 10;

interface Sources {
  readonly folder: string;
  readonly requirements: string;
  /** What the wheels bring, for the check. */
  readonly files: string;
}

/** Writes the sources once in a run. */
function writeSources(workshop: Workshop): Sources {
  const folder = join(workshop.folder, "sdists");
  const found = { folder, requirements: join(folder, "all.txt"), files: join(folder, "files.json") };
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: count }, (_, at) => `${stem}${String(at).padStart(2, "0")}`);
  for (const [at, name] of names.entries()) writeFileSync(join(folder, `${name}-1.0.tar.gz`), archive(name, at < legacy));
  writeFileSync(found.requirements, names.map((name) => `${name}==1.0\n`).join(""));
  const files = names.flatMap((name) => [`${name}/__init__.py`, ...Array.from({ length: modules }, (_, at) => `${name}/part${at}.py`)]);
  writeFileSync(found.files, JSON.stringify(files));
  return found;
}

function archive(name: string, isLegacy: boolean): Buffer {
  const project = `[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "${name}"\ndynamic = ["version"]\n[tool.setuptools.dynamic]\nversion = {attr = "${name}.__version__"}\n`;
  const setup = `from setuptools import setup\nsetup(name="${name}", version="1.0", packages=["${name}"])\n`;
  const part = "def work(value):\n    return value + 1\n\n".repeat(40);
  return tarGz([
    { name: `${name}-1.0/${isLegacy ? "setup.py" : "pyproject.toml"}`, content: isLegacy ? setup : project },
    { name: `${name}-1.0/${name}/__init__.py`, content: '__version__ = "1.0"\n' },
    ...Array.from({ length: modules }, (_, at) => ({ name: `${name}-1.0/${name}/part${at}.py`, content: part })),
  ]);
}

interface Building {
  readonly tool: "pen" | "uv" | "pip";
  readonly builds: "none kept" | "kept";
}

/** What each tool keeps of builds, below its cache; the rest of the cache stays. */
const keptBuilds: Readonly<Record<Building["tool"], RegExp>> = { pen: /^builds$/, uv: /^sdists-v\d+$/, pip: /^wheels$/ };

/** `install` of all sources into an environment that was made just before; only `install` is measured. */
function building(workshop: Workshop, { tool, builds }: Building): Contender {
  const surroundings = workshop.surroundings(tool, "built");
  const cache = workshop.cacheFolder(tool, "built");
  const { peers, indexUrl } = workshop;
  const { folder, requirements, files } = writeSources(workshop);
  const from = ["--find-links", folder, "-r", requirements];
  const install = (environment: string): Command => {
    switch (tool) {
      case "pen":
        return [peers.pen, "pip", "install", "-q", "--python", environment, "--index-url", indexUrl, "--allow-builds", ...from];
      case "uv":
        return [peers.uv, "pip", "install", "-q", "--python", environment, "--default-index", indexUrl, ...from];
      case "pip": {
        const index = ["--trusted-host", "127.0.0.1", "--index-url", indexUrl, "--cache-dir", cache];
        return [peers.pip, "--python", environment, "install", "-q", ...index, ...from];
      }
    }
  };
  const make = (place: string): Promise<string> =>
    output(tool === "pip" ? [peers.python, "-m", "venv", "--without-pip", place] : workshop.lines(tool).venv(place), surroundings);
  const forget = async (): Promise<void> => {
    for (const name of readdirSync(cache)) if (keptBuilds[tool].test(name)) await remove(join(cache, name));
  };
  return {
    label: tool,
    tool,
    surroundings,
    setup: async () => {
      const place = workshop.place(`fill-building-${tool}-${builds.replace(" ", "-")}`);
      await make(place);
      await output(install(place), surroundings);
      await remove(place);
    },
    prepare: async ({ place }: Turn) => {
      if (builds === "none kept") await forget();
      await make(place);
    },
    commands: ({ place }) => [install(place)],
    check: async ({ place }) => {
      const found = await checkInstalled(place, {
        pins: readPins(requirements),
        files,
        imports: ["bench_sdist_00.part0", "bench_sdist_19.part9"],
      });
      return `${found.files} files of ${count} packages`;
    },
    clear: ({ place }) => remove(place),
  };
}

const tools = ["pen", "uv", "pip"] as const;

export const buildingRows: readonly Row[] = [
  {
    name: "build-cold",
    work: "install from 20 sdists, nothing built before",
    state:
      "Twenty source distributions of setuptools in a folder (fifteen with a pyproject.toml and a version that is read from the code, five with a setup.py alone), `pip install --find-links` " +
      "into a new environment. What setuptools itself needs is in each tool's cache; what was built before was removed from it.",
    reference: "uv",
    runs: 3,
    contenders: (workshop) => tools.map((tool) => building(workshop, { tool, builds: "none kept" })),
  },
  {
    name: "build-warm",
    work: "install from 20 sdists, built before",
    state: "As above, with the wheels of an earlier command in each tool's build cache.",
    reference: "uv",
    runs: 7,
    contenders: (workshop) => tools.map((tool) => building(workshop, { tool, builds: "kept" })),
  },
];
