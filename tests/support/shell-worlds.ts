/** For tests of `pen activate`, `pen shell` and `pen hook`: a home with pen on PATH and a project with an environment, and real shells to try them in. */
import { test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment, realPythons, shellProgram } from "./interpreters.ts";
import { execute, program, type Ran } from "./program.ts";

export interface World {
  readonly folder: string;
  readonly home: string;
  readonly project: string;
  readonly root: string;
  readonly env: Record<string, string>;
}

export interface ShellWorlds {
  /** A home of its own with pen as `pen` on PATH, and a project in a folder of the name, with an environment. */
  readonly world: (name: string) => Promise<World>;
  readonly python: string;
  /** Deletes all of them. */
  readonly remove: () => void;
}

/** Worlds in a folder whose name begins with `prefix`. */
export function shellWorlds(prefix: string): ShellWorlds {
  const base = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  const python = realPythons()[0]!;
  let count = 0;
  const world = async (name: string): Promise<World> => {
    const folder = join(base, `w${(count += 1)}`);
    const home = join(folder, "home");
    const project = `${folder}/${name}`;
    mkdirSync(join(folder, "bin"), { recursive: true });
    mkdirSync(project, { recursive: true });
    writeFileSync(join(folder, "bin", "pen"), `#!/bin/sh\necho "$@" >>'${folder}/asked'\nexec '${program()}' "$@"\n`, { mode: 0o755 });
    const env = cleanEnvironment(home, { PEN_CACHE_DIR: join(folder, "cache"), PEN_DATA_DIR: join(folder, "data") });
    env["PATH"] = `${folder}/bin:${env["PATH"]}`;
    const root = await makeEnvironment(project, { env, python });
    return { folder, home, project, root, env };
  };
  return { world, python, remove: () => rmSync(base, { recursive: true, force: true }) };
}

/** An environment `.venv` in a project. */
export async function makeEnvironment(project: string, { env, python }: { env: Record<string, string>; python: string }): Promise<string> {
  mkdirSync(project, { recursive: true });
  const made = await execute(program(), ["venv", "--no-seed", "-p", python], { cwd: project, env });
  if (made.stderr !== "") throw new Error(made.stderr);
  return `${project}/.venv`;
}

export const pen = (args: readonly string[], { cwd, env }: { cwd: string; env: Record<string, string> }): Promise<Ran> =>
  execute(program(), args, { cwd, env });

/** The same with a real pipe for standard input: fish does not read from a socket, which is what a child gets here. */
export const fromPipe = (path: string, args: readonly string[], options: Parameters<typeof execute>[2]): Promise<Ran> =>
  execute("/bin/sh", ["-c", 'cat | "$0" "$@"', path, ...args], options);

/** A test that needs a shell; skipped by name where it is not installed. */
export function forShell(name: string, what: string, check: (path: string) => Promise<void>): void {
  const path = shellProgram(name);
  if (path === undefined) test.skip(`${what} (skipped: ${name} is not installed)`, () => {});
  else test(what, () => check(path), 60_000);
}

/** A terminal that types: each line when the program has been quiet for a moment. It answers what line editors ask a terminal for. */
const typist = `
import fcntl, os, pty, select, struct, sys, termios, time
lines = sys.stdin.buffer.read().split(b"\\n")
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 200, 0, 0))
end = time.monotonic() + 40
quiet = float(os.environ.get("TYPIST_QUIET", "0.25"))
last = time.monotonic() + 0.3
while time.monotonic() < end:
    ready, _, _ = select.select([terminal], [], [], 0.05)
    if ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        os.write(1, data)
        for asked, answer in ((b"\\x1b[6n", b"\\x1b[1;1R"), (b"\\x1b[c", b"\\x1b[?62c"), (b"\\x1b[0c", b"\\x1b[?62c")):
            if asked in data:
                os.write(terminal, answer)
        last = time.monotonic()
    elif lines and time.monotonic() - last > quiet:
        os.write(terminal, lines.pop(0) + b"\\r")
        last = time.monotonic()
try:
    os.kill(pid, 9) if time.monotonic() >= end else None
except OSError:
    pass
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

/** Types lines into an interactive program on a terminal; the last should make it end. */
export function typed(python: string, command: readonly string[], options: Parameters<typeof execute>[2]): Promise<Ran> {
  return execute(python, ["-I", "-c", typist, ...command], options);
}
