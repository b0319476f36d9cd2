/** Where packages come from and how they are put in, as the options of a command line say: what is read of them, without their tables. */
import { PenError, printableLine } from "#foundation";
import type { IndexOptions, LinkMode } from "#operations";
import type { Parsed } from "../arguments/types.ts";

/** The index options of a parsed command line. */
export function indexesOf(parsed: Parsed): IndexOptions {
  const indexUrl = parsed.value("index-url");
  return {
    ...fetchingOf(parsed),
    indexUrl: indexUrl === undefined ? undefined : withoutIndexName(indexUrl),
    extraIndexUrls: parsed.list("extra-index-url").map(withoutIndexName),
    noIndex: parsed.flag("no-index"),
    findLinks: parsed.list("find-links"),
    indexStrategy: indexStrategyOf(parsed.value("index-strategy")),
  };
}

/** What the options that say how a network is reached come to. */
export function fetchingOf(
  parsed: Parsed,
): Omit<IndexOptions, "indexUrl" | "extraIndexUrls" | "noIndex" | "findLinks" | "indexStrategy" | "named" | "routes"> {
  const numberOf = (name: string): number | undefined => {
    const text = parsed.value(name);
    if (text === undefined) return undefined;
    if (/^\d{1,6}(\.\d+)?$/.test(text)) return Number(text);
    throw new PenError("USAGE", `--${name} takes a number, not ${printableLine(text)}`, { hint: `Type for example: --${name} 5` });
  };
  const timeout = numberOf("timeout");
  return {
    offline: parsed.flag("offline"),
    refresh: parsed.flag("refresh"),
    excludeNewer: parsed.value("exclude-newer"),
    keyring: ["subprocess", "auto", "import"].includes(parsed.value("keyring-provider") ?? "") ? "subprocess" : "disabled",
    trustedHosts: parsed.list("trusted-host"),
    certificate: parsed.value("cert"),
    proxy: parsed.value("proxy"),
    retries: numberOf("retries"),
    stallTimeoutMs: timeout === undefined ? undefined : timeout * 1000,
  };
}

/** uv may give an index a name (`mine=https://…`), which only its project files refer to. */
const withoutIndexName = (url: string): string => url.replace(/^[\w.-]+=(?=[a-z][a-z0-9+.-]*:\/\/)/i, "");

function indexStrategyOf(word: string | undefined): "best-match" | "first-index" {
  if (word !== "unsafe-first-match") return word === "best-match" || word === "unsafe-best-match" ? "best-match" : "first-index";
  throw new PenError("USAGE", "pen has no index strategy unsafe-first-match", {
    why: "It takes an older version from an earlier index before a newer one from a later one, which depends on the order in a way that hides attacks.",
    hint: "Take first-index (safe), or best-match.",
  });
}

/** How files of the store come to be in an environment. */
export const linkModeOf = (parsed: Parsed): LinkMode => (parsed.value("link-mode") ?? "auto") as LinkMode;
