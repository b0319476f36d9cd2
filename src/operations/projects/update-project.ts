import { PenError, printableLine } from "#foundation";
import { normalizeName } from "#standards";
import { openContext } from "../context.ts";
import { changeProject, contextOptions, type ProjectChangeOptions, type ProjectReport } from "./change-project.ts";
import { lockProject, type LockReport } from "./lock-project.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { openProject, type Project } from "./project.ts";
import { additionsOf, editsFor } from "./pipfile-values.ts";

export interface UpdateProjectOptions extends ProjectChangeOptions {
  /** Packages to move, as on pip's command line; one with a specifier changes the Pipfile. Without any: all of them. */
  readonly packages?: readonly string[];
  /** Where packages that are named belong; default wherever the Pipfile has them, else `packages`. */
  readonly into?: readonly string[] | undefined;
  /** Leave the environment as it is. */
  readonly lockOnly?: boolean | undefined;
  /** Leave the Pipfile as it is. */
  readonly keepPipfile?: boolean | undefined;
}

/**
 * Moves packages to the newest versions that fit, in the lock and then in the environment; with names only those, and what must move with them. All or
 * nothing. Errors: those of locking and installing.
 */
export async function updateProject(options: UpdateProjectOptions = {}): Promise<ProjectReport> {
  const context = openContext(options);
  return inTurn(context, openProject(options).root, async () => {
    const project = openProject(options);
    const named = options.packages ?? [];
    const added = await additionsOf(
      context,
      { packages: named, editables: [] },
      { root: project.root, nameOf: (entry) => Promise.reject(unnamed(JSON.stringify(entry.source))) },
    );
    const changing = options.keepPipfile === true ? [] : added.filter(({ value }) => value !== "*");
    const edits = changing.flatMap((one) => editsFor([one], options.into ?? categoriesWith(project, one.name)));
    const unknown = added.find(({ name, value }) => value === "*" && !isKnown(project, name));
    if (unknown !== undefined) throw notInProject(project, unknown.text);
    const lock = { kind: "renew", upgrade: named.length === 0 ? "all" : added.map(({ name }) => name) } as const;
    return changeProject(context, project, { change: { edits, lock, install: options.lockOnly === true ? "no" : "yes" }, options });
  });
}

/** What an update of everything would change in the lock. Nothing is written. Errors: those of locking. */
export async function outdatedLock(options: ProjectChangeOptions = {}): Promise<LockReport> {
  const context = openContext(options);
  const project = openProject(options);
  const interpreter = await findProjectPython(context, project, options.python);
  return lockProject({
    ...contextOptions(context),
    project,
    interpreter,
    upgradePackages: "all",
    prereleases: options.prereleases,
    builds: options.builds,
    fetching: options.fetching ?? {},
    write: false,
  });
}

function categoriesWith(project: Project, name: string): string[] {
  const found = [...project.pipfile.categories].flatMap(([category, entries]) =>
    entries.some((one) => one.name === name) ? [category] : [],
  );
  return found.length > 0 ? found : ["packages"];
}

function isKnown(project: Project, name: string): boolean {
  const locked = [...(project.readLock()?.categories.values() ?? [])].flat();
  return [...project.pipfile.categories.values()].flat().some((one) => one.name === name) || locked.some((one) => one.name === name);
}

function notInProject(project: Project, text: string): PenError {
  return new PenError("PACKAGE_NOT_FOUND", `${printableLine(text)} was not found in your Pipfile`, {
    why: "Neither the Pipfile nor the lock has it, so there is nothing to update.",
    hint: `Add it: pen add ${printableLine(normalizeName(text))}`,
    data: { package: text, path: project.pipfile.path },
  });
}

function unnamed(text: string): PenError {
  return new PenError("USAGE", `Only packages of the Pipfile can be updated, by name: ${printableLine(text)}`, {
    hint: "A folder or URL is locked anew by: pen lock",
  });
}
