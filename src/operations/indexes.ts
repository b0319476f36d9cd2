/** Opening the indexes that a caller names. Apart from the context: what is in the store already is used without their client. */
import { pathExists, PenError, printableLine, resolve } from "#foundation";
import { createIndexClient, defaultIndexUrl, parseExcludeNewer, type IndexClient, type IndexLocation } from "#index";
import type { Context, IndexOptions, NamedIndex } from "./context.ts";

/** A client for the indexes that `options` name. Errors: `USAGE` for a cut-off date that is not understood. */
export function openIndexes(context: Context, options: IndexOptions): IndexClient {
  const urls = [options.indexUrl ?? defaultIndexUrl, ...(options.extraIndexUrls ?? [])];
  const indexes: readonly IndexLocation[] =
    options.noIndex === true ? [] : (options.named?.map(({ name, url }) => ({ name, url })) ?? urls.map((url) => ({ url })));
  for (const { url } of indexes) checkIndexUrl(url, context.host.cwd);
  const trustedHosts = [...(options.trustedHosts ?? []), ...(options.named ?? []).flatMap(unverifiedHost)];
  return createIndexClient({
    host: context.host,
    cacheFolder: context.cacheFolder,
    indexes,
    findLinks: options.findLinks ?? [],
    strategy: options.indexStrategy ?? "first-index",
    offline: options.offline ?? false,
    emit: context.emit,
    ...(options.refresh === undefined ? {} : { refresh: options.refresh }),
    ...(options.excludeNewer === undefined ? {} : { excludeNewer: parseExcludeNewer(options.excludeNewer, context.host.now()) }),
    ...(options.keyring === undefined ? {} : { keyring: options.keyring }),
    ...(options.retries === undefined ? {} : { retries: options.retries }),
    ...(options.stallTimeoutMs === undefined ? {} : { stallTimeoutMs: options.stallTimeoutMs }),
    ...(trustedHosts.length === 0 ? {} : { trustedHosts }),
    ...(options.routes === undefined ? {} : { routes: options.routes }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
    ...(options.auth === undefined ? {} : { auth: options.auth }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
}

function unverifiedHost({ url, verifySsl }: NamedIndex): string[] {
  return !verifySsl && URL.canParse(url) ? [new URL(url).host] : [];
}

/** An index is a URL, or a folder that is there; anything else would look like an index without packages. */
function checkIndexUrl(url: string, cwd: string): void {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || pathExists(resolve(cwd, url))) return;
  throw new PenError("INVALID_CONFIG", `${printableLine(url)} is no index`, {
    why: "It is neither a URL nor a folder that exists.",
    hint: "Write the URL of its Simple API, for example https://packages.example.org/simple/.",
  });
}
