import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError, isProcessAlive, type PenError } from "#foundation";
import { cleanEnvironment } from "../../tests/support/interpreters.ts";
import { pythons } from "../../tests/support/pythons.ts";
import { projectFiles, writeProject } from "../../tests/support/sources.ts";
import { Backend } from "./hooks.ts";
import { readBuildSystem } from "./project-file.ts";
import type { BuildOptions } from "./types.ts";

const python = pythons().at(-1)?.path ?? "python3";
let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pen-hooks-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Made {
  readonly backend: Backend;
  readonly added: string[][];
  readonly root: string;
  readonly scratch: string;
  readonly logs: string[];
  readonly lines: string[];
}

function make(source: string, options: Partial<BuildOptions> & { readonly path?: string } = {}): Made {
  const root = writeProject(
    join(folder, "project"),
    projectFiles({ name: "demo", version: "1.0", requires: ["needed>=1"], backend: source }),
  );
  const scratch = join(folder, "scratch");
  mkdirSync(scratch);
  const [added, logs, lines] = [[] as string[][], [] as string[], [] as string[]];
  const backend = new Backend({
    tree: { root, scratch },
    system: readBuildSystem(root, "demo"),
    environment: {
      python: options.path ?? python,
      variables: cleanEnvironment(join(folder, "home")),
      requires: [],
      add: async (more) => void added.push([...more]),
      close: () => {},
    },
    options: {
      editable: false,
      settings: {},
      timeoutMs: 20_000,
      emit: (event) => event.type === "log" && lines.push(event.message),
      signal: undefined,
      label: "demo 1.0",
      keepLog: (text) => (logs.push(text), "/place/of/the.log"),
      ...options,
    },
  });
  return { backend, added, root, scratch, logs, lines };
}

async function failure(work: Promise<unknown>): Promise<PenError> {
  try {
    await work;
  } catch (error) {
    if (isPenError(error, "BUILD_FAILED")) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

describe("an honest backend", () => {
  test.each(pythons().map(({ version, path }) => [version, path] as const))("builds on Python %s", async (_version, path) => {
    const { backend } = make("", { path });
    const metadata = await backend.prepareMetadata();
    expect(readFileSync(join(metadata ?? "", "METADATA"), "utf8")).toContain("Requires-Dist: needed>=1");
    const built = await backend.buildWheel(metadata);
    expect(built).toMatchObject({ filename: "demo-1.0-py3-none-any.whl" });
    expect(existsSync(built === "no-editable" ? "" : built.path)).toBe(true);
  });

  test("gets its settings, and what it prints is no answer", async () => {
    const { backend, lines } = make(
      'old = build_wheel\ndef build_wheel(d, config_settings=None, metadata_directory=None):\n    print("{\\"status\\": \\"done\\"}"); print(config_settings, flush=True)\n    return old(d, config_settings)\n',
      { settings: { a: "1", b: ["2", "3"] } },
    );
    expect(await backend.buildWheel(undefined)).toMatchObject({ filename: "demo-1.0-py3-none-any.whl" });
    expect(lines.join("\n")).toContain("{'a': '1', 'b': ['2', '3']}");
  });

  test("what it asks for is added before it goes on, once", async () => {
    const { backend, added } = make("def get_requires_for_build_wheel(config_settings=None): return ['more>=2']\n");
    await backend.prepareMetadata();
    await backend.buildWheel(undefined);
    expect(added).toEqual([["more>=2"]]);
  });

  test("without a hook for metadata there is none; without one for editable wheels that is said", async () => {
    expect(await make("del prepare_metadata_for_build_wheel\n").backend.prepareMetadata()).toBeUndefined();
    rmSync(folder, { recursive: true });
    expect(await make("del build_editable\n", { editable: true }).backend.buildWheel(undefined)).toBe("no-editable");
  });

  test("every hook has a process of its own", async () => {
    const { backend } = make(
      "import os\nstate = []\nold = build_wheel\ndef get_requires_for_build_wheel(config_settings=None):\n    state.append(1); os.chdir('/'); os.environ['LEFT'] = '1'; return []\n" +
        "def build_wheel(d, config_settings=None, metadata_directory=None):\n    assert not state and 'LEFT' not in os.environ and os.getcwd() != '/'\n    return old(d)\n",
    );
    expect(await backend.buildWheel(undefined)).toMatchObject({ filename: "demo-1.0-py3-none-any.whl" });
  });
});

const inBuild = (body: string): string =>
  `import os, sys, time, signal, subprocess\ndef build_wheel(d, config_settings=None, metadata_directory=None):\n    ${body.split("\n").join("\n    ")}\n`;

describe("a backend that misbehaves gives BUILD_FAILED:", () => {
  const cases: ReadonlyArray<readonly [what: string, source: string, reason: string, why: RegExp]> = [
    ["raises", inBuild("raise ValueError('broken on purpose')"), "hook-failed", /ValueError: broken on purpose/],
    ["exits", inBuild("sys.exit('setup says no')"), "hook-failed", /SystemExit: setup says no/],
    ["ends its process", inBuild("os._exit(7)"), "ended", /ended the process.*status 7/],
    ["ends its process as if all were well", inBuild("os._exit(0)"), "ended", /ended the process/],
    ["is ended by a signal", inBuild("os.kill(os.getpid(), signal.SIGSEGV)"), "crashed", /SIGSEGV/],
    ["answers with a path", inBuild("return '../demo-1.0-py3-none-any.whl'"), "bad-answer", /does not allow/],
    ["answers with nothing", inBuild("return None"), "bad-answer", /does not allow/],
    ["answers with a wheel that is not there", inBuild("return 'demo-1.0-py3-none-any.whl'"), "bad-answer", /does not allow/],
    [
      "answers with a link",
      inBuild("os.symlink('/etc/passwd', d + '/demo-1.0-py3-none-any.whl')\nreturn 'demo-1.0-py3-none-any.whl'"),
      "bad-answer",
      /does not allow/,
    ],
    ["has no build_wheel", "del build_wheel\n", "hook-missing", /has no build_wheel/],
    ["cannot be imported", "import not_there_at_all\n", "backend-missing", /cannot be imported.*not_there_at_all/],
    ["fails while it is imported", "raise RuntimeError('early')\n", "backend-broken", /RuntimeError: early/],
    [
      "always asks for more",
      "import random\ndef get_requires_for_build_wheel(config_settings=None): return [str(random.random())]\n",
      "bad-answer",
      /does not allow/,
    ],
    ["asks for nonsense", "def get_requires_for_build_wheel(config_settings=None): return 'setuptools'\n", "bad-answer", /does not allow/],
  ];
  test.each(cases)("%s", async (_what, source, reason, why) => {
    const { backend } = make(source);
    const error = await failure(backend.buildWheel(undefined));
    expect(error.data["reason"]).toBe(reason);
    expect(error.why).toMatch(why);
    expect(error.message).toBe("Could not build demo 1.0");
  });

  test("hangs: it is killed after the time limit, with its children", async () => {
    const { backend, root } = make(
      inBuild("child = subprocess.Popen(['sleep', '300'])\nopen('pid', 'w').write(str(child.pid))\ntime.sleep(300)"),
      { timeoutMs: 1500 },
    );
    const started = Date.now();
    const error = await failure(backend.buildWheel(undefined));
    expect(Date.now() - started).toBeLessThan(8000);
    expect(error.data["reason"]).toBe("timeout");
    expect(error.hint).toContain("--build-timeout");
    expect(isProcessAlive(Number(readFileSync(join(root, "pid"), "utf8")))).toBe(false);
  });

  test("leaves a daemon behind: it does not outlive the build", async () => {
    if (process.platform !== "linux") return console.log("only Linux gives daemons back to the one who looks after them");
    const { backend, root } = make(
      inBuild(
        "subprocess.Popen(['sleep', '300'], start_new_session=True)\nchild = subprocess.Popen(['sh', '-c', 'setsid sleep 300 & echo $! > pid; exit'])\nchild.wait()\ntime.sleep(0.2)\nraise ValueError('x')",
      ),
    );
    await failure(backend.buildWheel(undefined));
    expect(isProcessAlive(Number(readFileSync(join(root, "pid"), "utf8")))).toBe(false);
  });

  test("is interrupted: everything of it ends", async () => {
    const controller = new AbortController();
    const { backend, root } = make(
      inBuild(
        "child = subprocess.Popen(['sleep', '300'], start_new_session=True)\nopen('pid', 'w').write(str(child.pid))\ntime.sleep(300)",
      ),
      {
        signal: controller.signal,
      },
    );
    const building = backend.buildWheel(undefined).catch((error: unknown) => error);
    while (!existsSync(join(root, "pid"))) await Bun.sleep(20);
    await Bun.sleep(50);
    controller.abort(new Error("stop"));
    expect(await building).toEqual(new Error("stop"));
    await Bun.sleep(100);
    expect(isProcessAlive(Number(readFileSync(join(root, "pid"), "utf8")))).toBe(false);
  });

  test("floods its output: the log is bounded, and the end of it is shown", async () => {
    const { backend, logs } = make(
      inBuild(
        "for _ in range(400):\n    sys.stdout.write('x' * 100000 + '\\n')\nprint('the last line', flush=True)\nraise ValueError('flood')",
      ),
    );
    const error = await failure(backend.buildWheel(undefined));
    expect(logs[0]?.length).toBeLessThanOrEqual(1024 * 1024);
    expect(error.why?.length).toBeLessThan(6000);
    expect(error.why).toContain("ValueError: flood");
    expect(error.hint).toContain("/place/of/the.log");
  });

  test("prints control characters and credentials: neither reaches the terminal", async () => {
    const { backend } = make(inBuild("print('\\x1b[31mred https://user:s3cr3t@example.org/x', flush=True)\nraise ValueError('x')"));
    const error = await failure(backend.buildWheel(undefined));
    expect(error.why).not.toContain("\u001b");
    expect(error.why).not.toContain("s3cr3t");
  });

  test("a backend that is not the one of backend-path", async () => {
    const { backend } = make("");
    rmSync(join(folder, "project", "own_backend.py"));
    const error = await failure(backend.buildWheel(undefined));
    expect(error.data["reason"]).toBe("backend-missing");
  });

  test("backend-elsewhere: a module of the same name that stands somewhere else is not taken", async () => {
    const root = writeProject(join(folder, "other"), {
      "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "json"\nbackend-path = ["."]\n',
    });
    mkdirSync(join(folder, "scratch"));
    const own = new Backend({
      tree: { root, scratch: join(folder, "scratch") },
      system: readBuildSystem(root, "other"),
      environment: { python, variables: cleanEnvironment(folder), requires: [], add: async () => {}, close: () => {} },
      options: {
        editable: false,
        settings: {},
        timeoutMs: 5000,
        emit: () => {},
        signal: undefined,
        label: "other",
        keepLog: () => undefined,
      },
    });
    expect((await failure(own.buildWheel(undefined))).data["reason"]).toBe("backend-elsewhere");
  });
});

test("a failed build leaves nothing beside its own folders", async () => {
  const { backend } = make(inBuild("raise ValueError('x')"));
  await failure(backend.buildWheel(undefined));
  expect(readdirSync(folder).sort()).toEqual(["home", "project", "scratch"]);
});
