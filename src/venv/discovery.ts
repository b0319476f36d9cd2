import { isFolder, PenError, statusOf, type Host, basename, dirname, isAbsolute, join, resolve } from "#foundation";
import { projectRedirectOrFolder } from "#python";

/**
 * The environment to work in, as its folder, or undefined when there is none. With `python` (a path to an environment or to the
 * Python in one) that one and nothing else: undefined when it names no environment, which leaves a global Python or a request like
 * `3.12` to the caller. Else `VIRTUAL_ENV`; else `.venv` in the working directory or the nearest folder above it, a folder or a file that
 * names one (PEP 832), passing by folders above that everybody may write to. Conda's variables do not count: its environments are no virtual environments.
 * Throws ENV_NOT_FOUND when `VIRTUAL_ENV` or the nearest file `.venv` names a folder without an environment: installing elsewhere in silence would be worse.
 */
export function locateEnvironment(host: Host, options: { readonly python?: string | undefined } = {}): string | undefined {
  if (options.python !== undefined) return environmentOf(options.python, host);
  const active = host.env["VIRTUAL_ENV"];
  if (active === undefined || active === "") return environmentOfProject(host);
  const root = resolve(host.cwd, active);
  if (hasConfig(root)) return root;
  throw new PenError("ENV_NOT_FOUND", `The active environment does not exist: ${root}`, {
    why: isFolder(root) ? "VIRTUAL_ENV names it, but it has no pyvenv.cfg." : "VIRTUAL_ENV names it, but there is no such folder.",
    hint: "Type `deactivate` (or unset VIRTUAL_ENV), or make it again: pen venv",
    data: { path: root },
  });
}

function environmentOfProject(host: Host): string | undefined {
  const found = projectRedirectOrFolder(host);
  if (found === undefined || typeof found === "string") return found;
  throw new PenError("ENV_NOT_FOUND", `${found.file} does not lead to a virtual environment`, {
    why: found.why,
    hint: "Make the environment that it names, or delete the file and make one here: pen venv",
    data: { path: found.file },
  });
}

function environmentOf(python: string, host: Host): string | undefined {
  if (!isAbsolute(python) && !python.includes("/") && !python.startsWith(".") && statusOf(resolve(host.cwd, python)) === undefined)
    return undefined;
  const path = resolve(host.cwd, python);
  if (isFolder(path)) return hasConfig(path) ? path : undefined;
  const folder = dirname(path);
  const root = dirname(folder);
  return statusOf(path) !== undefined && ["bin", "Scripts"].includes(basename(folder)) && hasConfig(root) ? root : undefined;
}

function hasConfig(root: string): boolean {
  return isFolder(root) && statusOf(join(root, "pyvenv.cfg")) !== undefined;
}
