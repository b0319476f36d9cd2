import { isPenError, isFolder, printableLine, statusOf, targetStatusOf, warn, writeAtomic, basename, dirname, join } from "#foundation";
import { followRedirect } from "#python";
import { readPyvenvConfig } from "#venv";
import type { Settings } from "../settings.ts";

/**
 * Points the file `.venv` beside an environment at it (PEP 832), as virtualenv does: without `wanted` only beside a `pyproject.toml`
 * and when there is no `.venv` yet; with `wanted` also elsewhere, and over a file that leads to an environment of pen or virtualenv. A folder, a link, and
 * a file that leads anywhere else stay. Gives the file when it was written. A file that cannot be written is a warning.
 */
export function pointRedirect(root: string, wanted: boolean | undefined, settings: Settings): string | undefined {
  const name = basename(root);
  const file = join(dirname(root), ".venv");
  if (wanted === false || name === ".venv") return undefined;
  const before = statusOf(file);
  if (wanted === undefined && (before !== undefined || targetStatusOf(join(dirname(root), "pyproject.toml"))?.kind !== "file"))
    return undefined;
  if (before !== undefined && !isOurs(file, settings)) {
    settings.emit({
      type: "log",
      level: "debug",
      code: "redirect-kept",
      message: `${printableLine(file)} stays as it is: it is no file that leads to an environment of pen or virtualenv.`,
    });
    return undefined;
  }
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name) || name.trim() !== name) {
    warn(settings.emit, "redirect", `${printableLine(file)} was not written: the name ${printableLine(name)} does not fit on one line.`);
    return undefined;
  }
  try {
    writeAtomic(file, `${name}\n`);
    return file;
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error;
    warn(settings.emit, "redirect", `${printableLine(file)} was not written: ${error.why ?? error.message}`);
    return undefined;
  }
}

function isOurs(file: string, { host }: Settings): boolean {
  const redirect = followRedirect(file, host);
  if (redirect?.kind !== "environment" || !isFolder(redirect.root)) return false;
  const config = readPyvenvConfig(join(redirect.root, "pyvenv.cfg"));
  return config?.get("virtualenv") !== undefined || config?.get("pen") !== undefined;
}
