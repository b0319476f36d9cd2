import { PenError, excerpt } from "#foundation";

/** Where a distribution came from that was not taken from an index by its name. PEP 610, and PEP 660 for editable ones. */
export interface DirectUrl {
  readonly url: string;
  /** Of the project inside the archive or repository. */
  readonly subdirectory?: string;
  readonly info: DirectUrlInfo;
}

export type DirectUrlInfo =
  | {
      readonly kind: "archive";
      /** Algorithm to hex digest. */
      readonly hashes: Readonly<Record<string, string>>;
      /** The older single field `algorithm=digest`, where the file has it. */
      readonly hash?: string;
    }
  | { readonly kind: "dir"; readonly editable: boolean }
  | { readonly kind: "vcs"; readonly vcs: string; readonly requestedRevision?: string; readonly commitId: string };

type JsonObject = Readonly<Record<string, unknown>>;

const maxLength = 1_000_000;

/**
 * Reads direct_url.json. Throws INVALID_DIRECT_URL when it is no JSON object, a field is missing or of the wrong type, or
 * a text holds a control character, or not exactly one of archive_info, dir_info and vcs_info is there. Unknown fields are ignored.
 */
export function parseDirectUrl(text: string): DirectUrl {
  const root = readJson(text);
  const url = requiredText(root, "url");
  const subdirectory = optionalText(root, "subdirectory");
  return { url, ...(subdirectory === undefined ? {} : { subdirectory }), info: readInfo(root) };
}

function readJson(text: string): JsonObject {
  if (text.length > maxLength) throw invalid(`It is longer than ${maxLength} characters.`);
  try {
    return asObject(JSON.parse(text.replace(/^\ufeff/, "")), "The file");
  } catch (error) {
    if (error instanceof PenError) throw error;
    throw invalid("It is not JSON.");
  }
}

function readInfo(root: JsonObject): DirectUrlInfo {
  const kinds = (["archive_info", "dir_info", "vcs_info"] as const).filter((key) => root[key] !== undefined && root[key] !== null);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) throw invalid("It must hold exactly one of archive_info, dir_info and vcs_info.");
  const info = asObject(root[kind], kind);
  switch (kind) {
    case "archive_info":
      return readArchive(info);
    case "dir_info": {
      const editable = info["editable"];
      if (editable !== undefined && typeof editable !== "boolean") throw invalid("editable must be true or false.");
      return { kind: "dir", editable: editable ?? false };
    }
    case "vcs_info": {
      const requestedRevision = optionalText(info, "requested_revision");
      return {
        kind: "vcs",
        vcs: requiredText(info, "vcs"),
        commitId: requiredText(info, "commit_id"),
        ...(requestedRevision === undefined ? {} : { requestedRevision }),
      };
    }
  }
}

function readArchive(info: JsonObject): DirectUrlInfo {
  const hashes = new Map<string, string>();
  for (const [algorithm, digest] of Object.entries(asObject(info["hashes"] ?? {}, "hashes"))) {
    if (typeof digest !== "string") throw invalid(`The hash ${excerpt(algorithm)} must be text.`);
    hashes.set(algorithm, digest);
  }
  const hash = optionalText(info, "hash");
  if (hash === undefined) return { kind: "archive", hashes: Object.fromEntries(hashes) };
  const equals = hash.indexOf("=");
  if (equals < 1) throw invalid(`The hash ${excerpt(hash)} must be of the form algorithm=digest.`);
  if (!hashes.has(hash.slice(0, equals))) hashes.set(hash.slice(0, equals), hash.slice(equals + 1));
  return { kind: "archive", hashes: Object.fromEntries(hashes), hash };
}

function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(`${what} must be an object.`);
  return value as JsonObject;
}

function requiredText(object: JsonObject, key: string): string {
  const value = optionalText(object, key);
  if (value === undefined) throw invalid(`${key} is missing.`);
  return value;
}

function optionalText(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${key} must be text.`);
  // A line break would begin a second requirement in the output of freeze.
  if (/[\u0000-\u001f\u007f]/.test(value)) throw invalid(`${key} holds a control character.`);
  return value;
}

function invalid(why: string): PenError {
  return new PenError("INVALID_DIRECT_URL", "direct_url.json cannot be read", { why });
}

/**
 * Writes direct_url.json as pip does: keys sorted, one line without a line break at its end, ASCII only, with the older field `hash`
 * beside `hashes`. User name and password are left out of the URL, except for `git@` in git URLs and for names of
 * environment variables (`${USER}:${PASSWORD}`), as PEP 610 asks.
 */
export function formatDirectUrl(directUrl: DirectUrl): string {
  const { info, subdirectory } = directUrl;
  const url = withoutCredentials(directUrl.url, info);
  return pythonJson({ url, subdirectory, ...infoJson(info) });
}

function infoJson(info: DirectUrlInfo): JsonObject {
  switch (info.kind) {
    case "archive": {
      const [first] = Object.entries(info.hashes).sort(([a], [b]) => Number(b === "sha256") - Number(a === "sha256"));
      const hash = info.hash ?? (first === undefined ? undefined : `${first[0]}=${first[1]}`);
      return { archive_info: { hash, hashes: first === undefined ? undefined : info.hashes } };
    }
    case "dir":
      return { dir_info: { editable: info.editable ? true : undefined } };
    case "vcs":
      return { vcs_info: { vcs: info.vcs, requested_revision: info.requestedRevision, commit_id: info.commitId } };
  }
}

/** JSON with sorted keys, a blank after ':' and ',' and only ASCII characters; undefined fields are left out. At most three levels deep here. */
function pythonJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return asciiJson(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${asciiJson(key)}: ${pythonJson(field)}`).join(", ")}}`;
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (char) =>
    char === "\u007f" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const environmentVariables = /^\$\{[A-Za-z0-9_-]+\}(?::\$\{[A-Za-z0-9_-]+\})?$/;

function withoutCredentials(url: string, info: DirectUrlInfo): string {
  const scheme = url.indexOf("://");
  if (scheme < 0) return url;
  const start = scheme + 3;
  const length = url.slice(start).search(/[/?#]/);
  const authority = length < 0 ? url.slice(start) : url.slice(start, start + length);
  const at = authority.lastIndexOf("@");
  if (at < 0) return url;
  const user = authority.slice(0, at);
  if (environmentVariables.test(user) || (user === "git" && info.kind === "vcs" && info.vcs === "git")) return url;
  return url.slice(0, start) + authority.slice(at + 1) + url.slice(start + authority.length);
}

/**
 * The line that `pip freeze` prints for a distribution with a direct URL: `name @ url`, with the commit, the hash and the
 * subdirectory where there are any. For an editable one it is `-e` and the folder; a URL that is no local folder stays a URL.
 */
export function directUrlFreezeText(name: string, directUrl: DirectUrl): string {
  const { info, url, subdirectory } = directUrl;
  if (info.kind === "dir" && info.editable) return `-e ${folderOf(url) ?? url}`;
  const address = info.kind === "vcs" ? `${info.vcs}+${url}@${info.commitId}` : url;
  const fragments = [
    ...(info.kind === "archive" && info.hash ? [info.hash] : []),
    ...(subdirectory ? [`subdirectory=${subdirectory}`] : []),
  ];
  return `${name} @ ${address}${fragments.length === 0 ? "" : `#${fragments.join("&")}`}`;
}

/** The folder of a `file:` URL on this machine; undefined for other URLs and for other machines. */
function folderOf(url: string): string | undefined {
  const match = /^file:\/\/(?:localhost)?(\/[^?#]*)$/.exec(url);
  if (match === null) return undefined;
  try {
    const path = decodeURIComponent(match[1] ?? "");
    // Line breaks would begin a second requirement.
    if (/[\u0000-\u001f\u007f]/.test(path)) return undefined;
    return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  } catch {
    return undefined;
  }
}
