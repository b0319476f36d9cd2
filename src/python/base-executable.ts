import { isExecutableFile, readTextIfAny, realPath, basename, dirname, join, resolve } from "#foundation";
import type { ProbeAnswer } from "./answer.ts";
import { configOf } from "./environment-config.ts";

/** Environments made from environments are followed this far; a real chain has one or two. */
const maxChain = 16;

/** The value of `home` in the text of a `pyvenv.cfg`. */
export function homeOf(config: string): string | undefined {
  for (const line of config.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0 && line.slice(0, at).trim().toLowerCase() === "home") return line.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

/**
 * The executable that a new environment should point at: what the interpreter calls its base where that is true, else the end
 * of the `home` chain of `pyvenv.cfg` (Pythons before 3.11 take another environment for their base). Never one inside an
 * environment; undefined when the chain leads nowhere.
 */
export function baseExecutableOf(answer: ProbeAnswer, found: string): string | undefined {
  const base = versionedBase(answer, found);
  return base === undefined ? undefined : stablePath(base);
}

/**
 * Homebrew keeps each version in `Cellar/NAME/VERSION` and a link `opt/NAME` to the one in use. An upgrade removes the first, so environments point at the
 * second, where both lead to the same file. Any other path comes back as it is.
 */
function stablePath(path: string): string {
  const parts = /^(.*)\/Cellar\/([^/]+)\/[^/]+\/(.+)$/s.exec(path);
  if (parts === null) return path;
  const stable = `${parts[1]}/opt/${parts[2]}/${parts[3]}`;
  return isExecutableFile(stable) && realPath(stable) === realPath(path) ? stable : path;
}

function versionedBase(answer: ProbeAnswer, found: string): string | undefined {
  const own = isExecutableFile(answer.executable) ? answer.executable : found;
  const reported = answer.baseExecutable;
  const start = reported !== undefined && isExecutableFile(reported) && configOf(reported) === undefined ? reported : own;
  const end = followHomes(start, names(answer));
  return end === undefined ? inPrefix(undefined, answer) : (inPrefix(end, answer) ?? end);
}

/** Where `home` of the environment around `executable` leads, over as many environments as there are. */
function followHomes(executable: string, fallbacks: readonly string[]): string | undefined {
  let current = executable;
  for (let step = 0; step < maxChain; step += 1) {
    const config = configOf(current);
    if (config === undefined) return current;
    const home = homeOf(readTextIfAny(config) ?? "");
    if (home === undefined) return undefined;
    const folder = resolve(dirname(config), home);
    const next = [basename(current), ...fallbacks].map((name) => join(folder, name)).find(isExecutableFile);
    if (next === undefined) return undefined;
    current = next;
  }
  return undefined;
}

function names(answer: ProbeAnswer): string[] {
  const [major, minor] = answer.versionInfo;
  const plain = [`python${major}.${minor}`, "python3", "python"];
  const own =
    answer.implementation === "pypy"
      ? [`pypy${major}.${minor}`, "pypy3", "pypy"]
      : answer.implementation.startsWith("graal")
        ? ["graalpy"]
        : [];
  return answer.osName === "nt" ? [...own, ...plain].map((name) => `${name}.exe`) : [...own, ...plain];
}

/**
 * The same executable under its own prefix. A link from elsewhere (`~/bin/py312`) is a bad base: Python looks for its library
 * beside the folder that `home` names, and a relocatable build finds it nowhere else. With `executable` undefined, any that is there.
 */
function inPrefix(executable: string | undefined, answer: ProbeAnswer): string | undefined {
  const folders = answer.osName === "nt" ? [answer.basePrefix] : [join(answer.basePrefix, "bin")];
  if (executable !== undefined && folders.includes(dirname(executable))) return undefined;
  const wanted = executable === undefined ? names(answer) : [basename(executable), ...names(answer)];
  return folders
    .flatMap((folder) => wanted.map((name) => join(folder, name)))
    .find(
      (path) =>
        isExecutableFile(path) && configOf(path) === undefined && (executable === undefined || realPath(path) === realPath(executable)),
    );
}
