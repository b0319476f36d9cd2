/** Marks in files that say what an interpreter belongs to; looked at before anything is asked. */
import { pathExists, dirname, join } from "#foundation";

/** The `pyvenv.cfg` that belongs to an executable (PEP 405): beside it or one folder up. */
export function configOf(executable: string): string | undefined {
  const folder = dirname(executable);
  const beside = join(folder, "pyvenv.cfg");
  if (pathExists(beside)) return beside;
  const above = join(dirname(folder), "pyvenv.cfg");
  return pathExists(above) ? above : undefined;
}

/** The PEP 668 mark of a standard library folder. */
export function externallyManagedFile(stdlib: string): string | undefined {
  const path = join(stdlib, "EXTERNALLY-MANAGED");
  return pathExists(path) ? path : undefined;
}
