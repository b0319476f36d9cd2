/** Backends that crash, hang, flood, lie and leave things behind: a clear error, a bounded log, nothing kept, and the environment as it was. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isProcessAlive } from "#foundation";
import { buildSource, projectFiles, writeProject } from "../support/sources.ts";
import { digest, openWorld, projects, python, type World } from "../support/world.ts";

const building = (...lines: string[]): string =>
  `import os, sys, signal, subprocess, time, zipfile\ndef build_wheel(d, config_settings=None, metadata_directory=None):\n${lines.map((line) => `    ${line}\n`).join("")}`;
/** Builds an honest wheel first, and then does this to it: `path` is the wheel, `name` its file name. */
const honest = (...lines: string[]): string =>
  building('name = _build(d, [(NAME + ".py", "")], None)', "path = os.path.join(d, name)", ...lines, "return name");
const adds = (member: string, content = "'x'"): string =>
  honest(`with zipfile.ZipFile(path, 'a') as archive: archive.writestr(${member}, ${content})`);

interface Case {
  readonly backend: string;
  /** What the error must say. */
  readonly says: RegExp;
  readonly reason?: string;
  readonly options?: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  "reads memory that is not there": {
    backend: building("import ctypes", "ctypes.string_at(0)"),
    says: /was ended by SIGSEGV \(build_wheel\)/,
    reason: "crashed",
  },
  aborts: { backend: building("os.abort()"), says: /was ended by SIGABRT/, reason: "crashed" },
  "is killed": { backend: building("os.kill(os.getpid(), signal.SIGKILL)"), says: /SIGKILL[^]*memory ran out/, reason: "crashed" },
  "kills whoever started it": {
    backend: building("os.kill(os.getppid(), signal.SIGKILL)", "time.sleep(0.3)", "return 'x'"),
    says: /was ended by SIGKILL|ended the process/,
  },
  "ends its process": { backend: building("os._exit(7)"), says: /ended the process \(build_wheel\) with status 7/, reason: "ended" },
  "ends its process as if all were well": {
    backend: building("os._exit(0)"),
    says: /ended the process \(build_wheel\) with status 0/,
    reason: "ended",
  },
  "ends its process while it is imported": { backend: "import os\nos._exit(0)\n", says: /ended the process/, reason: "ended" },
  "crashes while it prepares metadata": {
    backend: "def prepare_metadata_for_build_wheel(d, config_settings=None):\n    import ctypes; ctypes.string_at(0)\n",
    says: /was ended by SIGSEGV \(prepare_metadata_for_build_wheel\)/,
    reason: "crashed",
  },
  hangs: {
    backend: building("time.sleep(300)"),
    says: /did not end within 2 s, and was killed[^]*--build-timeout/,
    reason: "timeout",
    options: ["--build-timeout", "2"],
  },
  "hangs and is deaf to signals": {
    backend: building(
      "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM): signal.signal(number, signal.SIG_IGN)",
      "while True: time.sleep(1)",
    ),
    says: /did not end within 2 s/,
    reason: "timeout",
    options: ["--build-timeout", "2"],
  },
  "hangs while it is imported": {
    backend: "import time\ntime.sleep(300)\n",
    says: /did not end within 2 s/,
    reason: "timeout",
    options: ["--build-timeout", "2"],
  },
  "waits for somebody to type": {
    backend: building("print('Continue? ', end='', flush=True)", "input()"),
    says: /EOFError/,
    reason: "hook-failed",
  },
  "floods its output": {
    backend: building(
      "for _ in range(600): sys.stdout.write('x' * 99999 + '\\n'); sys.stderr.write('y' * 99999 + '\\n')",
      "sys.stdout.flush()",
      "raise ValueError('flood')",
    ),
    says: /ValueError: flood/,
    reason: "hook-failed",
  },
  "floods its output without an end of line": {
    backend: building("for _ in range(600): sys.stdout.write('x' * 99999)", "raise ValueError('flood')"),
    says: /ValueError: flood/,
    reason: "hook-failed",
  },
  "prints what a terminal obeys": {
    backend: building("print('\\x1b[2J\\x1b]0;title\\x07', flush=True)", "raise ValueError('\\x1b[31mred')"),
    says: /ValueError: .*red/,
    reason: "hook-failed",
  },
  "prints what is no text": {
    backend: building("os.write(1, bytes(range(256)))", "raise ValueError('x')"),
    says: /ValueError: x/,
    reason: "hook-failed",
  },
  "answers with nothing": {
    backend: building("pass"),
    says: /gave an answer \(build_wheel\) that PEP 517 does not allow/,
    reason: "bad-answer",
  },
  "answers with a number": { backend: building("return 42"), says: /does not allow/, reason: "bad-answer" },
  "answers with what JSON cannot hold": { backend: building("return {1, 2}"), says: /does not allow|ended the process/ },
  "answers with a path": {
    backend: honest("name = '../' + name"),
    says: /does not allow: it named the wheel "\.\.\//,
    reason: "bad-answer",
  },
  "answers with a wheel that is not there": {
    backend: building("return 'x-1.0-py3-none-any.whl'"),
    says: /does not allow: it named the wheel "x-1\.0-py3/,
    reason: "bad-answer",
  },
  "answers with a name that is no wheel's": {
    backend: honest("os.rename(path, d + '/wheel.zip')", "name = 'wheel.zip'"),
    says: /does not allow: it named the wheel "wheel\.zip"/,
    reason: "bad-answer",
  },
  "answers with a folder": {
    backend: building("os.mkdir(d + '/x-1.0-py3-none-any.whl')", "return 'x-1.0-py3-none-any.whl'"),
    says: /does not allow/,
    reason: "bad-answer",
  },
  "answers with a link": {
    backend: honest("os.rename(path, path + '.real')", "os.symlink(path + '.real', path)"),
    says: /does not allow/,
    reason: "bad-answer",
  },
  "answers with a pipe": {
    backend: building("os.mkfifo(d + '/x-1.0-py3-none-any.whl')", "return 'x-1.0-py3-none-any.whl'"),
    says: /does not allow/,
    reason: "bad-answer",
  },
  "forges the answer": {
    backend: building(
      "import glob",
      "for path in glob.glob(os.path.join(d, '..', '*', 'request.json')): open(path.replace('request', 'answer'), 'w').write('{\"status\": \"done\", \"value\": \"../../x\"}')",
      "os.kill(os.getppid(), signal.SIGKILL)",
      "time.sleep(0.2)",
      "os._exit(0)",
    ),
    says: /does not allow|was ended by/,
  },
  "asks for what is no list": {
    backend: "def get_requires_for_build_wheel(config_settings=None): return 'greeting'\n",
    says: /does not allow/,
    reason: "bad-answer",
  },
  "asks for what is no requirement": {
    backend: "def get_requires_for_build_wheel(config_settings=None): return ['not a requirement !']\n",
    says: /not a requirement !/,
  },
  "asks for what no index has": {
    backend: "def get_requires_for_build_wheel(config_settings=None): return ['nowhere-to-be-found']\n",
    says: /build requirements of [^]*nowhere-to-be-found/,
  },
  "makes a wheel that is no zip": {
    backend: honest("open(path, 'w').write('nothing')"),
    says: /made a wheel that breaks the rules/,
    reason: "bad-wheel",
  },
  "makes a wheel that leads out of the environment": {
    backend: adds("'../../../../escaped.txt'"),
    says: /made a wheel that breaks the rules[^]*escaped/,
    reason: "bad-wheel",
  },
  "makes a wheel with an absolute path": {
    backend: adds("'/tmp/escaped.txt'"),
    says: /made a wheel that breaks the rules[^]*escaped/,
    reason: "bad-wheel",
  },
  "makes a wheel with a file that RECORD does not know": {
    backend: adds("'hidden.py'"),
    says: /made a wheel that breaks the rules[^]*hidden\.py/,
    reason: "bad-wheel",
  },
  "makes a wheel of another project": { backend: "NAME = 'other'\n", says: /turned out to be other 1\.0|is not|breaks the rules/ },
  "makes a wheel of another version": {
    backend: honest().replace("name = _build", "globals()['VERSION'] = '9.0'; name = _build"),
    says: /9\.0/,
  },
  "makes a wheel for another machine": {
    backend: honest("other = name.replace('py3-none-any', 'cp27-cp27m-win32')", "os.rename(path, os.path.join(d, other))", "name = other"),
    says: /win32/,
  },
};

describe.if(python !== undefined)("a backend that", () => {
  let world: World;
  let environment = "";
  beforeAll(async () => {
    world = await openWorld({ projects: projects({ name: "greeting", version: "1.0" }) });
    environment = world.bareEnvironment("environment");
    Object.values(cases).forEach(({ backend }, at) => {
      const { filename, bytes } = buildSource({ name: `wrong${at}`, version: "1.0", backend });
      world.index.setProject(`wrong${at}`, [{ filename, bytes }]);
    });
  });
  afterAll(() => world.close());

  const state = (): Record<string, string> =>
    Object.fromEntries(Object.entries(digest(environment)).filter(([path]) => !path.startsWith(".pen/")));
  const builds = (): string => join(world.cache, "builds", "v1");
  const keptWheels = (): string[] =>
    existsSync(builds()) ? (readdirSync(builds(), { recursive: true }) as string[]).filter((path) => /wheel\.json$|\.whl$/.test(path)) : [];

  test.each(Object.entries(cases).map(([what, one], at) => [what, one, `wrong${at}`] as const))(
    "%s",
    async (_what, { says, reason, options = [] }, name) => {
      const before = state();
      const { status, stdout, milliseconds } = await world.pen(
        ["pip", "install", "--json", "--allow-builds", ...options, "greeting", name],
        { environment },
      );
      const { error } = JSON.parse(stdout) as {
        error: { code: string; message: string; why: string; hint: string; data: Record<string, string> };
      };
      const text = [error.message, error.why, error.hint].join("\n");
      expect(text).toMatch(says);
      expect(status).toBe(1);
      if (reason !== undefined) expect({ code: error.code, reason: error.data["reason"] }).toEqual({ code: "BUILD_FAILED", reason });
      expect(text.length).toBeLessThan(8000);
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
      expect(milliseconds).toBeLessThan(20_000);
      const { log } = error.data;
      if (log !== undefined) expect(statSync(log).size).toBeLessThanOrEqual(1024 * 1024);
      expect(state()).toEqual(before);
      expect(keptWheels()).toEqual([]);
      expect(readdirSync(join(builds(), "work"))).toEqual([]);
    },
  );

  test("leaves children and daemons behind: none outlives the command, whether the build succeeded or failed", async () => {
    for (const [name, end] of [
      ["leaving", "return _build(d, [], None)"],
      ["failing", "raise ValueError('x')"],
    ] as const) {
      const pids = join(world.work, `${name}-pids`);
      const { filename, bytes } = buildSource({
        name,
        version: "1.0",
        backend: building(
          "own = subprocess.Popen(['sleep', '300'])",
          "away = subprocess.Popen(['sleep', '300'], start_new_session=True)",
          `subprocess.call(['sh', '-c', 'setsid sleep 300 >/dev/null 2>&1 & echo $! > ' + os.environ['PIDS']])`,
          "open(os.environ['PIDS'], 'a').write('%d\\n%d\\n' % (own.pid, away.pid))",
          end,
        ),
      });
      world.index.setProject(name, [{ filename, bytes }]);
      await world.pen(["pip", "install", "--allow-builds", name], { environment, env: { PIDS: pids } });
      const alive = readFileSync(pids, "utf8").trim().split("\n").map(Number);
      expect(alive).toHaveLength(3);
      expect(alive.filter((pid) => isProcessAlive(pid))).toEqual([]);
      rmSync(pids);
    }
  });

  test("writes beside its project: what stands beside yours is not touched, and nothing of it is installed", async () => {
    const backend = building(
      "open(os.path.join(os.getcwd(), '..', 'beside.txt'), 'w').write('x')",
      "open('inside.txt', 'w').write('x')",
      "open(os.path.join(d, 'more.txt'), 'w').write('x')",
      "open(os.path.join(d, 'more-1.0-py3-none-any.whl'), 'w').write('x')",
      'return _build(d, [("tidy.py", "")], None)',
    );
    const folder = join(world.work, "projects");
    writeProject(join(folder, "tidy"), projectFiles({ name: "tidy", version: "1.0", backend }));
    const before = digest(folder);
    expect(await world.pen(["pip", "install", "./projects/tidy"], { environment })).toMatchObject({ status: 0 });
    expect(digest(folder)).toEqual(before);
    expect(readdirSync(join(builds(), "work"))).toEqual([]);
  });

  test("builds a wheel that needs other things than it said before: that is told", async () => {
    const backend =
      "def build_wheel(d, config_settings=None, metadata_directory=None):\n    REQUIRES.append('greeting>=1'); REQUIRES.remove('six'); return _build(d, [], None)\n";
    for (const [name, requires] of [
      ["changing", ["six", "Toolkit >=1 ; extra == 'x'"]],
      ["steady", ["Toolkit >=1 ; extra == 'x'"]],
    ] as const) {
      const { filename, bytes } = buildSource({ name, version: "1.0", requires, backend: name === "changing" ? backend : "" });
      world.index.setProject(name, [{ filename, bytes }]);
      const { status, stderr } = await world.pen(["pip", "install", "--allow-builds", "--no-deps", name], { environment });
      expect({ name, status, told: stderr.includes("turned out to need other packages") }).toEqual({
        name,
        status: 0,
        told: name === "changing",
      });
      if (name === "changing")
        expect(stderr).toMatch(/changing 1\.0 turned out to need other packages than its source said; also: greeting>=1; not: six\./);
    }
  });

  test("looks for the environment that is installed into: it sees only its own", async () => {
    const backend = building(
      "assert os.environ['VIRTUAL_ENV'] == sys.prefix, os.environ['VIRTUAL_ENV']",
      "assert not [name for name in os.environ if name.startswith(('PEN_', 'PYTHON')) and name not in ('PYTHONNOUSERSITE', 'PYTHONDONTWRITEBYTECODE')], os.environ",
      "open(os.path.join(sys.prefix, 'pyvenv.cfg'), 'a').write('spoiled')",
      "return _build(d, [], None)",
    );
    const { filename, bytes } = buildSource({ name: "looking", version: "1.0", backend });
    world.index.setProject("looking", [{ filename, bytes }]);
    const before = readFileSync(join(environment, "pyvenv.cfg"), "utf8");
    const ran = await world.pen(["pip", "install", "--allow-builds", "looking"], {
      environment,
      env: { PEN_INDEX_URL: world.index.indexUrl, PYTHONPATH: "/nowhere" },
    });
    expect(ran).toMatchObject({ status: 0 });
    expect(readFileSync(join(environment, "pyvenv.cfg"), "utf8")).toBe(before);
  });
});
