import { PenError, excerpt } from "#foundation";

/** True for a path that stays below the folder it starts from, written with `/`. */
export function staysInside(path: string): boolean {
  if (path === "" || path.startsWith("/") || path.includes("\\") || /^[A-Za-z]:/.test(path) || /[\u0000-\u001f\u007f]/.test(path))
    return false;
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return false;
  }
  return true;
}

/** The path of a `file:` URL relative to `folder` (absolute). Fails with INVALID_LOCK when it is not below it. */
export function pathInside(url: string, folder: string | undefined, what: string): string {
  const path = pathOfUrl(url);
  if (folder !== undefined && path !== undefined) {
    const root = folder.replace(/\\/g, "/").replace(/\/+$/, "");
    const plain = path.replace(/\/+$/, "");
    if (plain === root) return ".";
    if (plain.startsWith(`${root}/`) && staysInside(plain.slice(root.length + 1))) return plain.slice(root.length + 1);
  }
  throw new PenError("INVALID_LOCK", `${what} cannot be locked as a local source`, {
    why: `${excerpt(url)} is not inside the folder of the lock.`,
    hint: "Move it below that folder, or write the lock further up.",
  });
}

/** The `file:` URL of a path relative to `folder`; without a folder the path as it is. */
export function urlInside(path: string, folder: string | undefined): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (folder === undefined) return parts.length === 0 ? "." : parts.join("/");
  const root = folder.replace(/\\/g, "/").replace(/\/+$/, "");
  const absolute = [...root.split("/"), ...parts]
    .map(encodeURIComponent)
    .join("/")
    .replace(/^([A-Za-z])%3A/, "/$1:");
  return `file://${absolute}`;
}

function pathOfUrl(url: string): string | undefined {
  const match = /^file:(?:\/\/(?:localhost)?)?(\/[^?#]*)/.exec(url);
  if (match === null) return undefined;
  try {
    return decodeURIComponent(match[1] ?? "").replace(/^\/([A-Za-z]:)/, "$1");
  } catch {
    return undefined;
  }
}
