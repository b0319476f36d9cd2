import { isFolder, readBytesIfAny, statusOf, targetStatusOf, type Host, dirname, join, resolve } from "#foundation";

/** No path is longer. */
const largest = 4096;
const worldWritable = 0o002;

/**
 * The path in the text of a `.venv` file (PEP 832): one line in UTF-8, with or without a line break behind it. Undefined for anything else:
 * an empty file, several lines, control characters, bytes that are no UTF-8. Pure.
 */
export function parseRedirect(bytes: Uint8Array): string | undefined {
  if (bytes.length > largest) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const line = text.replace(/\r?\n$/, "");
  return line.trim() === "" || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line) ? undefined : line;
}

/** What a file `.venv` leads to. */
export type Redirect =
  | { readonly kind: "environment"; readonly root: string }
  /** It names nothing that may be used. */
  | { readonly kind: "refused"; readonly why: string };

/**
 * Follows the file `.venv` at `path` (PEP 832). A relative path starts at the file. What is in it is used as a path and nothing else; it must lead to a folder with
 * a `pyvenv.cfg`, and to none that another user put into a folder that everybody may write to. Undefined when `path` is no
 * regular file (a folder, a link, a pipe). Never throws.
 */
export function followRedirect(path: string, host: Host): Redirect | undefined {
  try {
    const status = statusOf(path);
    if (status?.kind !== "file") return undefined;
    const named = status.size > largest ? undefined : parseRedirect(readBytesIfAny(path) ?? new Uint8Array());
    if (named === undefined) return { kind: "refused", why: "It is not one line with the path of an environment (PEP 832)." };
    const root = resolve(dirname(path), named);
    if (!isFolder(root)) return { kind: "refused", why: `It names ${JSON.stringify(named)}, which is no folder.` };
    if (statusOf(join(root, "pyvenv.cfg"))?.kind !== "file")
      return { kind: "refused", why: `It names ${JSON.stringify(named)}, which is no virtual environment.` };
    if (isPlanted(root, host))
      return {
        kind: "refused",
        why: `It names ${JSON.stringify(named)}, which another user put into a folder that everybody may write to.`,
      };
    return { kind: "environment", root };
  } catch {
    return { kind: "refused", why: "It cannot be read." };
  }
}

/** A stranger's folder in one like `/tmp`. */
function isPlanted(root: string, host: Host): boolean {
  if (host.platform === "win32") return false;
  const owner = targetStatusOf(root)?.owner;
  return owner !== host.uid && owner !== 0 && ((targetStatusOf(dirname(root))?.mode ?? worldWritable) & worldWritable) !== 0;
}
