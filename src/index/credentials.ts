/** Who may be told which password: credentials are kept by exact origin (scheme, host and port) and leave only as a header for it. */
import { type Host, readTextIfAny, runProcess, join } from "#foundation";
import { type Netrc, parseNetrc } from "./netrc.ts";
import type { ConnectionSettings, Credentials } from "./settings.ts";
import { isLoopback, splitCredentials } from "./urls.ts";

export interface CredentialStore {
  /** The URL without user name and password; those are kept for its origin. With `chosen`, a person named this place (and no server). */
  take(url: string, chosen: boolean): string;
  /** Credentials for the origin of a URL, unless there are some. */
  give(url: string, credentials: Credentials): void;
  /** The `Authorization` header for a request, from what is known without asking anybody. */
  header(url: URL): string | undefined;
  /** After a refusal: asks the hook and keyring, once per origin. True when there is something new to send. */
  ask(url: URL): Promise<boolean>;
}

type Settings = Pick<ConnectionSettings, "host" | "auth" | "keyring" | "signal">;

export function createCredentialStore(settings: Settings): CredentialStore {
  const known = new Map<string, Credentials>();
  const configured = new Map<string, string>();
  const asked = new Map<string, Promise<boolean>>();
  let netrc: Netrc | undefined;
  const fromNetrc = (url: URL): Credentials | undefined => {
    // netrc knows hosts, not schemes: nobody but the user may have it sent in the clear.
    if (url.protocol !== "https:" && !configured.has(url.origin) && !isLoopback(url)) return undefined;
    netrc ??= readNetrc(settings.host);
    return netrc.find(url.hostname);
  };
  const give = (url: string, credentials: Credentials) => {
    const { origin } = new URL(url);
    if (!isComplete(known.get(origin))) known.set(origin, credentials);
  };
  return {
    give,
    take: (text, chosen) => {
      const { url, credentials } = splitCredentials(text);
      if (!URL.canParse(url)) return url;
      const { origin } = new URL(url);
      if (chosen && !configured.has(origin)) configured.set(origin, url);
      if (credentials !== undefined) give(url, credentials);
      return url;
    },
    header: (url) => {
      const credentials = known.get(url.origin) ?? fromNetrc(url);
      return credentials === undefined ? undefined : basic(credentials);
    },
    ask: (url) => {
      const { origin } = url;
      let answer = asked.get(origin);
      if (answer === undefined) {
        const before = known.get(origin);
        answer = findOut(settings, configured.get(origin) ?? origin, before?.username).then((found) => {
          if (found === undefined || (found.username === before?.username && found.password === before.password)) return false;
          known.set(origin, found);
          return true;
        });
        asked.set(origin, answer);
      }
      return answer;
    },
  };
}

/** `PEN_INDEX_<NAME>_USERNAME` and `_PASSWORD`, the name in upper case with `_` for everything but letters and digits. */
export function credentialsByName(env: Host["env"], name: string): Credentials | undefined {
  const key = `PEN_INDEX_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
  const username = env[`${key}_USERNAME`];
  const password = env[`${key}_PASSWORD`];
  return username || password ? { username: username ?? "", password: password ?? "" } : undefined;
}

function isComplete(credentials: Credentials | undefined): boolean {
  return credentials !== undefined && credentials.password !== "";
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function readNetrc(host: Host): Netrc {
  const named = host.env["NETRC"];
  const places = named ? [named] : [".netrc", "_netrc"].map((name) => join(host.home, name));
  for (const place of places) {
    try {
      const text = readTextIfAny(place);
      if (text !== undefined) return parseNetrc(text);
    } catch {
      // Somebody else's file that we may not read is as good as none.
    }
  }
  return parseNetrc("");
}

async function findOut(settings: Settings, url: string, username: string | undefined): Promise<Credentials | undefined> {
  const given = await settings.auth?.(url);
  if (given !== undefined || settings.keyring !== "subprocess") return given;
  for (const service of [url, new URL(url).host]) {
    const found = await askKeyring(settings, service, username);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `keyring get SERVICE USER` prints the password; without a user name, `--mode creds` prints both on two lines. */
async function askKeyring(settings: Settings, service: string, username: string | undefined): Promise<Credentials | undefined> {
  const args = ["get", service, ...(username ? [username] : ["--mode", "creds"])];
  const options = {
    env: settings.host.env,
    cwd: settings.host.cwd,
    timeoutMs: 30_000,
    maxOutput: 64 * 1024,
    ...(settings.signal === undefined ? {} : { signal: settings.signal }),
  };
  const result = await runProcess("keyring", args, options).catch(() => undefined);
  settings.signal?.throwIfAborted();
  if (result?.status !== 0) return undefined;
  const lines = result.stdout.split(/\r?\n/);
  if (username) return lines[0] ? { username, password: lines[0] } : undefined;
  return lines[0] && lines[1] ? { username: lines[0], password: lines[1] } : undefined;
}
