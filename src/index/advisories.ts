import { createLimiter, PenError, printableLine, sha256Hex, silent } from "#foundation";
import { isAdvisoryId, parseAdvisory, type Advisory, type NormalizedName } from "#standards";
import { transportOf } from "./client.ts";
import { createCredentialStore } from "./credentials.ts";
import { createDiskCache, type DiskCache } from "./disk-cache.ts";
import { defaultIndexUrl, type ConnectionSettings } from "./settings.ts";
import type { Transport } from "./transport.ts";
import { shownUrl } from "./urls.ts";

/** The vulnerability database that is asked when nothing else is said (its interface: google.github.io/osv.dev). */
export const defaultAdvisoryUrl = "https://api.osv.dev/v1";

/** The page on which a person reads about a vulnerability. */
export const advisoryPage = (id: string): string => `https://osv.dev/vulnerability/${id}`;

/** The page of a project on the default index. */
export const projectPage = (name: NormalizedName): string => new URL(`/project/${name}/`, defaultIndexUrl).href;

export interface AdvisorySettings extends ConnectionSettings {
  /** `https://…/v1`, below which `querybatch` and `vulns/` are. The place of pip-audit's `--osv-url` (`…/v1/query`) means the same. */
  readonly url: string;
}

/** A version of a project that is asked about. */
export interface AdvisoryQuestion {
  readonly name: NormalizedName;
  readonly version: string;
}

export interface AdvisoryClient {
  /**
   * The records that the database names for these versions, each once. Which of them holds for which version is the caller's to judge from what
   * the record says. Errors: NETWORK, OFFLINE, AUTH_REQUIRED, INVALID_ADVISORY.
   */
  records(questions: readonly AdvisoryQuestion[]): Promise<Advisory[]>;
}

/** The database takes at most so many questions at once. */
const questionsAtOnce = 1000;
/** Further pages of answers that are asked for before pen takes it for a circle. */
const mostPages = 100;
const longestAnswer = 64 * 1024 * 1024;
const longestRecord = 4 * 1024 * 1024;
const recordsAtOnce = 16;

interface Named {
  readonly id: string;
  /** When it was changed last: the same record has the same text. */
  readonly modified: string | undefined;
}

/** A client for one command. Opens no connection yet. Errors: USAGE for a URL that is none. */
export function createAdvisoryClient(settings: AdvisorySettings): AdvisoryClient {
  const credentials = createCredentialStore(settings);
  const emit = settings.emit ?? silent;
  if (!/^https?:\/\/./i.test(settings.url) || !URL.canParse(settings.url))
    throw new PenError("USAGE", `${printableLine(shownUrl(settings.url))} is no http: or https: URL`, {
      hint: `Give the place below which querybatch and vulns/ are, for example ${defaultAdvisoryUrl}`,
    });
  const base = credentials
    .take(settings.url, true)
    .replace(/\/+$/, "")
    .replace(/\/query$/, "");
  const transport = transportOf(settings, credentials, emit);
  const cache = createDiskCache(settings.cacheFolder, emit);
  return {
    records: async (questions) => {
      const named = new Map<string, Named>();
      for (let at = 0; at < questions.length; at += questionsAtOnce)
        for (const one of await askAll(transport, base, questions.slice(at, at + questionsAtOnce))) named.set(one.id, one);
      const asking = createLimiter(recordsAtOnce);
      return Promise.all([...named.values()].map((one) => asking.run(() => recordOf({ transport, cache, base }, one))));
    },
  };
}

interface Query {
  readonly package: { readonly name: string; readonly ecosystem: "PyPI" };
  readonly version: string;
  readonly page_token?: string;
}

/** One round of questions, and as many more as the answers have further pages. */
async function askAll(transport: Transport, base: string, questions: readonly AdvisoryQuestion[]): Promise<Named[]> {
  const named: Named[] = [];
  let queries: Query[] = questions.map(({ name, version }) => ({ package: { name, ecosystem: "PyPI" }, version }));
  for (let page = 0; queries.length > 0; page += 1) {
    if (page === mostPages) throw wrongAnswer(base, "Its answers have no end.");
    const results = await ask(transport, base, queries);
    queries = results.flatMap((result, at): Query[] => {
      named.push(...namedOf(result, base));
      const token = isObject(result) ? result["next_page_token"] : undefined;
      const query = queries[at];
      return typeof token === "string" && token !== "" && query !== undefined ? [{ ...query, page_token: token }] : [];
    });
  }
  return named;
}

async function ask(transport: Transport, base: string, queries: readonly Query[]): Promise<readonly unknown[]> {
  const body = JSON.stringify({ queries });
  const headers = { "content-type": "application/json", accept: "application/json" };
  const text = await transport.request(
    () => ({ url: `${base}/querybatch`, headers, body }),
    async (answer) => {
      if (answer.status !== 200) throw wrongAnswer(base, `It answered ${answer.status} to a question.`);
      return Buffer.from(await answer.bytes(longestAnswer)).toString("utf8");
    },
  );
  const results = field(parse(text, base), "results");
  if (!Array.isArray(results) || results.length !== queries.length) throw wrongAnswer(base, "It did not answer every question.");
  return results;
}

function namedOf(result: unknown, base: string): Named[] {
  // A version about which nothing is known is answered by an empty object.
  const vulnerabilities = field(result ?? {}, "vulns") ?? [];
  if (!isObject(result ?? {}) || !Array.isArray(vulnerabilities))
    throw wrongAnswer(base, "It lists records in another way than it should.");
  return vulnerabilities.map((one: unknown) => {
    const id = field(one, "id");
    const modified = field(one, "modified");
    if (typeof id !== "string" || !isAdvisoryId(id)) throw wrongAnswer(base, "It names a record that has no proper id.");
    return { id, modified: typeof modified === "string" ? modified : undefined };
  });
}

/** A record, from the cache where it was not changed since. */
async function recordOf(
  { transport, cache, base }: { transport: Transport; cache: DiskCache; base: string },
  named: Named,
): Promise<Advisory> {
  const place = `advisories/${sha256Hex(`${base} ${named.id} ${named.modified ?? ""}`)}.json`;
  const kept = named.modified === undefined ? undefined : cache.read(place);
  if (kept !== undefined) {
    try {
      return checked(Buffer.from(kept).toString("utf8"), base, named.id);
    } catch {
      cache.remove(place);
    }
  }
  const text = await transport.request(
    () => ({ url: `${base}/vulns/${encodeURIComponent(named.id)}`, headers: { accept: "application/json" } }),
    async (answer) => {
      if (answer.status !== 200) throw wrongAnswer(base, `It names the record ${named.id} and answers ${answer.status} when asked for it.`);
      return Buffer.from(await answer.bytes(longestRecord)).toString("utf8");
    },
  );
  const record = checked(text, base, named.id);
  if (named.modified !== undefined) cache.write(place, text);
  return record;
}

function checked(text: string, base: string, id: string): Advisory {
  const record = parseAdvisory(parse(text, base));
  if (record.id !== id) throw wrongAnswer(base, `Asked for the record ${id} it answers with ${record.id}.`);
  return record;
}

function parse(text: string, base: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrongAnswer(base, "Its answer is no JSON.");
  }
}

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const field = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

const wrongAnswer = (base: string, why: string): PenError =>
  new PenError("INVALID_ADVISORY", `${shownUrl(base)} does not answer as a vulnerability database does`, {
    why,
    hint: "Check the URL, or audit with a downloaded copy: pen audit --db FILE",
    data: { url: shownUrl(base) },
  });
