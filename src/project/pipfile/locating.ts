import { PenError, printableLine, targetStatusOf, type Host, dirname, join, resolve } from "#foundation";

/** As pipenv: this folder and nine above it. */
const defaultDepth = 10;

/**
 * The Pipfile of the project that a folder belongs to: `PIPENV_PIPFILE`, else the nearest one upwards, at most `PIPENV_MAX_DEPTH` folders far
 * (with `PIPENV_NO_INHERIT` only the folder itself). Undefined where there is none. Errors: `INVALID_PROJECT` when `PIPENV_PIPFILE` names no
 * file, `INVALID_CONFIG` when `PIPENV_MAX_DEPTH` is no number.
 */
export function locatePipfile(host: Host): string | undefined {
  const chosen = host.env["PIPENV_PIPFILE"];
  if (chosen) {
    const path = resolve(host.cwd, chosen);
    if (isFile(path)) return path;
    throw new PenError("INVALID_PROJECT", `PIPENV_PIPFILE names no file: ${printableLine(chosen)}`, {
      hint: "Correct the variable, or unset it to search from the working folder upwards.",
      data: { path },
    });
  }
  let folder = host.cwd;
  for (let left = searchDepth(host); left > 0; left -= 1) {
    const path = join(folder, "Pipfile");
    if (isFile(path)) return path;
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
  return undefined;
}

function isFile(path: string): boolean {
  return targetStatusOf(path)?.kind === "file";
}

function searchDepth({ env }: Host): number {
  const alone = env["PIPENV_NO_INHERIT"];
  if (alone && !/^(0|false|no|off)$/i.test(alone)) return 1;
  const written = env["PIPENV_MAX_DEPTH"];
  if (!written) return defaultDepth;
  if (/^\s*\d{1,6}\s*$/.test(written)) return Number(written);
  throw new PenError("INVALID_CONFIG", `PIPENV_MAX_DEPTH is no number: ${printableLine(written)}`, {
    hint: "It is the number of folders to look for a Pipfile in, like 10.",
  });
}
