/**
 * HTTP as an index needs it: retries, stall time-outs, credentials for the exact origin, redirects followed by hand, and a bound
 * on the requests under way. Everything a caller sees is an {@link Answer} or a PenError.
 */
import { type Emit, type Fetch, PenError, createLimiter, isPenError, letGo, printableLine, warn } from "#foundation";
import type { CredentialStore } from "./credentials.ts";
import {
  TransientFault,
  backoffMs,
  fetchErrorCode,
  fetchErrorReason,
  isCertificateError,
  isTransientStatus,
  parseRetryAfter,
} from "./retry.ts";
import { type Watch, startWatch } from "./stall-watch.ts";
import { isLoopback, shownUrl } from "./urls.ts";

interface TransportSettings {
  readonly fetch: Fetch;
  /** What comes from `fetch` is nobody else's: its memory can be given back as soon as it was read. */
  readonly ownsChunks: boolean;
  readonly credentials: CredentialStore;
  readonly concurrency: number;
  readonly retries: number;
  readonly stallTimeoutMs: number;
  readonly offline: boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  readonly isTrusted: (url: URL) => boolean;
}

interface HttpRequest {
  /** Without credentials. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with POST; what it asks for must do no harm when it is asked twice. */
  readonly body?: string;
  /** Statuses that the caller understands, besides 200, 206, 304, 404, 410 and 416. */
  readonly statuses?: readonly number[];
  /** Ends this request alone. */
  readonly signal?: AbortSignal | undefined;
}

/** The answer to a request, its body not read yet. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** After redirects. */
  readonly url: string;
  /** The bytes of the body as they come, each until the next one is asked for. A body shorter than promised is a failure that is tried again. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** The whole body; NETWORK when it is longer than `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>;
}

export interface Transport {
  /** Sends the request (made anew for every try) and gives `consume` the answer; what fails on the way is tried again, `consume` included. */
  request<T>(make: () => HttpRequest, consume: (answer: Answer) => Promise<T>): Promise<T>;
}

const mostRedirects = 10;
/** A silent server costs two waits, not four. */
const stallRetries = 1;

export function createTransport(settings: TransportSettings): Transport {
  const limiter = createLimiter(settings.concurrency);
  const warned = new Set<string>();
  return {
    request: async (make, consume) => {
      let stalls = 0;
      for (let attempt = 0; ; attempt += 1) {
        const request = make();
        throwIfEnded(settings, request);
        if (settings.offline) throw offlineError(request.url);
        warnOfPlainHttp(settings, request.url, warned);
        try {
          return await limiter.run(() => once(settings, request, consume));
        } catch (error) {
          throwIfEnded(settings, request);
          if (!(error instanceof TransientFault)) throw error;
          if (error.stalled) stalls += 1;
          if (attempt >= settings.retries || stalls > stallRetries) throw givenUp(request.url, error, attempt + 1);
          await settings.sleep(error.retryAfterMs ?? backoffMs(attempt, Math.random()));
        }
      }
    },
  };
}

function throwIfEnded({ signal }: TransportSettings, request: HttpRequest): void {
  signal?.throwIfAborted();
  request.signal?.throwIfAborted();
}

function offlineError(url: string): PenError {
  return new PenError("OFFLINE", `pen is offline and does not have ${shownUrl(url)}`, { hint: "Run the command once without --offline." });
}

function warnOfPlainHttp(settings: TransportSettings, text: string, warned: Set<string>): void {
  const url = new URL(text);
  if (url.protocol !== "http:" || isLoopback(url) || settings.isTrusted(url) || warned.has(url.origin)) return;
  warned.add(url.origin);
  warn(settings.emit, "insecure-index", `${shownUrl(url.origin)} is asked over plain http: anybody on the way can change what it answers.`);
}

function givenUp(url: string, fault: TransientFault, attempts: number): PenError {
  return new PenError("NETWORK", `Could not fetch ${shownUrl(url)}`, {
    why: `${fault.message}${attempts > 1 ? ` pen tried ${attempts} times.` : ""}`,
    hint: "Check the connection and the URL (and HTTPS_PROXY, if you need a proxy), then run the command again. With --offline pen uses only what it has.",
    data: { url: shownUrl(url) },
    cause: fault.cause ?? fault,
  });
}

async function once<T>(settings: TransportSettings, request: HttpRequest, consume: (answer: Answer) => Promise<T>): Promise<T> {
  // It may have waited for its turn.
  throwIfEnded(settings, request);
  const watch = startWatch(settings.stallTimeoutMs, [settings.signal, request.signal]);
  try {
    const { response, url } = await follow(settings, request, watch);
    return await consume(toAnswer(response, url, { watch, owned: settings.ownsChunks }));
  } catch (error) {
    if (watch.stalled())
      throw new TransientFault(`The server sent nothing for ${Math.round(settings.stallTimeoutMs / 100) / 10} s.`, { stalled: true });
    throw error;
  } finally {
    watch.stop();
  }
}

async function follow(settings: TransportSettings, request: HttpRequest, watch: Watch): Promise<{ response: Response; url: string }> {
  let url = new URL(request.url);
  for (let hops = 0; ; hops += 1) {
    const response = await authorised(settings, { ...request, url: url.href }, watch);
    if (![301, 302, 303, 307, 308].includes(response.status)) {
      checkStatus(settings, response, { ...request, url: url.href });
      return { response, url: url.href };
    }
    await response.body?.cancel();
    if (hops === mostRedirects) throw redirectError(request.url, `It was redirected more than ${mostRedirects} times.`);
    url = redirectTarget(response.headers.get("location"), url, request.url);
  }
}

function redirectTarget(location: string | null, from: URL, asked: string): URL {
  if (location === null || !URL.canParse(location, from)) throw redirectError(asked, "It was redirected to something that is no URL.");
  const target = new URL(location, from);
  if (target.protocol !== "https:" && target.protocol !== "http:") {
    throw redirectError(asked, `It was redirected to a ${printableLine(target.protocol)} URL, which no server may ask for.`);
  }
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw redirectError(asked, `It was redirected from https to plain http (${shownUrl(target.href)}).`);
  }
  // A server must not choose the credentials that are sent elsewhere.
  target.username = "";
  target.password = "";
  return target;
}

function redirectError(url: string, why: string): PenError {
  return new PenError("NETWORK", `Could not fetch ${shownUrl(url)}`, {
    why,
    hint: "Check the URL; if it is right, tell the people who run that index.",
    data: { url: shownUrl(url) },
  });
}

async function authorised(settings: TransportSettings, request: HttpRequest, watch: Watch): Promise<Response> {
  const url = new URL(request.url);
  const response = await send(settings, request, watch);
  if (response.status !== 401) return response;
  // Keyring may ask a person.
  watch.touch(120_000);
  const more = await settings.credentials.ask(url);
  watch.touch();
  if (!more) return response;
  await response.body?.cancel();
  return send(settings, request, watch);
}

async function send(settings: TransportSettings, request: HttpRequest, watch: Watch): Promise<Response> {
  const authorization = settings.credentials.header(new URL(request.url));
  const headers = { "user-agent": "pen", ...request.headers, ...(authorization === undefined ? {} : { authorization }) };
  try {
    const content = request.body === undefined ? {} : { method: "POST", body: request.body };
    const response = await settings.fetch(request.url, { ...content, headers, redirect: "manual", signal: watch.signal });
    watch.touch();
    return response;
  } catch (error) {
    throw connectionFault(request.url, error);
  }
}

function connectionFault(url: string, error: unknown): Error {
  if (isPenError(error)) return error;
  const code = fetchErrorCode(error);
  if (isCertificateError(code)) {
    return new PenError("NETWORK", `Could not fetch ${shownUrl(url)}`, {
      why: `The certificate of the server is not trusted (${code}).`,
      hint: "If your network has an authority of its own, set SSL_CERT_FILE (or --cert) to its PEM file.",
      data: { url: shownUrl(url) },
      cause: error,
    });
  }
  const text = fetchErrorReason(code, innermostMessage(error));
  return new TransientFault(text, { cause: error });
}

/** Node wraps the reason in an error that only says 'fetch failed'. */
function innermostMessage(error: unknown): string {
  let message = String(error);
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at.message !== "") message = at.message;
  }
  return message;
}

function checkStatus(settings: TransportSettings, response: Response, request: HttpRequest): void {
  const { status } = response;
  if ([200, 206, 304, 404, 410, 416, ...(request.statuses ?? [])].includes(status)) return;
  const shown = shownUrl(request.url);
  if (status === 401 || status === 403) throw refused(shown, status, settings.credentials.header(new URL(request.url)) !== undefined);
  const why = `The server answered ${status}.`;
  if (isTransientStatus(status))
    throw new TransientFault(why, { retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), settings.now()) });
  throw new PenError("NETWORK", `Could not fetch ${shown}`, {
    why,
    hint: "Check that the URL is the one of an index.",
    data: { url: shown, status },
  });
}

function refused(url: string, status: number, sent: boolean): PenError {
  return new PenError("AUTH_REQUIRED", `${url} ${status === 401 ? "asks for credentials" : "is forbidden"}`, {
    why: sent
      ? `The credentials that pen has for this server were refused (${status}).`
      : `The server answered ${status}, and pen has no credentials for it.`,
    hint: "Put them into ~/.netrc, into the URL of the index (https://user:password@host/…), or use --keyring-provider subprocess.",
    data: { url, status },
  });
}

function toAnswer(response: Response, url: string, { watch, owned }: { readonly watch: Watch; readonly owned: boolean }): Answer {
  const read = () => readBody(response, url, watch);
  return {
    status: response.status,
    headers: response.headers,
    url,
    chunks: owned ? () => fleeting(read()) : read,
    bytes: async (limit) => {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of read()) {
        size += chunk.length;
        if (size > limit)
          throw new PenError("NETWORK", `The answer of ${shownUrl(url)} is too long`, {
            why: `It has more than ${limit < 2 ** 20 ? `${limit} bytes` : `${Math.floor(limit / 2 ** 20)} MiB`}.`,
          });
        parts.push(chunk);
      }
      if (parts.length === 1 && parts[0] !== undefined) return parts[0];
      const whole = Buffer.concat(parts);
      if (owned) parts.forEach(letGo);
      return whole;
    },
  };
}

async function* fleeting(chunks: AsyncGenerator<Uint8Array, void, undefined>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    yield chunk;
    letGo(chunk);
  }
}

async function* readBody(response: Response, url: string, watch: Watch): AsyncGenerator<Uint8Array, void, undefined> {
  // The length of an encoded body says nothing about the bytes that we get.
  const length = response.headers.get("content-encoding") === null ? response.headers.get("content-length") : null;
  const reader = (response.body ?? new Blob().stream()).getReader();
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw connectionFault(url, error);
    });
    if (done) break;
    watch.touch();
    received += value.length;
    yield value;
  }
  if (length !== null && /^\d+$/.test(length) && Number(length) !== received) {
    throw new TransientFault(`The server promised ${length} bytes and sent ${received}.`);
  }
}
