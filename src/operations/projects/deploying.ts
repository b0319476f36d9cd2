import { PenError, printableLine } from "#foundation";
import { specifiersContain, tryParseVersion } from "#standards";
import type { Project } from "./project.ts";

/** Fails where there is no lock that is the Pipfile's. */
export function checkDeploy(project: Project, status: "missing" | "stale" | "fresh"): void {
  if (status === "fresh") return;
  throw new PenError(
    "CHECK_FAILED",
    status === "missing" ? "There is no Pipfile.lock to deploy" : "The Pipfile.lock is not that of the Pipfile",
    {
      why: "Deploying installs exactly what was locked, and never locks by itself.",
      hint: "Lock where the project is worked on, and commit both files: pen lock",
      data: { lock: project.lockPath, status },
    },
  );
}

/** Fails when the environment's Python is not one that the Pipfile allows. */
export function checkPython(project: Project, version: string): void {
  const { specifiers } = project.pipfile.requires;
  const parsed = tryParseVersion(version);
  if (specifiers.specifiers.length === 0 || parsed === undefined || specifiersContain(specifiers, parsed)) return;
  throw new PenError("TARGET_UNSUPPORTED", `The Pipfile asks for another Python than ${printableLine(version)}`, {
    why: `It requires ${printableLine(project.pipfile.requires.pythonFullVersion ?? project.pipfile.requires.pythonVersion ?? "")}.`,
    hint: "Name one that fits: --python",
  });
}
