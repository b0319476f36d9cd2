import { basename, isAbsolute, relative } from "#foundation";
import { normalizeName, tryNormalizeName, tryParseSdistFilename, tryParseWheelFilename } from "#standards";
import type { PipfileSource, PipfileTable } from "../pipfile/types.ts";

/** What pipenv calls the default index. */
export const defaultSourceName = "pypi";

/** A package that is named by its place. */
export interface PlacedPackage {
  readonly name: string;
  readonly table: PipfileTable;
}

/**
 * A URL or path of a requirements file as the table that a Pipfile has for it. Its name is the one that the caller knows, else what `#egg=`,
 * the file name or the last part of the path say.
 */
export function placedPackage(
  location: string,
  given: { readonly folder: string; readonly editable: boolean; readonly name?: string | undefined },
): PlacedPackage {
  const [before = "", fragment = ""] = location.split("#", 2);
  const parts = new Map(fragment.split("&").map((part) => part.split("=", 2) as [string, string | undefined]));
  const egg = parts.get("egg")?.replace(/\[.*$/, "");
  const name = given.name ?? (egg !== undefined && tryNormalizeName(egg) !== undefined ? egg : nameOf(before));
  const editable = given.editable ? { editable: true } : {};
  const subdirectory = parts.get("subdirectory");
  const inside = subdirectory === undefined ? {} : { subdirectory };
  const vcs = /^(git|hg|svn|bzr)\+(.*)$/s.exec(before);
  if (vcs !== null) {
    const [, kind = "git", url = ""] = vcs;
    const { address, ref } = splitRef(url);
    return { name, table: { [kind]: address, ...(ref === undefined ? {} : { ref }), ...inside, ...editable } };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(before)) return { name, table: { file: location } };
  const path = isAbsolute(before) ? relative(given.folder, before) : before;
  return { name, table: { path: shownPath(path), ...inside, ...editable } };
}

/** A path that nobody takes for a name. */
export const shownPath = (path: string): string => (path === "" ? "." : /^[./]/.test(path) ? path : `./${path}`);

/** `https://host/repo.git@v1`: an `@` behind the last slash begins the revision. */
function splitRef(url: string): { readonly address: string; readonly ref: string | undefined } {
  const at = url.lastIndexOf("@");
  return at > url.lastIndexOf("/") && at > 0 && !/^[^/]*$/.test(url.slice(0, at)) && url.slice(0, at).includes("/")
    ? { address: url.slice(0, at), ref: url.slice(at + 1) || undefined }
    : { address: url, ref: undefined };
}

function nameOf(location: string): string {
  const file = basename(splitRef(location).address.split("?", 1)[0] ?? "");
  const distribution = tryParseWheelFilename(file)?.name ?? tryParseSdistFilename(file)?.name;
  if (distribution !== undefined) return distribution;
  const plain = file.replace(/\.(git|zip|tar\.\w+|tgz)$/, "");
  return tryNormalizeName(plain) === undefined ? "package" : normalizeName(plain);
}

/**
 * An index as a source: called by its host, and with variables in the place of a user name and password, which belong into no Pipfile. `taken`
 * are the names that are in use.
 */
export function sourceOf(
  url: string,
  options: { readonly name?: string | undefined; readonly verifySsl?: boolean; readonly taken: ReadonlySet<string> },
): {
  readonly source: PipfileSource;
  /** The variables that must be set now. */
  readonly variables: readonly string[];
} {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]+)/i.exec(url)?.[1] ?? "local";
  const base =
    (options.name ?? host.replace(/^(www|files|packages|index)\./, "").split(".")[0] ?? host).replace(/[^\w-]+/g, "-") || "source";
  let name = base;
  for (let count = 2; options.taken.has(name); count += 1) name = `${base}-${count}`;
  const word = name.toUpperCase().replace(/\W+/g, "_");
  // What already is a variable stays one.
  const login = /^([a-z][a-z0-9+.-]*:\/\/)([^/@:]*)(?::([^/@]*))?@/i.exec(url);
  const variables: string[] = [];
  const variable = (text: string, kind: string): string => {
    if (text === "" || text.includes("$")) return text;
    variables.push(`${word}_${kind}`);
    return `\${${word}_${kind}}`;
  };
  const [whole = "", scheme = "", user = "", password] = login ?? [];
  const hidden =
    login === null
      ? url
      : `${scheme}${variable(user, "USERNAME")}${password === undefined ? "" : `:${variable(password, "PASSWORD")}`}@${url.slice(whole.length)}`;
  return { source: { name, url: hidden, verifySsl: options.verifySsl ?? true }, variables };
}
