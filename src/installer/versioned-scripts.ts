import type { StoredFile, WheelManifest } from "#store";
import type { InstallTarget } from "./types.ts";

/** The commands that real pip gives names with the version of the environment's Python, with the text between name and version. */
const versioned: Readonly<Record<string, string>> = { pip: "", easy_install: "-" };

/** The part of a wheel's manifest that says which commands it brings. */
type Commands = Pick<WheelManifest, "scripts">;

function familyOf({ scripts }: Commands): string | undefined {
  for (const { name } of scripts) if (versioned[name] !== undefined) return name;
  return undefined;
}

/** `pip3.12` for pip in an environment of Python 3.12; undefined for wheels without such a command, or where no version is known. */
export function versionedScript({ pythonVersion }: Pick<InstallTarget, "pythonVersion">, manifest: Commands): string | undefined {
  const family = familyOf(manifest);
  const version = /^\d+\.\d+/.exec(pythonVersion)?.[0];
  return family === undefined || version === undefined ? undefined : `${family}${versioned[family] ?? ""}${version}`;
}

/** True for `pip3.9`: a name with the version of the Python that the wheel was built with, which says nothing about this one. */
function namesVersion(file: StoredFile, family: string): boolean {
  if (file.scheme !== "scripts") return false;
  const rest = file.path.startsWith(family) ? file.path.slice(family.length) : "";
  return /^-?\d+\.\d+$/.test(rest);
}

/**
 * `files` of a wheel as they are installed in `target`. For pip (and the `easy_install` of old setuptools) the command with the version
 * is the one of the target's Python, as pip itself does it by a special case; for all other wheels these are the same.
 */
export function placedFiles(
  target: Pick<InstallTarget, "pythonVersion">,
  manifest: WheelManifest,
  files: readonly StoredFile[],
): readonly StoredFile[] {
  const wanted = versionedScript(target, manifest);
  const family = familyOf(manifest);
  if (wanted === undefined || family === undefined) return files;
  let isThere = false;
  const placed: StoredFile[] = [];
  for (const file of files) {
    const isPlain = file.scheme === "scripts" && file.path === family;
    if (isPlain || !namesVersion(file, family)) placed.push(file);
    if (isPlain) placed.push({ ...file, path: wanted });
    isThere ||= isPlain;
  }
  return isThere ? placed : files;
}

/** The RECORD of a wheel as the store has it, with the rows that {@link placedFiles} changes changed. */
export function versionedRows(stored: string, target: Pick<InstallTarget, "pythonVersion">, manifest: Commands): string {
  const wanted = versionedScript(target, manifest);
  const family = familyOf(manifest);
  const plain = `\n${commands}${family ?? ""},`;
  if (wanted === undefined || family === undefined || !stored.includes(plain)) return stored;
  const row = new RegExp(`^${commands.replaceAll(".", "\\.")}${family}(-?\\d+\\.\\d+)?(,.*\n)`, "gm");
  // Commands stand behind the modules: most of the text need not be looked through row by row.
  const begin = stored.startsWith(commands) ? 0 : stored.indexOf(`\n${commands}`);
  const changed = stored
    .slice(begin)
    .replace(row, (whole, version: string | undefined, rest: string) =>
      version === undefined ? `${whole}${commands}${wanted}${rest}` : "",
    );
  return stored.slice(0, begin) + changed;
}

/** Where commands stand, as the RECORD in the store names it. */
const commands = "../../../bin/";
