import { type Host, printableLine, runProcess } from "#foundation";
import { compiledPath } from "./harvest.ts";
import type { StoredWheel } from "./types.ts";

export interface CompileOptions {
  /** Processes at once; default 1. */
  readonly processes?: number;
  /** Milliseconds for all of it; default ten minutes. What is compiled by then counts. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** An interpreter that compiles for those like it. */
export interface Compiler extends CompileOptions {
  /** Path of the program. */
  readonly executable: string;
  /** Its `sys.implementation.cache_tag`. */
  readonly cacheTag: string;
}

export interface CompileJob {
  readonly wheel: StoredWheel;
  /** Sources, relative to site-packages. */
  readonly modules: readonly string[];
}

export interface Compiled {
  readonly wheel: StoredWheel;
  /** Compiled modules, relative to site-packages. */
  readonly compiled: readonly string[];
  /** The interpreter's magic number in hexadecimal. */
  readonly magic: string;
}

/**
 * Reads jobs from standard input and answers one line for each. It compiles and never runs what it compiles. A module with an
 * error is left out, as is one that Python of this version cannot read. Runs on 3.6 and newer.
 */
const program = `
import importlib.util, json, marshal, os, sys
magic = importlib.util.MAGIC_NUMBER
flags = b"" if sys.version_info < (3, 7) else bytes(4)
def word(number):
    return (int(number) & 0xFFFFFFFF).to_bytes(4, "little")
def put(target, data):
    temporary = target + "." + str(os.getpid()) + ".tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.chmod(temporary, 0o444)
        os.replace(temporary, target)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise
def build(root, module, target):
    with open(os.path.join(root, module), "rb") as file:
        source = file.read()
        status = os.fstat(file.fileno())
    code = compile(source, module, "exec", dont_inherit=True)
    put(os.path.join(root, target), magic + flags + word(status.st_mtime) + word(status.st_size) + marshal.dumps(code))
def opened(root, folder, seen):
    cache = os.path.join(root, folder, "__pycache__")
    if cache in seen:
        return
    seen.append(cache)
    if not os.path.isdir(cache):
        os.chmod(os.path.join(root, folder), 0o755)
        try:
            os.mkdir(cache)
        except FileExistsError:
            pass
        os.chmod(os.path.join(root, folder), 0o555)
    os.chmod(cache, 0o755)
tag, jobs = json.load(sys.stdin)
if tag != sys.implementation.cache_tag:
    sys.exit("this interpreter compiles for " + str(sys.implementation.cache_tag))
for root, modules in jobs:
    done, seen = [], []
    for module, target in modules:
        try:
            opened(root, os.path.dirname(module), seen)
            build(root, module, target)
            done.append(target)
        except Exception:
            pass
    for cache in seen:
        try:
            os.chmod(cache, 0o555)
        except OSError:
            pass
    sys.stdout.write(json.dumps(done) + "\\n")
    sys.stdout.flush()
sys.stderr.write("magic " + "".join("%02x" % byte for byte in magic) + "\\n")
`;

/** Compiles the modules of all jobs. A program that fails only leaves its modules uncompiled. */
export async function compileModules(
  jobs: readonly CompileJob[],
  compiler: Compiler,
  context: { readonly host: Host; readonly emit: (event: { type: "log"; level: "debug"; code: string; message: string }) => void },
): Promise<Compiled[]> {
  const groups = shareOut(jobs, Math.max(1, compiler.processes ?? 1));
  const answers = await Promise.all(groups.map((group) => compileGroup(group, compiler, context)));
  return answers.flat();
}

/** Groups of about the same work: the largest job goes to the group with the least. */
function shareOut(jobs: readonly CompileJob[], groups: number): CompileJob[][] {
  const shares = Array.from({ length: Math.min(groups, jobs.length) }, () => ({ bytes: 0, jobs: [] as CompileJob[] }));
  for (const job of [...jobs].sort((a, b) => b.wheel.manifest.size - a.wheel.manifest.size)) {
    const least = shares.reduce((best, share) => (share.bytes < best.bytes ? share : best));
    least.jobs.push(job);
    least.bytes += job.modules.length;
  }
  return shares.map((share) => share.jobs);
}

async function compileGroup(
  jobs: readonly CompileJob[],
  compiler: Compiler,
  context: Parameters<typeof compileModules>[2],
): Promise<Compiled[]> {
  const modules = ({ modules }: CompileJob) => modules.map((path) => [path, compiledPath(path, compiler.cacheTag)]);
  const input = JSON.stringify([compiler.cacheTag, jobs.map((job) => [`${job.wheel.folder}/tree`, modules(job)])]);
  const result = await runProcess(compiler.executable, ["-I", "-S", "-W", "ignore", "-c", program], {
    env: context.host.env,
    cwd: "/",
    input,
    timeoutMs: compiler.timeoutMs ?? 600_000,
    maxOutput: 256 * 2 ** 20,
    ...(compiler.signal === undefined ? {} : { signal: compiler.signal }),
  });
  if (result.status !== 0)
    context.emit({
      type: "log",
      level: "debug",
      code: "compile-failed",
      message: `${compiler.executable} ended early while it compiled: ${printableLine(result.stderr.slice(-500))}`,
    });
  const magic = /magic ([0-9a-f]{8})/.exec(result.stderr)?.[1] ?? "";
  const lines = result.stdout.split("\n");
  return jobs.flatMap((job, at) => {
    const compiled = namesIn(lines[at]);
    return compiled === undefined || magic === "" ? [] : [{ wheel: job.wheel, compiled, magic }];
  });
}

function namesIn(line: string | undefined): string[] | undefined {
  try {
    const value: unknown = JSON.parse(line ?? "");
    return Array.isArray(value) ? value.filter((name) => typeof name === "string") : undefined;
  } catch {
    return undefined;
  }
}
