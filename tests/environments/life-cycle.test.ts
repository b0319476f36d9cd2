/**
 * The life of an environment with every Python of this machine: made, seeded, activated, filled by pen and by the real pip, moved, broken and
 * repaired. After each step the real Python, the real pip and the commands are run. The index stands on this machine.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readHost, type Host } from "#foundation";
import {
  createEnvironment,
  diagnose,
  install,
  list,
  moveEnvironment,
  repairEnvironments,
  type DoctorProblem,
  type Repair,
} from "../../src/operations/index.ts";
import { startIndex, type IndexServer, type ServedFile } from "../support/index-server.ts";
import { cleanEnvironment, programOnPath, run } from "../support/interpreters.ts";
import { execute, type Ran } from "../support/program.ts";
import { oldPythons, pythons } from "../support/pythons.ts";
import { projects } from "../support/world.ts";

interface Subject {
  readonly label: string;
  readonly path: string | undefined;
}

/** Prints the wheels of pip that a Python brings along, each with the versions of Python that it says it runs on. */
const question = `
import ensurepip, json, os, re, sysconfig, zipfile
found = []
for folder in [sysconfig.get_config_var("WHEEL_PKG_DIR"), os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]:
    for name in os.listdir(folder) if folder and os.path.isdir(folder) else []:
        if name.startswith("pip-"):
            path = os.path.join(folder, name)
            text = zipfile.ZipFile(path).read("-".join(name.split("-")[:2]) + ".dist-info/METADATA").decode()
            wanted = re.search("^Requires-Python: (.*)$", text, re.M)
            found.append([path, wanted.group(1) if wanted else None])
print(json.dumps(found))
`;

function pipWheels(paths: readonly string[]): ServedFile[] {
  const found = new Map<string, ServedFile>();
  for (const path of paths) {
    const { status, stdout } = run([path, "-I", "-c", question], { env: cleanEnvironment(tmpdir()), cwd: "/" });
    for (const [file, requiresPython] of status === 0 ? (JSON.parse(stdout) as Array<[string, string | null]>) : []) {
      const filename = basename(file);
      if (!found.has(filename))
        found.set(filename, { filename, bytes: readFileSync(file), ...(requiresPython === null ? {} : { requiresPython }) });
    }
  }
  return [...found.values()];
}

const debian = existsSync("/usr/bin/python3") ? realpathSync("/usr/bin/python3") : undefined;
const subjects: Subject[] = [
  ...pythons().map(({ path, version, realPath }) => ({
    label: `${realPath === debian ? "Debian's " : ""}Python ${version} (${path})`,
    path,
  })),
  { label: "Debian's PyPy (needs pypy3)", path: programOnPath("pypy3") },
];

describe("the life of an environment", () => {
  let folder: string;
  let host: Host;
  let index: IndexServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-life-")));
    for (const name of ["work", "envs"]) mkdirSync(join(folder, name));
    index = await startIndex({
      projects: {
        ...projects(
          {
            name: "greet",
            version: "1.0",
            requires: ["words>=1"],
            files: { "greet/__init__.py": "import words\n\ndef main():\n    print('hello', words.word)\n", "greet/deep/__init__.py": "" },
            entryPoints: { console_scripts: { greet: "greet:main" } },
          },
          { name: "words", version: "1.5", files: { "words.py": "word = 'world'\n" } },
          {
            name: "by-pip",
            version: "2.0",
            files: { "by_pip.py": "def main():\n    print('by pip')\n" },
            entryPoints: { console_scripts: { "by-pip": "by_pip:main" } },
          },
        ),
        pip: pipWheels(subjects.flatMap(({ path }) => path ?? [])),
      },
    });
    env = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      PYENV_ROOT: join(folder, "none"),
      PIP_INDEX_URL: index.indexUrl,
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      PIP_CONFIG_FILE: "/dev/null",
      PIP_ROOT_USER_ACTION: "ignore",
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(async () => {
    await index.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (program: string, ...args: readonly string[]): Promise<Ran> => execute(program, args, { cwd: join(folder, "work"), env });
  const says = async (program: string, ...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await start(program, ...args);
    if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const indexes = (): { indexUrl: string } => ({ indexUrl: index.indexUrl });
  const doctor = async (root: string): Promise<readonly DoctorProblem[]> =>
    (await diagnose({ host, environment: root }))[0]?.problems ?? [];
  const repair = async (root: string): Promise<Repair> => {
    const [done] = await repairEnvironments({ host, environment: root, indexes: indexes() });
    if (done === undefined) throw new Error("no answer");
    return done;
  };
  /** Everything works: Python, modules, commands of pen's and pip's kind, pip itself, activation; and the doctor says so. */
  const works = async (root: string, packages: readonly string[]): Promise<void> => {
    const python = join(root, "bin", "python");
    expect(realpathSync(await says(python, "-c", "import sys; print(sys.prefix)"))).toBe(root);
    if (packages.includes("greet")) {
      expect(await says(python, "-c", "import greet, greet.deep; greet.main()")).toBe("hello world");
      expect(await says(join(root, "bin", "greet"))).toBe("hello world");
    }
    if (packages.includes("by-pip")) expect(await says(join(root, "bin", "by-pip"))).toBe("by pip");
    for (const command of [[python, "-m", "pip"], [join(root, "bin", "pip")]]) {
      const listed = JSON.parse(await says(command[0] ?? "", ...command.slice(1), "list", "--format", "json")) as { name: string }[];
      expect(listed.map(({ name }) => name).sort()).toEqual(expect.arrayContaining([...packages, "pip"].sort()));
    }
    await says(python, "-m", "pip", "check");
    const shell = `. '${root}/bin/activate' && command -v python && python -c 'import sys; print(sys.prefix)' && deactivate && printf %s "\${VIRTUAL_ENV-gone}"`;
    const [found, prefix, after] = (await says("/bin/sh", "-c", shell)).split("\n");
    expect([found, prefix, after]).toEqual([python, root, "gone"]);
    expect(await doctor(root)).toEqual([]);
  };
  const library = (root: string): string => {
    const name = readdirSync(join(root, "lib")).find((one) => /^(python|pypy)\d/.test(one)) ?? "";
    return join(root, "lib", name, "site-packages");
  };

  for (const [number, { label, path = "" }] of subjects.entries()) {
    test.skipIf(path === "")(
      label,
      async () => {
        const made = await createEnvironment({ host, path: join(folder, "envs", `e ${number}`), python: path, indexes: indexes() });
        let { root } = made.environment;
        expect(made.seeded.map(({ name }) => name)).toContain("pip");
        await works(root, []);

        await install({ host, python: root, requirements: ["greet"], indexes: indexes() });
        await says(join(root, "bin", "python"), "-m", "pip", "install", "--quiet", "by-pip");
        const all = ["by-pip", "greet", "words"];
        await works(root, all);
        expect((await list({ host, python: root })).distributions.map(({ name }) => name as string)).toEqual(expect.arrayContaining(all));

        // Moved by pen, then by hand: pip's commands name their Python by its whole path.
        const moved = join(folder, "envs", `moved ${number}`);
        await moveEnvironment({ host, environment: root, to: moved });
        root = moved;
        await works(root, all);
        await says(join(root, "bin", "python"), "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", "by-pip");
        const renamed = join(folder, "envs", `renamed-${number}`);
        renameSync(root, renamed);
        root = renamed;
        expect((await start(join(root, "bin", "by-pip"))).status === 0).toBe(false);
        expect((await doctor(root)).map(({ code }) => code)).toEqual(["foreign-shebang"]);
        expect(await repair(root)).toMatchObject({ repaired: [{ code: "foreign-shebang" }], left: [] });
        await works(root, all);

        // Broken: no Python, files gone and changed, a command gone, a requirement gone, a script of the person's own that stays.
        const own = join(root, "bin", "mine");
        writeFileSync(own, "#!/usr/bin/python3\nprint('mine')\n", { mode: 0o755 });
        for (const name of ["python", "python3"]) rmSync(join(root, "bin", name), { force: true });
        symlinkSync("/gone/bin/python3", join(root, "bin", "python"));
        writeFileSync(join(root, "pyvenv.cfg"), readFileSync(join(root, "pyvenv.cfg"), "utf8").replace(/^home = .*$/m, "home = /gone/bin"));
        const packages = library(root);
        rmSync(join(packages, "greet", "deep"), { recursive: true });
        const words = readFileSync(join(packages, "words.py"));
        rmSync(join(packages, "words.py"));
        writeFileSync(join(packages, "words.py"), words);
        appendFileSync(join(packages, "words.py"), "word = 'changed'\n");
        rmSync(join(root, "bin", "greet"));
        rmSync(join(packages, "by_pip.py"));
        rmSync(join(root, "bin", "activate"));
        expect((await start(join(root, "bin", "python"), "-c", "1").catch(() => ({ status: 1 }))).status).not.toBe(0);
        expect((await doctor(root)).map(({ code }) => code)).toContain("python-gone");
        const mended = await repairEnvironments({
          host: { ...host, env: { ...env, PATH: `${path.slice(0, -basename(path).length - 1)}:${env["PATH"]}` } },
          environment: root,
          indexes: indexes(),
        });
        expect(mended[0]?.left.map(({ code, subjects: at }) => [code, ...at])).toEqual([["foreign-shebang", own]]);
        expect(mended[0]?.repaired.map(({ code, package: name }) => (name === null ? code : `${code} ${name}`)).sort()).toEqual([
          "file-changed words",
          "file-missing by-pip",
          "file-missing greet",
          "python-gone",
        ]);
        expect(readFileSync(own, "utf8")).toBe("#!/usr/bin/python3\nprint('mine')\n");
        rmSync(own);
        await works(root, all);
      },
      120_000,
    );
  }

  const old = oldPythons().find(({ release: [major] }) => major === 2);
  test.skipIf(old === undefined)("Python 2.7 is refused with a clear error (needs Python 2.7)", async () => {
    const place = join(folder, "envs", "old");
    const failure = await createEnvironment({ host, path: place, python: old?.path, indexes: indexes() }).catch((error: unknown) => error);
    const { message, why, hint } = failure as { message: string; why?: string; hint?: string };
    expect([message, why, hint]).toEqual([
      `${old?.path} is Python 2.7.${old?.version.split(".")[2]}`,
      "pen works with Python 3.6 and newer.",
      expect.stringContaining("pen python list"),
    ]);
    expect(existsSync(place)).toBe(false);
  });
});
