import { pathExists, PenError, printableLine, removeFile, writeNew, join } from "#foundation";
import { defaultIndexUrl } from "#index";
import { editPipfile, newPipfile } from "#project";
import { openContext, type Context } from "../context.ts";
import type { ProjectChangeOptions } from "./change-project.ts";
import { ensureProjectEnvironment, type EnsuredEnvironment } from "./project-environment.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { openProject, type Project } from "./project.ts";

/** What a new Pipfile says. */
export interface BeginOptions {
  /** Which Python the project is for; default the first there is. */
  readonly python?: string | undefined;
  /** Versions that are younger than so many days are not locked; without it nothing is said of it. */
  readonly coolDownDays?: number | undefined;
  /** The URL of the index; default the public one. */
  readonly index?: string | undefined;
}

export interface InitProjectOptions extends Pick<ProjectChangeOptions, "host" | "cacheFolder" | "onEvent" | "signal">, BeginOptions {}

export interface InitReport {
  readonly project: Project;
  readonly environment: EnsuredEnvironment;
}

/**
 * Begins a project in the working folder: a Pipfile, and the environment. Errors: `INVALID_PROJECT` where a Pipfile is, `USAGE` for an index URL with a
 * password, and those of `createEnvironment`; nothing is left behind.
 */
export async function initProject(options: InitProjectOptions = {}): Promise<InitReport> {
  const context = openContext(options);
  const path = join(context.host.cwd, "Pipfile");
  return inTurn(context, context.host.cwd, async () => {
    if (pathExists(path)) {
      throw new PenError("INVALID_PROJECT", "There is a Pipfile here already", {
        why: `${printableLine(path)} was not changed.`,
        hint: "Add to it with: pen add PACKAGE",
        data: { path },
      });
    }
    await beginProject(context, options);
    try {
      const project = openProject({ ...options, pipfile: path });
      return { project, environment: await ensureProjectEnvironment(context, project, { python: options.python }) };
    } catch (error) {
      removeFile(path);
      throw error;
    }
  });
}

/** Writes a Pipfile into a folder without one. One that somebody else has written meanwhile stays. */
export async function beginProject(context: Context, { python, coolDownDays, index }: BeginOptions): Promise<void> {
  const { host } = context;
  const interpreter = await findProjectPython(context, undefined, python);
  const url = index ?? (host.env["PIPENV_TEST_INDEX"] || host.env["PIPENV_PYPI_MIRROR"] || defaultIndexUrl);
  if (index !== undefined) checkPlain(index);
  const text = newPipfile({
    sources: [{ name: url === defaultIndexUrl ? "pypi" : "custom", url, verifySsl: true }],
    pythonVersion: interpreter.versionInfo.slice(0, 2).join("."),
  });
  const path = join(host.cwd, "Pipfile");
  const whole =
    coolDownDays === undefined
      ? text
      : editPipfile(text, [{ kind: "set", table: "pipenv", key: "cool-down-period", value: `${coolDownDays}d` }]);
  if (!pathExists(path)) writeNew(path, whole);
}

/** A Pipfile is shared: a password in it is one for all. */
function checkPlain(url: string): void {
  if (!URL.canParse(url))
    throw new PenError("USAGE", `Not a URL: ${printableLine(url)}`, {
      hint: "Type for example: --index https://packages.example.org/simple",
    });
  if (new URL(url).password === "" || url.includes("$")) return;
  throw new PenError("USAGE", "The URL of the index holds a password, which would stand in the Pipfile for all to read", {
    hint: "Write a variable in its place, which is filled in when it is used: --index 'https://user:${TOKEN}@packages.example.org/simple'",
  });
}
