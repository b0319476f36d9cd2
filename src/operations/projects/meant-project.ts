import { pathExists, type Host, dirname, join, resolve } from "#foundation";
import { locatePipfile } from "#project";

/** Whether the working folder belongs to a project with a Pipfile. Reads no file of it. */
export const hasProject = (host: Host): boolean => locatePipfile(host) !== undefined;

/**
 * Whether a command that works everywhere works in the project with a Pipfile that the working folder belongs to. An environment that stands nearer than
 * the Pipfile goes before it: a `.venv`, or the active one, in a folder between the working folder and the project's. Reads no file. Errors: as `locatePipfile`.
 */
export function isProjectMeant(host: Host): boolean {
  const path = locatePipfile(host);
  if (path === undefined) return false;
  if (host.env["PIPENV_PIPFILE"]) return true;
  const active = host.env["VIRTUAL_ENV"];
  const home = active === undefined || active === "" ? undefined : dirname(resolve(host.cwd, active));
  const root = dirname(path);
  for (let folder = host.cwd; folder !== root && folder !== dirname(folder); folder = dirname(folder))
    if (folder === home || pathExists(join(folder, ".venv"))) return false;
  return true;
}
