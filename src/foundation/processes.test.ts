import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtimes, scriptCommand, startChild } from "../../tests/support/children.ts";
import { isPenError, type PenError } from "./errors.ts";
import { runProcess } from "./processes.ts";

let base: string;
beforeAll(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), "pen-processes-"));
});
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" };
const sh = (script: string, options: Parameters<typeof runProcess>[2] = {}): ReturnType<typeof runProcess> =>
  runProcess("sh", ["-c", script], { env, ...options });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that nobody has waited for yet is dead all the same.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function goneSoon(pid: number): Promise<boolean> {
  for (let turn = 0; turn < 100 && isAlive(pid); turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  return !isAlive(pid);
}

async function failureOf(work: Promise<unknown>): Promise<PenError> {
  try {
    await work;
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("did not fail");
}

describe("runProcess", () => {
  test("status, both outputs, input and variables", async () => {
    const result = await sh('cat; printf "%s" "$WORD" >&2; exit 7', { input: "é\n日本", env: { ...env, WORD: "ü", GONE: undefined } });
    expect(result).toEqual({ status: 7, signal: undefined, stdout: "é\n日本", stderr: "ü", timedOut: false });
    expect((await runProcess("env", [], { env: { PATH: "/usr/bin:/bin", GONE: undefined } })).stdout).toBe("PATH=/usr/bin:/bin\n");
  });

  test("words reach the program as they are: no shell reads them", async () => {
    const words = ["a b", "$(touch pwned)", "*", "'", '"', "line\nbreak", "", "é🐍", "-n"];
    const { stdout } = await runProcess("sh", ["-c", 'for word; do printf "%s\\0" "$word"; done', "sh", ...words], { env, cwd: base });
    expect(stdout.split("\0").slice(0, -1)).toEqual(words);
    expect(fs.readdirSync(base)).not.toContain("pwned");
  });

  test("without input, standard input is empty; a program that does not read it is no error", async () => {
    expect((await sh("cat")).stdout).toBe("");
    expect((await sh("exit 3", { input: "x".repeat(1 << 20) })).status).toBe(3);
  });

  test("a signal that ends the program is told", async () => {
    expect(await sh("kill -TERM $$")).toMatchObject({ status: undefined, signal: "SIGTERM", timedOut: false });
  });

  test("the time-out kills the program and all that it started", async () => {
    const started = Date.now();
    const result = await sh("sleep 30 & echo $!; sh -c 'sleep 30 & echo $!; wait'; wait", { timeoutMs: 400 });
    expect(result).toMatchObject({ status: undefined, signal: "SIGKILL", timedOut: true });
    expect(Date.now() - started).toBeLessThan(2000);
    const pids = result.stdout.trim().split("\n").map(Number);
    expect(pids.length).toBe(2);
    for (const pid of pids) expect(await goneSoon(pid)).toBe(true);
  });

  test("a time-out that comes after the end is none", async () => {
    const result = await sh("setsid sleep 3 & echo done", { timeoutMs: 600 });
    expect(result).toMatchObject({ status: 0, stdout: "done\n", timedOut: false });
  });

  for (const runtime of runtimes) {
    test(`a daemon that keeps the pipe open is not waited for, and does not keep the caller alive (${runtime})`, async () => {
      const source = `
import { runProcess } from ${JSON.stringify(join(import.meta.dirname, "processes.ts"))};
const result = await runProcess("sh", ["-c", "setsid sh -c 'sleep 6' & echo $!; echo done"]);
console.log(JSON.stringify(result));`;
      const started = Date.now();
      const child = startChild(scriptCommand(join(base, "scripts"), source, runtime));
      expect(JSON.parse((await child.line()) ?? "")).toMatchObject({ status: 0, stdout: expect.stringContaining("done") });
      expect(await child.ended).toBe(0);
      expect(Date.now() - started).toBeLessThan(4000);
    });
  }

  test("a child left behind in the group is killed when the program has ended", async () => {
    const { stdout } = await sh("sleep 30 & echo $!");
    expect(await goneSoon(Number(stdout))).toBe(true);
  });

  test("of too much output the start of stdout and the end of stderr are kept", async () => {
    const script = "i=0; while [ $i -lt 20000 ]; do echo line $i; echo line $i >&2; i=$((i+1)); done";
    const { status, stdout, stderr } = await sh(script, { maxOutput: 1000 });
    expect(status).toBe(0);
    expect([stdout.length, stderr.length]).toEqual([1000, 1000]);
    expect(stdout).toStartWith("line 0\nline 1\n");
    expect(stderr).toEndWith("line 19999\n");
  });

  test("an abort kills the program and gives its reason; one before the start starts nothing", async () => {
    const controller = new AbortController();
    const reason = new Error("no more");
    setTimeout(() => controller.abort(reason), 200);
    const pidFile = join(base, "pid");
    const started = Date.now();
    expect(await sh(`echo $$ >'${pidFile}'; sleep 30`, { signal: controller.signal }).catch((error: unknown) => error)).toBe(reason);
    expect(Date.now() - started).toBeLessThan(2000);
    expect(await goneSoon(Number(fs.readFileSync(pidFile, "utf8")))).toBe(true);
    expect(await sh(`touch '${base}/started'`, { signal: controller.signal }).catch((error: unknown) => error)).toBe(reason);
    expect(fs.existsSync(join(base, "started"))).toBe(false);
  });

  test("what cannot be started says why", async () => {
    fs.writeFileSync(join(base, "no-program"), "not a program", { mode: 0o755 });
    fs.writeFileSync(join(base, "no-mode"), "#!/bin/sh\n", { mode: 0o644 });
    const cases: ReadonlyArray<readonly [command: string, args: string[], cwd: string | undefined, why: RegExp]> = [
      [join(base, "missing"), [], undefined, /does not exist/],
      [join(base, "no-mode"), [], undefined, /permission/],
      ["/bin/pwd", [], join(base, "nowhere"), /folder to start it in does not exist/],
      ["/bin/echo", ["x".repeat(1 << 20)], undefined, /too long/],
      ["/bin/echo", ["a\0b"], undefined, /null/i],
    ];
    for (const [command, args, cwd, why] of cases) {
      const error = await failureOf(runProcess(command, args, { env, ...(cwd === undefined ? {} : { cwd }) }));
      expect([error.code, error.message]).toEqual(["PROCESS_FAILED", `Could not start ${command}`]);
      expect(error.why).toMatch(why);
    }
  });
});

const becoming = `
import { becomeProcess } from ${JSON.stringify(join(import.meta.dirname, "processes.ts"))};
const [path, argv, env] = JSON.parse(process.argv[2]);
if (process.argv[3] === "tell") console.log(process.pid);
try { await becomeProcess(path, argv, env); } catch (error) { console.log(error.code, error.why); process.exitCode = 99; }
`;

describe("becomeProcess", () => {
  for (const runtime of runtimes) {
    describe(runtime, () => {
      const command = (path: string, argv: readonly string[], more: Record<string, string> = {}): string[] => [
        ...scriptCommand(join(base, "scripts"), becoming, runtime),
        JSON.stringify([path, argv, { ...env, ...more }]),
      ];
      const run = (words: readonly string[]): ReturnType<typeof spawnSync> & { stdout: string } =>
        spawnSync(words[0]!, words.slice(1), { encoding: "utf8", input: "from standard input\n", env });

      test("words, variables and standard input arrive as they are", () => {
        const words = ["a b", "line\nbreak", "é 日本 🐍", "", "$(x)", "'\"\\", "-n"];
        const ran = run(
          command("/bin/sh", ["my sh", "-c", 'for word; do printf "%s\\0" "$word"; done; printf "%s\\0" "$NAME"; cat', "zero", ...words], {
            NAME: "ü\nv",
          }),
        );
        expect(ran.stdout.split("\0")).toEqual([...words, "ü\nv", "from standard input\n"]);
        expect(ran.status).toBe(0);
      });

      test("argv[0] is what was asked for", () => {
        expect(run(command("/bin/sh", ["my sh", "-c", "echo $0"])).stdout).toBe("my sh\n");
      });

      test("nothing of our variables leaks in", () => {
        expect(run(command("/usr/bin/env", ["env"])).stdout).toBe("PATH=/usr/bin:/bin\nLC_ALL=C.UTF-8\n");
      });

      test("the exit status is the program's", () => {
        for (const status of [0, 1, 77, 255]) expect(run(command("/bin/sh", ["sh", "-c", `exit ${status}`])).status).toBe(status);
      });

      test("a program that a signal ends leaves us ended by that signal", () => {
        expect(run(command("/bin/sh", ["sh", "-c", "kill -TERM $$"])).signal).toBe("SIGTERM");
        expect(run(command("/bin/sh", ["sh", "-c", "kill -KILL $$"])).signal).toBe("SIGKILL");
      });

      test("signals that are sent to us reach the program", async () => {
        for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
          const script = `trap 'echo got ${name}; exit 5' ${name.slice(3)}; echo ready; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.2; done`;
          const child = startChild(command("/bin/sh", ["sh", "-c", script]));
          expect(await child.line()).toBe("ready");
          child.process.kill(name);
          expect(await child.line()).toBe(`got ${name}`);
          expect(await child.ended).toBe(5);
        }
      });

      test("no signal is left ignored: `yes | head` ends in silence", () => {
        const ran = run(command("/bin/sh", ["sh", "-c", "grep SigIgn /proc/self/status; yes | head -1"]));
        expect(ran.stdout).toBe("SigIgn:\t0000000000000000\ny\n");
        expect(String(ran.stderr)).toBe("");
      });

      test("what cannot be started says why", () => {
        fs.writeFileSync(join(base, "plain"), "#!/bin/sh\n", { mode: 0o644 });
        expect(run(command(join(base, "missing"), ["x"])).stdout).toContain("PROCESS_FAILED It does not exist (ENOENT)");
        expect(run(command(join(base, "plain"), ["x"])).stdout).toContain("PROCESS_FAILED You have no permission for it (EACCES)");
        expect(run(command(base, ["x"])).stdout).toContain("PROCESS_FAILED You have no permission for it (EACCES)");
        expect(run(command(join(base, "missing"), ["x"])).status).toBe(99);
      });

      test("a script without a #! line is run by sh, as in a shell", () => {
        fs.writeFileSync(join(base, "bare"), 'echo "bare $1"\n', { mode: 0o755 });
        expect(run(command(join(base, "bare"), ["bare", "a b"])).stdout).toBe("bare a b\n");
      });
    });
  }

  test("under Bun the program has our PID: it took our place", async () => {
    const words = [
      ...scriptCommand(join(base, "scripts"), becoming, "bun"),
      JSON.stringify(["/bin/sh", ["sh", "-c", "echo $$"], env]),
      "tell",
    ];
    const child = startChild(words);
    const own = await child.line();
    expect(own).toBe(String(child.process.pid));
    expect(await child.line()).toBe(own);
  });

  test("a NUL in a word is refused, not cut off", () => {
    for (const runtime of runtimes) {
      const [program, script] = scriptCommand(join(base, "scripts"), becoming, runtime);
      const ran = spawnSync(program, [script, JSON.stringify(["/bin/echo", ["echo", "a\0b"], env])], { encoding: "utf8", env });
      expect(ran.status).toBe(99);
      expect(ran.stdout).toContain("PROCESS_FAILED");
    }
  });
});
