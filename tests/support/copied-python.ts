/**
 * A Python of its own to write into: the executable is a copy, the standard library a real folder of links to the real one, and the packages are
 * copies of pip alone. What its pip does, it does there, whatever goes wrong.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { RealPython } from "./pythons.ts";

/** The library of an installation under pyenv, which stands in one folder; undefined for another Python, or one without pip. */
export function copyable(python: RealPython | undefined): string | undefined {
  if (python === undefined || !python.managed) return undefined;
  const [major, minor] = python.release;
  const library = join(python.realPath, "..", "..", "lib", `python${major}.${minor}`);
  return existsSync(join(library, "os.py")) && existsSync(join(library, "site-packages", "pip")) ? library : undefined;
}

/** Makes it at `prefix` and gives the path of its executable. */
export function copyPython(python: RealPython, prefix: string): string {
  const [major, minor] = python.release;
  const name = `python${major}.${minor}`;
  const from = copyable(python) ?? "";
  const library = join(prefix, "lib", name);
  mkdirSync(join(prefix, "bin"), { recursive: true });
  mkdirSync(join(library, "site-packages"), { recursive: true });
  copyFileSync(python.realPath, join(prefix, "bin", name));
  for (const alias of ["python", "python3"]) symlinkSync(name, join(prefix, "bin", alias));
  for (const entry of readdirSync(from)) if (entry !== "site-packages") symlinkSync(join(from, entry), join(library, entry));
  for (const entry of readdirSync(join(from, "site-packages"))) {
    if (entry === "pip" || /^pip-.*-info$/.test(entry))
      cpSync(join(from, "site-packages", entry), join(library, "site-packages", entry), { recursive: true });
  }
  return join(prefix, "bin", "python3");
}
