import { parseVersion, specifiersContain } from "#standards";
import { openContext } from "../context.ts";
import type { ProjectChangeOptions } from "./change-project.ts";
import { readyEnvironment } from "./ready-environment.ts";
import { openProject } from "./project.ts";

/** A key of `[requires]` that the environment's Python does not have. */
export interface UnfitPython {
  readonly key: string;
  readonly wanted: string;
  readonly found: string;
}

/**
 * Compares the Python of the project's environment (made where there is none) with what `[requires]` names: its version by the specifiers, other
 * variables of PEP 508 word by word. Errors: INVALID_PROJECT, those of making an environment.
 */
export async function checkProjectPython(options: ProjectChangeOptions = {}): Promise<UnfitPython[]> {
  const context = openContext(options);
  const project = openProject(options);
  const { environment } = await readyEnvironment(context, project, options.python);
  const markers = new Map<string, string>(Object.entries(environment.interpreter.markers));
  const { raw, specifiers } = project.pipfile.requires;
  const version = parseVersion(environment.interpreter.markers.python_full_version.replace(/\+$/, ""));
  const isFit = specifiersContain(specifiers, version, { prereleases: true });
  return Object.entries(raw).flatMap(([key, wanted]) => {
    const found = markers.get(key);
    const text = typeof wanted === "string" ? wanted : JSON.stringify(wanted);
    const fits = key.startsWith("python_") ? isFit : text === found;
    return found === undefined || fits ? [] : [{ key, wanted: text, found }];
  });
}
