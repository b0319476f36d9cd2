import type { Freshness } from "./stored-listing.ts";

/** Seconds an answer stays fresh when the server does not say: as long as the usual index says it. */
const defaultMaxAge = 600;
/** Seconds for which 'not there' is believed: short, because a project may have been published a moment ago. */
const absentMaxAge = 60;

/** What the headers of an answer say about keeping it. `store` is false for `no-store`. */
export function readFreshness(
  headers: Headers,
  about: { readonly now: number; readonly absent: boolean },
): Freshness & { readonly store: boolean } {
  const directives = new Map<string, string>();
  for (const part of (headers.get("cache-control") ?? "").toLowerCase().split(",")) {
    const [key = "", value = ""] = part.trim().split("=", 2);
    directives.set(key, value.replaceAll('"', ""));
  }
  const said = directives.get("max-age");
  const maxAge = said !== undefined && /^\d{1,9}$/.test(said) ? Number(said) : defaultMaxAge;
  const age = Number(headers.get("age") ?? 0);
  const left = directives.has("no-cache") ? 0 : Math.max(0, maxAge - (Number.isFinite(age) && age > 0 ? age : 0));
  return {
    etag: headers.get("etag") ?? undefined,
    lastModified: headers.get("last-modified") ?? undefined,
    fetched: about.now,
    maxAge: about.absent ? Math.min(left, absentMaxAge) : left,
    store: !directives.has("no-store"),
  };
}

/** True while the answer need not be asked for again. A date in the future (a clock set back) is never fresh. */
export function isFresh(freshness: Freshness, now: number): boolean {
  return freshness.fetched <= now && now - freshness.fetched < freshness.maxAge * 1000;
}

/** The request headers that let the server answer 'not modified'. */
export function conditionalHeaders(freshness: Freshness | undefined): Record<string, string> {
  return {
    ...(freshness?.etag === undefined ? {} : { "if-none-match": freshness.etag }),
    ...(freshness?.lastModified === undefined ? {} : { "if-modified-since": freshness.lastModified }),
  };
}
