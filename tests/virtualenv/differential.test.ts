/** pen under the name `virtualenv` and the real virtualenv 21, with the same words on twin folders. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { programOnPath } from "../support/interpreters.ts";
import { execute, type Ran } from "../support/program.ts";
import { tool } from "../support/tools.ts";
import { openWorld, type World } from "../support/world.ts";
import { modern, namedFolder, older, seedProjects } from "./tools.ts";

const real = tool("virtualenv");

interface Case {
  /** `{d}` the destination, `{f}` the folder it is in, `{py}` and `{old}` Pythons, `{oldv}` the version of the older one. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ini?: string;
  /** Makes what is there before. */
  readonly before?: (destination: string, folder: string) => void;
  /** What is not compared, since it differs on purpose. */
  readonly apart?: ReadonlyArray<"versions" | "tags" | "bases">;
}

const env = (folder: string): void => {
  mkdirSync(join(folder, "bin"), { recursive: true });
};
const pyproject = (_: string, folder: string): void => writeFileSync(join(folder, "pyproject.toml"), "");

/** An environment that both made: made by the real one, which pen takes like its own. */
const made = (destination: string): void => {
  const { PATH = "" } = process.env;
  const result = Bun.spawnSync([real ?? "", "--no-seed", "-p", modern ?? "", destination], {
    env: { PATH, HOME: dirname(destination), VIRTUALENV_NO_PERIODIC_UPDATE: "1" },
  });
  if (result.exitCode !== 0) throw new Error(result.stdout.toString() + result.stderr.toString());
};

const cases: Readonly<Record<string, Case>> = {
  "a modern Python": { args: ["-p", "{py}", "{d}"] },
  "an older Python, with setuptools": { args: ["-p", "{old}", "{d}"] },
  "no seed": { args: ["--no-seed", "-p", "{py}", "{d}"] },
  "without pip": { args: ["-p", "{old}", "--without-pip", "{d}"] },
  "no pip": { args: ["-p", "{old}", "--no-pip", "{d}"] },
  "no setuptools": { args: ["-p", "{old}", "--no-setuptools", "{d}"] },
  "every seed none": { args: ["-p", "{old}", "--pip", "none", "--setuptools=none", "{d}"] },
  "setuptools asked for": { args: ["-p", "{py}", "--setuptools", "bundle", "{d}"] },
  "pip embed": { args: ["-p", "{py}", "--pip", "embed", "{d}"], apart: ["versions"] },
  "an exact pip": { args: ["-p", "{py}", "--pip", "26.3.0", "{d}"] },
  "no version of pip": { args: ["-p", "{py}", "--pip", "bogus", "{d}"] },
  "no version of setuptools": { args: ["-p", "{py}", "--setuptools", "1.0+a.zip", "{d}"] },
  "two activators": { args: ["-p", "{py}", "--no-seed", "--activators", "bash, fish", "{d}"] },
  "no activators": { args: ["-p", "{py}", "--no-seed", "--activators", "", "{d}"] },
  "an unknown activator": { args: ["-p", "{py}", "--activators", "bogus", "{d}"] },
  "activators of Windows": { args: ["-p", "{py}", "--activators", "batch", "{d}"] },
  "a prompt": { args: ["-p", "{py}", "--no-seed", "--prompt", "a b", "{d}"] },
  "the prompt of the working folder": { args: ["-p", "{py}", "--no-seed", "--prompt=.", "{d}"] },
  "the packages of the system": { args: ["-p", "{py}", "--no-seed", "--system-site-packages", "{d}"] },
  copies: { args: ["-p", "{py}", "--no-seed", "--copies", "{d}"] },
  "always copy": { args: ["-p", "{old}", "--no-seed", "--always-copy", "{d}"] },
  symlinks: { args: ["-p", "{py}", "--no-seed", "--symlinks", "{d}"] },
  "symlinks and copies": { args: ["-p", "{py}", "--symlinks", "--copies", "{d}"] },
  "loud and quiet": { args: ["-p", "{py}", "-v", "-q", "{d}"] },
  quiet: { args: ["-p", "{py}", "--no-seed", "-q", "{d}"] },
  "clear an environment": {
    args: ["-p", "{py}", "--no-seed", "--clear", "{d}"],
    before: (destination) => {
      made(destination);
      writeFileSync(join(destination, "mine"), "");
    },
  },
  "over an environment": {
    args: ["-p", "{py}", "--no-seed", "{d}"],
    before: (destination) => {
      made(destination);
      writeFileSync(join(destination, "mine"), "kept");
    },
  },
  "over an environment whose Python is gone": {
    args: ["-p", "{py}", "--no-seed", "{d}"],
    before: (destination) => {
      made(destination);
      rmSync(join(destination, "bin", "python"));
      symlinkSync("/nowhere/python", join(destination, "bin", "python"));
    },
  },
  "beside other files": {
    args: ["-p", "{py}", "--no-seed", "{d}"],
    before: (destination) => {
      env(destination);
      writeFileSync(join(destination, "bin", "mine"), "kept");
    },
    apart: ["tags"],
  },
  "clear nothing": { args: ["-p", "{py}", "--no-seed", "--clear", "{d}"] },
  "clear through a link": {
    args: ["-p", "{py}", "--clear", "{d}"],
    before: (destination, folder) => {
      mkdirSync(join(folder, "target"));
      symlinkSync(join(folder, "target"), destination);
    },
  },
  "no .gitignore": { args: ["-p", "{py}", "--no-seed", "--no-vcs-ignore", "{d}"] },
  "an empty name": { args: ["-p", "{py}", ""] },
  "a blank name": { args: ["-p", "{py}", "  "] },
  "a colon": { args: ["-p", "{py}", "a:b"] },
  "a file": { args: ["-p", "{py}", "{d}"], before: (destination) => writeFileSync(destination, "") },
  "in a file": { args: ["-p", "{py}", "{d}/x"], before: (destination) => writeFileSync(destination, "") },
  // Root may write everywhere.
  ...(process.getuid?.() === 0
    ? {}
    : {
        "a folder that cannot be written to": {
          args: ["-p", "{py}", "{d}/x"],
          before: (destination: string) => mkdirSync(destination, { mode: 0o555 }),
        },
      }),
  "two folders down": { args: ["-p", "{py}", "--no-seed", "{d}/a/b"] },
  "the creator of its implementation": { args: ["-p", "{py}", "--no-seed", "--creator", "cpython3-posix", "{d}"] },
  "the creator venv": { args: ["-p", "{py}", "--no-seed", "--creator", "venv", "{d}"], apart: ["bases"] },
  ...(programOnPath("pypy3") === undefined ? {} : { PyPy: { args: ["-p", "pypy3", "{d}"] } }),
  "an unknown creator": { args: ["-p", "{py}", "--creator", "bogus", "{d}"] },
  "seeded by pip": { args: ["-p", "{py}", "--seeder", "pip", "{d}"] },
  "an unknown seeder": { args: ["-p", "{py}", "--seeder", "bogus", "{d}"] },
  "the only discovery": { args: ["-p", "{py}", "--no-seed", "--discovery", "builtin", "{d}"] },
  "an unknown discovery": { args: ["-p", "{py}", "--discovery", "bogus", "{d}"] },
  "download and not": { args: ["-p", "{py}", "--download", "--no-download", "{d}"] },
  "no download": { args: ["-p", "{py}", "--never-download", "{d}"], apart: ["versions"] },
  "a Python that is not": { args: ["-p", "9.9", "{d}"] },
  "a path that is not": { args: ["-p", "{f}/none", "{d}"] },
  "no specifier": { args: ["-p", ">=3.x", "{d}"] },
  "the first that is found": { args: ["-p", "9.9", "--python={old}", "-p", "{py}", "--no-seed", "{d}"] },
  "a version on PATH": { args: ["-p", "{oldv}", "--no-seed", "{d}"] },
  "a name on PATH": { args: ["-p", "python{oldv}", "--no-seed", "{d}"] },
  "specifiers on PATH": { args: ["-p", "cpython=={oldv}", "--no-seed", "{d}"] },
  "the other machine": { args: ["-p", "{oldv}-32", "{d}"] },
  "an interpreter to try first": { args: ["--try-first-with", "{py}", "--try-first-with", "{old}", "-p", "{oldv}", "--no-seed", "{d}"] },
  "a file .venv": { args: ["-p", "{py}", "--no-seed", "--venv-redirect", "{d}"] },
  "a file .venv by itself": { args: ["-p", "{py}", "--no-seed", "{d}"], before: pyproject },
  "no file .venv": { args: ["-p", "{py}", "--no-seed", "--no-venv-redirect", "{d}"], before: pyproject },
  "a folder .venv stays": {
    args: ["-p", "{py}", "--no-seed", "--venv-redirect", "{d}"],
    before: (_, folder) => mkdirSync(join(folder, ".venv")),
  },
  "a strange file .venv stays": {
    args: ["-p", "{py}", "--no-seed", "--venv-redirect", "{d}"],
    before: (_, folder) => writeFileSync(join(folder, ".venv"), "elsewhere\n"),
  },
  "no seed by variable": { args: ["-p", "{py}", "{d}"], env: { VIRTUALENV_NO_SEED: "on", VIRTUALENV_PROMPT: "p" } },
  "the Python by variable": { args: ["--no-seed", "{d}"], env: { VIRTUALENV_PYTHON: "9.9,{old}" } },
  "the command line before the variable": { args: ["-p", "9.9", "--no-seed", "{d}"], env: { VIRTUALENV_PYTHON: "{old}" } },
  "a variable that is not understood": { args: ["-p", "{py}", "--no-seed", "{d}"], env: { VIRTUALENV_SYSTEM_SITE_PACKAGES: "maybe" } },
  "the file": { args: ["-p", "{py}", "{d}"], ini: "no_seed = yes\nprompt = from file\nactivators =\n  fish\n  python\n" },
  "the variable before the file": {
    args: ["-p", "{py}", "--no-seed", "{d}"],
    ini: "prompt = file\n",
    env: { VIRTUALENV_PROMPT: "variable" },
  },
  "a file with a mistake": { args: ["-p", "{py}", "--no-seed", "{d}"], ini: "what is this\n" },
  "wheel, which does nothing": { args: ["-p", "{py}", "--no-seed", "--wheel", "0.45", "--no-wheel", "{d}"] },
  "no periodic update": { args: ["-p", "{py}", "--no-periodic-update", "{d}"] },
  "symlinked seeds": { args: ["-p", "{old}", "--symlink-app-data", "{d}"] },
  "application data of its own": { args: ["-p", "{py}", "--app-data", "{f}/data", "{d}"] },
  "no application data": { args: ["-p", "{py}", "--app-data", " ", "{d}"] },
  "read-only application data that is not there": { args: ["-p", "{py}", "--read-only-app-data", "--app-data", "{f}/data", "{d}"] },
  "application data anew": { args: ["-p", "{py}", "--reset-app-data", "--app-data", "{f}/data", "--no-seed", "{d}"] },
  "a beginning of a name": { args: ["-p", "{py}", "--no-se", "--syst", "{d}"] },
  "an unknown option": { args: ["-p", "{py}", "--bogus", "{d}"] },
  "no destination": { args: ["-p", "{py}"] },
  "two destinations": { args: ["-p", "{py}", "{d}", "{d}2"] },
  "two folders of wheels": { args: ["-p", "{py}", "--extra-search-dir", "{f}", "{f}/none", "--", "{d}"] },
  "--version": { args: ["--version"] },
  "-h": { args: ["-h"] },
};

const skipped = real === undefined || modern === undefined || older === undefined;

describe.skipIf(skipped)("the same words (needs PEN_TEST_TOOLS with virtualenv 21, and pyenv with Python 3.12+ and 3.10 or 3.11)", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: seedProjects() });
  });
  afterAll(() => world?.close());

  test("at least forty of them", () => expect(Object.keys(cases).length).toBeGreaterThanOrEqual(40));

  for (const [name, given] of Object.entries(cases)) {
    test(
      name,
      async () => {
        const [ours, theirs] = await Promise.all([perform(world, "pen", name, given), perform(world, "real", name, given)]);
        expect(ours.status, ours.ran.stderr).toBe(theirs.status);
        expect(ours.seen).toEqual(theirs.seen);
      },
      60_000,
    );
  }
});

async function perform(
  world: World,
  who: "pen" | "real",
  name: string,
  given: Case,
): Promise<{ status: number | null; ran: Ran; seen: unknown }> {
  const folder = join(world.folder, name.replace(/\W+/g, "-"), who, "project");
  const destination = join(folder, "env");
  mkdirSync(folder, { recursive: true });
  given.before?.(destination, folder);
  const version = /(\d+\.\d+)\.\d+/.exec(older ?? "")?.[1] ?? "";
  const fill = (text: string): string =>
    text
      .replaceAll("{d}", destination)
      .replaceAll("{f}", folder)
      .replaceAll("{py}", modern ?? "")
      .replaceAll("{oldv}", version)
      .replaceAll("{old}", older ?? "");
  const ini = join(dirname(folder), "virtualenv.ini");
  if (given.ini !== undefined) writeFileSync(ini, name === "a file with a mistake" ? given.ini : `[virtualenv]\n${given.ini}`);
  const variables = Object.fromEntries(Object.entries(given.env ?? {}).map(([key, value]) => [key, fill(value)]));
  const ran = await execute(who === "pen" ? join(namedFolder(world.folder), "virtualenv") : (real ?? ""), given.args.map(fill), {
    cwd: folder,
    env: {
      ...world.env,
      PATH: `${dirname(older ?? "")}:${world.env["PATH"] ?? ""}`,
      COLUMNS: "200",
      ...(given.ini === undefined ? {} : { VIRTUALENV_CONFIG_FILE: ini }),
      ...(who === "real" ? { VIRTUALENV_NO_PERIODIC_UPDATE: "1" } : {}),
      ...variables,
    },
  });
  return { status: ran.status, ran, seen: await look(folder, ran, given) };
}

/** What both must leave alike. */
async function look(folder: string, ran: Ran, given: Case): Promise<unknown> {
  const root = given.args.includes("{d}/a/b") ? join(folder, "env", "a", "b") : join(folder, "env");
  const redirect = join(folder, ".venv");
  const beside = {
    names: readdirSync(folder)
      .filter((name) => name !== "data")
      .sort(),
    redirect: existsSync(redirect) && lstatSync(redirect).isFile() ? readFileSync(redirect, "utf8") : undefined,
    isSilent: ran.status === 0 ? ran.stdout === "" : undefined,
  };
  if (ran.status !== 0 || !existsSync(join(root, "pyvenv.cfg"))) return beside;
  const config = configOf(root);
  const python = join(root, "bin", "python");
  const asked = await execute(
    python,
    ["-I", "-c", "import json, site, sys; print(json.dumps([sys.prefix, sys.base_prefix, list(sys.version_info)]))"],
    {
      cwd: folder,
      env: { PATH: "/usr/bin:/bin" },
    },
  );
  const [prefix, basePrefix, release] = JSON.parse(asked.stdout) as [string, string, number[]];
  const library = readdirSync(join(root, "lib")).find((one) => /^(?:python|pypy)3/.test(one)) ?? "";
  const sites = join(root, "lib", library, "site-packages");
  // Packages that are links stand in a folder of their own in pen's environments.
  const folders = [sites, join(dirname(sites), "linked-packages")].filter(existsSync);
  const packages = folders.flatMap((one) => readdirSync(one).filter((entry) => entry.endsWith(".dist-info"))).sort();
  return {
    ...beside,
    bin: binOf(root),
    isLink: lstatSync(python).isSymbolicLink(),
    tags:
      given.apart?.includes("tags") === true ? undefined : [".gitignore", "CACHEDIR.TAG", "mine"].map((one) => existsSync(join(root, one))),
    prefix: prefix.slice(dirname(folder).length),
    basePrefix,
    release,
    packages: given.apart?.includes("versions") === true ? packages.map((one) => one.split("-")[0]) : packages,
    config: Object.fromEntries(
      ["home", "implementation", "python-version", "version_info", "version", "include-system-site-packages", "prompt"].map((key) => [
        key,
        config.get(key),
      ]),
    ),
    isVirtualenv: config.get("virtualenv"),
    executable: realpathSync(config.get("executable") ?? ""),
    bases:
      given.apart?.includes("bases") === true
        ? undefined
        : [config.get("base-prefix"), config.get("base-exec-prefix"), realpathSync(config.get("base-executable") ?? "")],
    says: spoken(ran.stdout, root),
  };
}

function configOf(root: string): Map<string, string> {
  const lines = readFileSync(join(root, "pyvenv.cfg"), "utf8").trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const [key = "", ...rest] = line.split(" = ");
      return [key, rest.join(" = ").replace(/^(['"])(.*)\1$/, "$2")];
    }),
  );
}

/** Without what only one of the two writes: `deactivate.csh` is virtualenv's, `pydoc` and `pypy3.X` are pen's, `Activate.ps1` venv's, and pip has one launcher more or less. */
function binOf(root: string): string[] {
  return readdirSync(join(root, "bin"))
    .filter(
      (name) => !["deactivate.csh", "pydoc", "Activate.ps1"].includes(name) && !/^pypy3\.\d+$/.test(name) && !/^pip-?3\.\d+$/.test(name),
    )
    .sort();
}

/** The lines without what differs by nature: the time, the order of activators, and where data are cached. */
function spoken(stdout: string, root: string): string[] {
  return stdout
    .split("\n")
    .filter((line) => /^(?:created| )/.test(line) && !line.includes("added seed packages"))
    .map((line) =>
      line.startsWith("  activators ")
        ? line.slice(13).split(",").sort().join()
        : line
            .replace(/\d+ms$/, "ms")
            .replaceAll(root, basename(root))
            .replaceAll(dirname(root), "")
            .replace(/app_data_dir=.*\)$/, ")"),
    );
}
