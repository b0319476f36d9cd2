import { PenError, printableLine, redactUrl, fileURLToPath, pathToFileURL, isAbsolute, resolve } from "#foundation";
import type { Credentials } from "./settings.ts";

/** A URL that is safe to show and to keep: no user name, password, query or fragment, and no control characters. */
export function shownUrl(url: string): string {
  const end = url.search(/[?#]/);
  return printableLine(redactUrl(end < 0 ? url : url.slice(0, end)));
}

/** Takes user name and password out of a URL. Text that is no URL comes back as it is. */
export function splitCredentials(text: string): { readonly url: string; readonly credentials: Credentials | undefined } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.username === "" && url.password === "")) return { url: text, credentials: undefined };
  const credentials = { username: decodeOnce(url.username) ?? url.username, password: decodeOnce(url.password) ?? url.password };
  url.username = "";
  url.password = "";
  return { url: url.href, credentials };
}

/** Percent-decoding, once; undefined when the escapes are broken. */
export function decodeOnce(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The last segment of the URL's path, decoded once; undefined when the escapes are broken. */
export function fileNameOf(url: string): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  return decodeOnce(path.slice(path.lastIndexOf("/") + 1));
}

/** The absolute `file:`, `http:` or `https:` URL that a person means by a URL or a path. Throws USAGE for any other scheme. */
export function locationUrl(text: string, cwd: string): string {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase();
  const drive = /^[A-Za-z]:[\\/]/.test(text);
  if (scheme === undefined || drive || isAbsolute(text)) return pathToFileURL(isAbsolute(text) ? text : resolve(cwd, text)).href;
  if (["http", "https", "file"].includes(scheme) && URL.canParse(text)) return text;
  throw new PenError("USAGE", `${shownUrl(text).slice(0, 300)} is not a place for packages`, {
    why: "It is neither a path nor a http:, https: or file: URL.",
  });
}

/** The path of a `file:` URL or of a path; undefined for other URLs. Throws USAGE for a `file:` URL with a host. */
export function localPath(location: string): string | undefined {
  if (/^https?:/i.test(location)) return undefined;
  if (!/^file:/i.test(location)) return location;
  try {
    return fileURLToPath(location.split(/[?#]/, 1)[0] ?? location);
  } catch (error) {
    throw new PenError("USAGE", `${shownUrl(location).slice(0, 300)} is not the URL of a file on this machine`, { cause: error });
  }
}

/** True for this machine itself, where plain http is no risk. */
export function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
}
