import { PenError, printableLine, realPath, runProcess, join } from "#foundation";
import type { Interpreter } from "#python";
import { isSystemPrefix } from "./python.ts";

/** What a staged Python says of itself. */
interface Answer {
  readonly prefix: string;
  readonly path: readonly string[];
  readonly packages: readonly string[];
  readonly mapped: readonly string[];
}

const question = `
import json, os, site, sys
mapped = []
try:
    with open("/proc/self/maps") as maps:
        mapped = sorted({line.split(None, 5)[5].rstrip("\\n") for line in maps if line.count("/")})
except (OSError, IndexError):
    pass
print(json.dumps({"prefix": sys.prefix, "path": [os.path.abspath(p) for p in sys.path], "packages": site.getsitepackages(), "mapped": mapped}))
`;

/**
 * Starts the Python in `stage` without any variable of this machine and asks where it finds its parts. Gives the folder, inside the stage, that it imports
 * packages from. Errors: TARGET_UNSUPPORTED when it does not start, or uses anything of the old place.
 */
export async function checkStaged(interpreter: Interpreter, stage: string, signal?: AbortSignal): Promise<string> {
  const result = await runProcess(join(stage, "bin", "python"), ["-I", "-B", "-c", question], {
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C.UTF-8" },
    cwd: "/",
    timeoutMs: 60_000,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.status !== 0) throw unusable(`It does not start: ${lastLine(result.stderr) || (result.signal ?? "no word why")}`);
  const answer = JSON.parse(lastLine(result.stdout)) as Answer;
  const real = realPath(stage);
  const inside = (path: string): boolean => path === real || path.startsWith(`${real}/`) || path === stage || path.startsWith(`${stage}/`);
  if (!inside(answer.prefix)) throw unusable(`It still looks for its standard library in ${printableLine(answer.prefix)}.`);
  const away = answer.path.filter((path) => !inside(path));
  if (away.length > 0) throw unusable(`It still imports from ${away.map(printableLine).join(", ")}.`);
  const { basePrefix } = interpreter;
  const taken = answer.mapped.filter(
    (path) =>
      !inside(path) && (/\/lib(?:python|pypy)[^/]*$/.test(path) || (!isSystemPrefix(basePrefix) && path.startsWith(`${basePrefix}/`))),
  );
  if (taken.length > 0) throw unusable(`It still loads ${taken.map(printableLine).join(", ")}.`);
  const folders = answer.packages.filter(inside);
  // As deep as in an environment: then the paths in RECORD files are right as they are.
  const library = folders.find((path) => path.slice(real.length + 1).split("/").length === 3) ?? folders[0];
  if (library === undefined) throw unusable("It has no folder for packages of its own.");
  return library;
}

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? "";

function unusable(why: string): PenError {
  return new PenError("TARGET_UNSUPPORTED", "The Python of this environment does not work elsewhere", {
    why,
    hint: "Make the environment from another Python; `pen python list` shows them.",
  });
}
