import { isFolder, statusOf, targetStatusOf, type Host, dirname, join } from "#foundation";
import { followRedirect } from "./redirect.ts";

const worldWritable = 0o002;

/**
 * The environment `.venv` of the working directory or the nearest folder above it: a folder, or a file that names one (PEP 832).
 * Above the working directory, folders that everybody may write to (`/tmp`) are passed over: a stranger's `.venv` is not run. The search
 * ends at the first file `.venv`: where it leads nowhere, an environment further up is not the one that was meant.
 */
export function projectEnvironment(host: Host): string | undefined {
  const found = projectRedirectOrFolder(host);
  return found === undefined || typeof found === "string" ? found : undefined;
}

/** The same, telling why the nearest file `.venv` cannot be followed. */
export function projectRedirectOrFolder(host: Host): string | { readonly file: string; readonly why: string } | undefined {
  for (let folder = host.cwd; ; folder = dirname(folder)) {
    const trusted = folder === host.cwd || host.platform === "win32" || !isWritableByAll(folder);
    const path = join(folder, ".venv");
    const redirect = trusted ? followRedirect(path, host) : undefined;
    if (redirect?.kind === "environment") return redirect.root;
    if (redirect?.kind === "refused") return { file: path, why: redirect.why };
    const found = trusted ? environmentAt(path) : undefined;
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

function isWritableByAll(folder: string): boolean {
  try {
    return ((targetStatusOf(folder)?.mode ?? 0) & worldWritable) !== 0;
  } catch {
    return true; // What cannot be looked at is not trusted.
  }
}

function environmentAt(path: string): string | undefined {
  try {
    return isFolder(path) && statusOf(join(path, "pyvenv.cfg")) !== undefined ? path : undefined;
  } catch {
    return undefined;
  }
}
