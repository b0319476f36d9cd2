import { PenError, printableLine } from "#foundation";
import { hookScript, hookShells, shellNamed } from "#venv";

/** The text that a shell evaluates to get the hook. Errors: `USAGE` for a shell without one. */
export async function shellHook(name: string): Promise<string> {
  const shell = hookShells.find((one) => one === shellNamed(name));
  if (shell !== undefined) return hookScript(shell);
  throw new PenError("USAGE", `There is no hook for ${name === "" ? "your shell" : printableLine(name)}`, {
    hint: `Name one: pen hook ${hookShells.join(", ")}; or: pen hook trust, pen hook untrust.`,
  });
}
