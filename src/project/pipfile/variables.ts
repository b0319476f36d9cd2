import { PenError, printableLine } from "#foundation";

type Variables = Readonly<Record<string, string | undefined>>;

// No name is longer: without a bound, many that are not closed would take their square in time.
const reference = /\$(?:([A-Za-z0-9_]+)|\{([^}]{0,500})\})/g;
/** A user or password may stand in single quotes, as old Pipfiles have it. */
const quotedReference = /'?\$\{([^}]{1,500})\}'?|\$([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * The URL of a source with its `$VARIABLES` and `${VARIABLES}` filled in. Before the `@` of the host the values are escaped, so that a password may
 * hold any character; one variable may hold `user:password`. Errors: `INVALID_PROJECT` that names a variable which is not set.
 */
export function expandVariables(text: string, env: Variables): string {
  if (!text.includes("$")) return text;
  const [, before = "", authority = "", behind = ""] = /^([^/?#]*:\/\/)?([^/?#]*)(.*)$/s.exec(text) ?? [];
  const at = before === "" ? -1 : authority.lastIndexOf("@");
  if (at < 0) return plain(text, env);
  const hash = behind.indexOf("#");
  const [path, fragment] = hash < 0 ? [behind, ""] : [behind.slice(0, hash), behind.slice(hash)];
  return `${plain(before, env)}${userOf(authority.slice(0, at), env)}@${plain(authority.slice(at + 1), env)}${plain(path, env)}${fragment}`;
}

function plain(text: string, env: Variables): string {
  return text.replace(reference, (_, bare?: string, braced?: string) => valueOf(bare ?? braced ?? "", env));
}

function userOf(text: string, env: Variables): string {
  const expanded = text.replace(quotedReference, (_, braced?: string, bare?: string) => valueOf(braced ?? bare ?? "", env));
  if (expanded === text) return text;
  const colon = expanded.indexOf(":");
  if (colon < 0) return escapeUser(expanded);
  return `${escapeUser(expanded.slice(0, colon))}:${escapeUser(expanded.slice(colon + 1))}`;
}

/** As Python's `quote(text, safe="")`. */
function escapeUser(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function valueOf(name: string, env: Variables): string {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined) return value;
  throw new PenError("INVALID_PROJECT", `The variable ${printableLine(name)} is not set`, {
    why: "A URL in the Pipfile needs it.",
    hint: `Set it, or write ${printableLine(name)}=… into the .env file beside the Pipfile.`,
    data: { variable: name },
  });
}
