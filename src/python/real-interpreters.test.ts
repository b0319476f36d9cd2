import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { PenError } from "#foundation";
import { supportedTags, tagText } from "#standards";
import { makeMachine } from "../../tests/python-stand-ins.ts";
import { oldPythons, pyenvRoot, pythons, pythonsThat } from "../../tests/support/pythons.ts";
import { describeInterpreter } from "./describe.ts";
import { findInterpreter, findInterpreters } from "./find.ts";
import { inspectInterpreter } from "./inspect.ts";
import { parseRequest } from "./request.ts";
import type { Interpreter } from "./types.ts";

const machine = makeMachine();
afterAll(() => machine.remove());
const options = machine.search;
const clean = { PATH: "/usr/bin:/bin", HOME: machine.home, LANG: "C.UTF-8" };

const old = oldPythons().map(({ path }) => path);
const modern = pythons().map(({ path }) => path);
const folderOf = (path: string): string => dirname(dirname(path));

/** What a Python says when asked in the ordinary way: with `site`, with all it likes to import. */
const question = `
import glob, json, os, sys, sysconfig
sys.dont_write_bytecode = True
paths = sysconfig.get_paths()
answer = {
    "paths": {name: paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts", "data", "include")},
    "prefix": sys.prefix, "base_prefix": sys.base_prefix, "executable": sys.executable, "real": os.path.realpath(sys.executable),
    "cache_tag": sys.implementation.cache_tag, "bits": 64 if sys.maxsize > 2**32 else 32, "platlibdir": getattr(sys, "platlibdir", "lib"),
    "version_info": list(sys.version_info), "markers": None, "tags": None,
}
for place in json.loads(sys.argv[1]) + glob.glob("/usr/share/python-wheels/pip-*.whl"):
    sys.path.append(place)
markers = tags = None
try:
    from packaging import markers, tags
except ImportError:
    try:
        from pip._vendor.packaging import markers
        from pip._vendor.packaging import tags
    except ImportError:
        pass
if markers is not None:
    answer["markers"] = {name: value for name, value in markers.default_environment().items() if name != "extra"}
if tags is not None:
    answer["tags"] = [str(tag) for tag in tags.sys_tags()]
try:
    import ensurepip
    folder = sysconfig.get_config_var("WHEEL_PKG_DIR")
    answer["wheels"] = os.path.normpath(str(folder or os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")))
except ImportError:
    answer["wheels"] = None
print(json.dumps(answer))
`;

interface SelfReport {
  readonly paths: Record<string, string>;
  readonly prefix: string;
  readonly base_prefix: string;
  readonly executable: string;
  readonly real: string;
  readonly cache_tag: string;
  readonly bits: number;
  readonly platlibdir: string;
  readonly version_info: unknown[];
  readonly markers: Record<string, string> | null;
  readonly tags: string[] | null;
  readonly wheels: string | null;
}

/** The newest `packaging` on the machine: the older ones inside pip order and name some tags differently. */
const newestPackaging = modern
  .filter((path) => !path.startsWith("/usr/"))
  .flatMap((path) => {
    const lib = join(folderOf(path), "lib");
    return fs.readdirSync(lib).map((name) => join(lib, name, "site-packages"));
  })
  .find((folder) => fs.existsSync(join(folder, "packaging", "tags.py")));

function selfReport(path: string): SelfReport {
  const minor = Number(/3\.(\d+)/.exec(spawnSync(path, ["-V"], { encoding: "utf8", env: clean }).stdout)?.[1]);
  const places = newestPackaging !== undefined && minor >= 9 ? [newestPackaging] : [];
  const run = spawnSync(path, ["-c", question, JSON.stringify(places)], { encoding: "utf8", env: clean });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as SelfReport;
}

function compare(interpreter: Interpreter, report: SelfReport): void {
  expect({ ...interpreter.paths }).toEqual(report.paths as never);
  // A Python without pip and packaging has nothing to compare with.
  if (report.markers !== null) expect(interpreter.markers as unknown).toEqual(report.markers);
  expect(interpreter.prefix).toBe(report.prefix);
  expect(interpreter.basePrefix).toBe(report.base_prefix);
  expect(interpreter.realExecutable).toBe(report.real);
  expect(interpreter.cacheTag).toBe(report.cache_tag);
  expect(interpreter.pointerBits as number).toBe(report.bits);
  expect(interpreter.platlibdir).toBe(report.platlibdir);
  expect(interpreter.versionInfo as unknown).toEqual(report.version_info);
}

describe("every Python on this machine says of itself what pen says of it", () => {
  test("there are some", () => expect(modern.length).toBeGreaterThan(0));

  for (const path of modern) {
    test(path, async () => {
      const report = selfReport(path);
      const interpreter = await inspectInterpreter(path, options);
      compare(interpreter, report);
      expect(interpreter.executable).toBe(path);
      expect(interpreter.baseExecutable).toBe(path);
      expect(interpreter.implementation).toBe("cpython");
      expect(interpreter.isVirtualEnvironment).toBe(false);
      expect([interpreter.freeThreaded, interpreter.debug]).toEqual([false, false]);
      const tags = supportedTags(interpreter.tagTarget).ordered.map(tagText);
      if (interpreter.versionInfo[1] >= 9 && report.tags !== null) {
        // Where the tag `linux_…` stands among the platforms is a matter of taste that #standards decides.
        const portable = (names: readonly string[]) => names.filter((name) => !name.includes("-linux_"));
        // Before release 22, packaging did not know the tag for wheels without binary parts that need one version of CPython.
        const theirs = report.tags;
        const known = tags.filter((name) => !/^cp\d+-none-any$/.test(name) || theirs.includes(name));
        expect(portable(known)).toEqual(portable(theirs));
        expect(new Set(known)).toEqual(new Set(theirs));
      }
      if (report.tags !== null) expect(report.tags.filter((tag) => !tags.includes(tag))).toEqual([]);
      if (interpreter.ensurepipWheels !== undefined) expect(interpreter.ensurepipWheels).toBe(report.wheels!);
      const mark = join(report.paths["stdlib"]!, "EXTERNALLY-MANAGED");
      expect(interpreter.externallyManaged).toBe(fs.existsSync(mark) ? mark : undefined);
      const linked = spawnSync("ldd", [report.real], { encoding: "utf8", env: clean }).stdout.match(/libpython\S+ => (\S+)/)?.[1];
      expect(interpreter.sharedLibrary).toBe(linked === undefined ? undefined : fs.realpathSync(linked));
    });
  }

  for (const path of old) {
    test(`${path} is called too old, not broken`, async () => {
      try {
        await inspectInterpreter(path, options);
        throw new Error("accepted");
      } catch (error) {
        expect(error).toBeInstanceOf(PenError);
        expect((error as PenError).code).toBe("TARGET_UNSUPPORTED");
        expect((error as PenError).message).toContain("2.7.");
        expect((error as PenError).why).toContain("3.6");
      }
    });
  }
});

/** Makes an environment with the tool that comes with that Python. */
function makeEnvironment(python: string, folder: string): string {
  const run = spawnSync(python, ["-m", "venv", "--without-pip", folder], { encoding: "utf8", env: clean });
  if (run.status !== 0) throw new Error(run.stderr + run.stdout);
  return join(folder, "bin", "python");
}

describe("environments", () => {
  const makers = pythonsThat("import venv").map(({ path }) => path);
  for (const python of makers) {
    test(`made by ${python}, and one made from that one, point at the base`, async () => {
      const outer = makeEnvironment(python, join(machine.root, `env of ${python.replaceAll("/", "_")}`));
      const inner = makeEnvironment(outer, join(machine.root, `inner of ${python.replaceAll("/", "_")}`));
      for (const path of [outer, inner]) {
        const interpreter = await inspectInterpreter(path, options);
        compare(interpreter, selfReport(path));
        expect(interpreter.isVirtualEnvironment).toBe(true);
        expect(interpreter.externallyManaged).toBeUndefined();
        expect(fs.realpathSync(interpreter.baseExecutable)).toBe(fs.realpathSync(python));
        expect(dirname(interpreter.baseExecutable)).toBe(dirname(python));
      }
    });
  }

  const maker = makers[0];
  test.skipIf(maker === undefined)("one made with copies points at the base, too (needs a Python with venv)", async () => {
    const folder = join(machine.root, "copies");
    spawnSync(maker!, ["-m", "venv", "--copies", "--without-pip", folder], { env: clean });
    const interpreter = await inspectInterpreter(folder, options);
    expect(dirname(interpreter.baseExecutable)).toBe(dirname(maker!));
    expect(interpreter.realExecutable).toBe(join(folder, "bin", "python3"));
  });

  const names = ["with space", "it's", 'double " quote', "new\nline", "ünïcodé 日本 🐍", "$(touch x)", "back\\slash", "-dash", "100%"];
  test.skipIf(maker === undefined)("in folders with any name (needs a Python with venv)", async () => {
    for (const name of names) {
      const folder = join(machine.root, "names", name);
      fs.mkdirSync(join(folder, "bin"), { recursive: true });
      fs.symlinkSync(maker!, join(folder, "bin", "python"));
      fs.writeFileSync(join(folder, "pyvenv.cfg"), `home = ${dirname(maker!)}\n`);
      for (const locale of ["C.UTF-8", "C", "POSIX"]) {
        const own = { ...machine.with({ env: { LANG: locale, LC_ALL: locale } }), cacheFolder: join(machine.root, `cache ${locale}`) };
        const interpreter = await inspectInterpreter(folder, own);
        expect(interpreter.prefix).toBe(folder);
        expect(interpreter.executable).toBe(join(folder, "bin", "python"));
        expect(interpreter.paths.purelib.startsWith(`${folder}/`)).toBe(true);
        expect(fs.realpathSync(interpreter.baseExecutable)).toBe(fs.realpathSync(maker!));
      }
    }
  });

  // 3.6 is the one that does not take UTF-8 by itself there.
  const oldest = makers.at(-1);
  test.skipIf(oldest === undefined)("the oldest in the C locale names a folder that is not ASCII (needs a Python with venv)", async () => {
    const folder = join(machine.root, "é 日本");
    makeEnvironment(oldest!, folder);
    const interpreter = await inspectInterpreter(folder, machine.with({ env: { LANG: "C", LC_ALL: "C" } }));
    expect(interpreter.prefix).toBe(folder);
    expect(interpreter.realExecutable).toBe(fs.realpathSync(oldest!));
  });

  test.skipIf(maker === undefined)(
    "a link from elsewhere is followed to the installation's own name (needs a Python with venv)",
    async () => {
      const link = join(machine.root, "my-own-name");
      fs.symlinkSync(maker!, link);
      const interpreter = await inspectInterpreter(link, options);
      expect(interpreter.executable).toBe(link);
      expect(dirname(interpreter.baseExecutable)).toBe(dirname(maker!));
    },
  );
});

describe("the whole machine", () => {
  let found: Interpreter[] = [];
  const folders = modern.map(dirname).filter((folder) => !folder.startsWith(`${pyenvRoot}/`));
  const env = { PYENV_ROOT: pyenvRoot, PATH: [`${pyenvRoot}/shims`, ...folders, "/usr/bin", "/bin"].join(":") };
  const search = { ...machine.with({ env }), systemFolders: ["/usr/bin"] };
  beforeAll(async () => {
    found = await findInterpreters(search);
  });

  test("each installation is found once, active in pyenv or not", () => {
    const pypy = fs.readdirSync("/usr/bin").filter((name) => /^pypy3(?:\.\d+)?$/.test(name));
    const expected = new Set([...modern, ...pypy.map((name) => `/usr/bin/${name}`)].map((path) => fs.realpathSync(path)));
    expect(new Set(found.map((one) => one.realExecutable))).toEqual(expected);
    expect(found.length).toBe(expected.size);
  });

  test("every one is found again by its version and by its key", async () => {
    for (const interpreter of found) {
      expect((await findInterpreter(parseRequest(interpreter.version, search.host), search)).version).toBe(interpreter.version);
      const { key } = describeInterpreter(interpreter);
      expect((await findInterpreter(parseRequest(key, search.host), search)).version).toBe(interpreter.version);
    }
  });
});
