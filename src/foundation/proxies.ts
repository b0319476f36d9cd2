import { PenError } from "./errors.ts";
import { excerpt, redactUrl } from "./text.ts";

/** Names the proxy for a URL, as an absolute URL that may hold credentials; undefined means a direct connection. */
export type ProxyFor = (url: URL) => string | undefined;

/**
 * Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` (lower case wins over upper case). Throws INVALID_CONFIG on
 * first use for a proxy that is neither http nor https.
 */
export function proxiesFromEnvironment(env: Readonly<Record<string, string | undefined>>): ProxyFor {
  const read = (name: string): string | undefined => env[name] || env[name.toUpperCase()] || undefined;
  const excluded = (read("no_proxy") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  const all = read("all_proxy");
  const proxies: Readonly<Record<string, string | undefined>> = {
    "http:": read("http_proxy") ?? all,
    "https:": read("https_proxy") ?? all,
  };
  return (url) => {
    const proxy = proxies[url.protocol];
    if (proxy === undefined || excluded.some((entry) => excludes(entry, url))) return undefined;
    return proxyUrl(proxy);
  };
}

/** The absolute URL of a proxy as people write it (`proxy:3128` means http). Throws INVALID_CONFIG. */
export function proxyUrl(text: string): string {
  const full = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return full;
  throw new PenError("INVALID_CONFIG", `pen cannot use the proxy ${excerpt(redactUrl(text), 200)}`, {
    why: "Only http and https proxies are supported.",
    hint: "Set HTTPS_PROXY to a URL like http://proxy.example:3128, or unset it.",
  });
}

function excludes(entry: string, url: URL): boolean {
  if (entry === "*") return true;
  const host = url.hostname.toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry);
  if (match !== null && match[2] !== port) return false;
  const name = (match?.[1] ?? entry).toLowerCase();
  if (name.includes("/")) return inNetwork(host, name);
  const bare = name.replace(/^\*?\./, "");
  return bare !== "" && (host === bare || host === `[${bare}]` || host.endsWith(`.${bare}`));
}

function inNetwork(host: string, network: string): boolean {
  const [base = "", bits = ""] = network.split("/");
  const address = ipv4(host);
  const start = ipv4(base);
  const length = Number(bits);
  if (address === undefined || start === undefined || !/^\d{1,2}$/.test(bits) || length > 32) return false;
  const size = 2 ** (32 - length);
  return Math.floor(address / size) === Math.floor(start / size);
}

function ipv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}
