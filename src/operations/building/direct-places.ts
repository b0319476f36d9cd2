import { fileURLToPath, isFolder, pathExists, PenError, printableLine, redactUrl, basename, resolve } from "#foundation";
import { isGitUrl, subdirectoryOf } from "#builds";

/** Where something is that was named by its place instead of by a name for an index. */
export type DirectPlace =
  | { readonly kind: "git"; readonly url: string }
  | { readonly kind: "folder"; readonly path: string; readonly subdirectory: string | undefined }
  | FilePlace;

/** A wheel or a source archive, here or on the network. */
export interface FilePlace {
  readonly kind: "file";
  /** Without fragment; `file:` for files of this machine. */
  readonly url: string;
  readonly filename: string;
  readonly isLocal: boolean;
  /** What the fragment promises, by algorithm. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly subdirectory: string | undefined;
}

const archive = /\.(zip|tar|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz)$/i;

/** True for the file name of a source archive. */
export const isArchiveName = (filename: string): boolean => archive.test(filename);

/**
 * Reads an absolute path or a URL with its fragment (`#sha256=…&subdirectory=…`). Errors: PACKAGE_NOT_FOUND for a path where nothing is,
 * INVALID_REQUIREMENT for what is no place that pen fetches from.
 */
export function parsePlace(location: string): DirectPlace {
  if (isGitUrl(location)) return { kind: "git", url: location };
  if (/^(hg|svn|bzr)\+/i.test(location)) throw notFetched(location, "pen fetches repositories of git, and no others.");
  if (!/^[a-z][a-z0-9+.-]*:/i.test(location)) return localPlace(location, "");
  const [url = location, fragment = ""] = location.split("#", 2);
  if (/^file:/i.test(url)) return localPlace(pathOf(url, location), fragment);
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw notFetched(location, "It begins with none of https:, http:, file: and git+.");
  const filename = lastPart(new URL(url).pathname, location);
  return { kind: "file", url, filename, isLocal: false, ...fragmentOf(fragment, location) };
}

function pathOf(url: string, location: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw notFetched(location, "It is no URL of a file on this machine.");
  }
}

function localPlace(path: string, fragment: string): DirectPlace {
  if (isFolder(path)) return { kind: "folder", path: resolve(path), subdirectory: fragmentOf(fragment, path).subdirectory };
  if (!pathExists(path)) {
    throw new PenError("PACKAGE_NOT_FOUND", `There is no file ${printableLine(path).slice(0, 300)}`, {
      hint: "Check the path, or write a project's name to install it from the index.",
    });
  }
  return { kind: "file", url: localUrl(path), filename: basename(path), isLocal: true, ...fragmentOf(fragment, path) };
}

function lastPart(pathname: string, location: string): string {
  try {
    return decodeURIComponent(basename(pathname));
  } catch {
    throw notFetched(location, "It holds a '%' that begins no escape.");
  }
}

function fragmentOf(fragment: string, location: string): Pick<FilePlace, "hashes" | "subdirectory"> {
  const words = new Map(fragment.split("&").map((part) => part.split("=", 2) as [string, string | undefined]));
  const hashes = [...words].flatMap(([name, value]) =>
    /^(sha|md5|blake)/.test(name) && value ? [[name, value.toLowerCase()] as const] : [],
  );
  return { hashes: Object.fromEntries(hashes), subdirectory: subdirectoryOf(words.get("subdirectory"), location) };
}

/** The `file:` URL of an absolute path, escaped as Python's urllib does it, so that direct_url.json is the same as pip's. */
export function localUrl(path: string): string {
  const escaped = encodeURIComponent(path)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `file://${escaped}`;
}

/** The URL without user name and password, for direct_url.json. */
export function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  if (parsed.username === "" && parsed.password === "") return url;
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

export function notFetched(location: string, why: string): PenError {
  return new PenError("INVALID_REQUIREMENT", `${printableLine(redactUrl(location)).slice(0, 300)} cannot be installed`, {
    why,
    hint: "Name a wheel, a source archive (.tar.gz, .zip), a folder, or a repository (git+https://…).",
  });
}
