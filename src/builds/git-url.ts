import { excerpt, PenError, printableLine, redactUrl } from "#foundation";

/** A repository that somebody named as `git+URL@revision#subdirectory=…`. */
export interface GitSource {
  /** What git is given: without user name and password, but for the user of ssh. */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** A branch, tag, commit or `refs/…`; undefined for the repository's own default. */
  readonly revision: string | undefined;
  readonly subdirectory: string | undefined;
  /** The name that `#egg=` gives. */
  readonly egg: string | undefined;
}

const schemes = new Set(["https", "http", "ssh", "file", "git"]);

/** True for what {@link parseGitUrl} reads. */
export function isGitUrl(location: string): boolean {
  return /^git\+/i.test(location);
}

/**
 * Reads `git+https://…`, `git+ssh://…`, `git+http://…`, `git+git://…`, `git+file://…` and `git+user@host:path`, as pip does. Errors: INVALID_REQUIREMENT for
 * other schemes and for anything that git could take for an option or a command.
 */
export function parseGitUrl(location: string): GitSource {
  const [address = "", fragment = ""] = location.replace(/^git\+/i, "").split("#", 2);
  if (/[\u0000-\u0020\u007f]/.test(address)) throw invalid(location, "It holds a blank or control character.");
  const short = /^([A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*):(?!\/)(.+)$/.exec(address);
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)$/i.exec(short === null ? address : `ssh://${short[1]}/${short[2]}`);
  if (parts === null) throw invalid(location, "It is no URL of a repository.");
  const [, scheme = "", authority = "", rest = ""] = parts;
  if (!schemes.has(scheme.toLowerCase()))
    throw invalid(location, `pen fetches repositories by ${[...schemes].join(", ")}, and not by ${scheme}.`);
  const at = rest.lastIndexOf("@");
  const path = at < 0 ? rest : rest.slice(0, at);
  const revision = at < 0 ? undefined : decoded(rest.slice(at + 1), location);
  if (revision !== undefined) checkRevision(revision, location);
  const user = authority.lastIndexOf("@");
  const host = authority.slice(user + 1);
  if (host.startsWith("-") || authority.startsWith("-"))
    throw invalid(location, "Its host begins with '-', which programs take for an option.");
  if (scheme.toLowerCase() !== "file" && host === "") throw invalid(location, "It names no host.");
  const words = new Map(fragment.split("&").map((part) => part.split("=", 2) as [string, string | undefined]));
  return {
    ...addressOf(scheme.toLowerCase(), { authority, host, path, user }),
    revision,
    subdirectory: subdirectoryOf(words.get("subdirectory"), location),
    egg: words.get("egg") === undefined ? undefined : decoded(words.get("egg") ?? "", location),
  };
}

/** Only over http are name and password ours to give; ssh takes its user from the URL. */
function addressOf(
  scheme: string,
  { authority, host, path, user }: { authority: string; host: string; path: string; user: number },
): Pick<GitSource, "url" | "credentials"> {
  const isWeb = scheme === "http" || scheme === "https";
  const url = `${scheme}://${isWeb ? host : authority.replace(/^([^:@]*):[^@]*@/, "$1@")}${path}`;
  if (!isWeb || user < 0) return { url, credentials: undefined };
  const [username = "", password = ""] = authority.slice(0, user).split(/:(.*)/s, 2).map(safelyDecoded);
  return { url, credentials: { username, password } };
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function decoded(text: string, location: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(location, "It holds a '%' that begins no escape.");
  }
}

function checkRevision(revision: string, location: string): void {
  if (revision === "") throw invalid(location, "It has an '@' and no revision behind it.");
  if (revision.startsWith("-")) throw invalid(location, "Its revision begins with '-', which git takes for an option.");
  if (!/^[\w./+@{}~^-]{1,250}$/.test(revision) || revision.includes("..") || revision.includes("@{"))
    throw invalid(location, `${excerpt(revision)} is no name of a branch, tag or commit.`);
}

/** The folder of the project inside: relative, and never out of it. */
export function subdirectoryOf(text: string | undefined, location: string): string | undefined {
  if (text === undefined || text === "") return undefined;
  const path = decoded(text, location);
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/") || parts.includes("..") || /[\\\u0000-\u001f\u007f]/.test(path))
    throw invalid(location, `Its subdirectory ${excerpt(path)} leads out of the source.`);
  return parts.length === 0 ? undefined : parts.join("/");
}

function invalid(location: string, why: string): PenError {
  return new PenError("INVALID_REQUIREMENT", `${printableLine(redactUrl(location)).slice(0, 300)} is not to be fetched`, {
    why,
    hint: "Write it like: git+https://example.org/project.git@main#subdirectory=python",
  });
}
