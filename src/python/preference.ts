import { realPath, join } from "#foundation";
import type { Interpreter } from "./types.ts";

/**
 * Whether managed Pythons (those that uv or pen keep in folders of their own) are taken: `only-managed`, `managed` (those first), `system` (all others
 * first), `only-system`. The words are uv's.
 */
export type PythonPreference = "only-managed" | "managed" | "system" | "only-system";

/** What may be taken in one pass over the candidates. */
export type Pass = "managed" | "system" | "any";

/** The passes over the candidates that a preference makes. */
export function passesOf(preference: PythonPreference | undefined): readonly Pass[] {
  switch (preference) {
    case "only-managed":
      return ["managed"];
    case "only-system":
      return ["system"];
    case "managed":
      return ["managed", "any"];
    case "system":
      return ["system", "any"];
    case undefined:
      return ["any"];
  }
}

/** True for an executable below one of `folders`, where managed Pythons stand, however it was found. */
function isManagedPath(path: string, folders: readonly string[]): boolean {
  const real = realOr(path);
  return folders.some((folder) => real.startsWith(join(realOr(folder), "/")));
}

/** The same for an interpreter; that of an environment counts as the one it stands on. */
export function isAllowed(interpreter: Pick<Interpreter, "baseExecutable">, pass: Pass, folders: readonly string[]): boolean {
  return pass === "any" || isManagedPath(interpreter.baseExecutable, folders) === (pass === "managed");
}

function realOr(path: string): string {
  try {
    return realPath(path);
  } catch {
    return path;
  }
}
