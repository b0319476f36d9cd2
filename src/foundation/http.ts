/**
 * `fetch` with what the plain one lacks: a proxy by URL, certificate authorities and hosts whose certificate is not checked.
 * Bun's fetch takes them as options; under Node they need the `undici` library, which is loaded only then.
 */
import { net } from "./builtins.ts";
import type * as Undici from "undici";
import { fetchWithBun, isBun } from "./runtime.ts";
import type { ProxyFor } from "./proxies.ts";

/** The part of the standard `fetch` that pen uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface FetchOptions {
  /** Default: always direct, whatever the variables of the process say. */
  readonly proxyFor?: ProxyFor | undefined;
  /** Certificates in PEM that replace the system's authorities. */
  readonly ca?: string | undefined;
  /** True for a URL whose certificate is not to be checked. */
  readonly insecure?: ((url: URL) => boolean) | undefined;
  /** Milliseconds until a host that cannot be connected to is given up, with the code ETIMEDOUT or UND_ERR_CONNECT_TIMEOUT. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
}

/** A `fetch` with these options built in. Errors are those of the runtime's fetch. */
export function createFetch(options: FetchOptions = {}): Fetch {
  const special = (url: URL) => ({ proxy: options.proxyFor?.(url), ca: options.ca, insecure: options.insecure?.(url) === true });
  if (isBun) {
    const answered = new Set<string>();
    return async (url, init) => {
      const target = new URL(url);
      const how = special(target);
      const peer = how.proxy === undefined ? target : new URL(how.proxy);
      const send = (signal: AbortSignal | null | undefined) => fetchWithBun(url, signal ? { ...init, signal } : init, how);
      if (answered.has(peer.origin)) return send(init.signal);
      const response = await watchConnection(peer, { timeoutMs: options.connectTimeoutMs ?? 10_000, signal: init.signal }, send);
      answered.add(peer.origin);
      return response;
    };
  }
  const dispatchers = new Map<string, unknown>();
  return async (url, init) => {
    const how = special(new URL(url));
    if (how.proxy === undefined && how.ca === undefined && !how.insecure && options.connectTimeoutMs === undefined) return fetch(url, init);
    const undici = await import("undici");
    const key = `${how.proxy ?? ""} ${how.insecure}`;
    if (!dispatchers.has(key)) dispatchers.set(key, dispatcher(undici, how, options.connectTimeoutMs));
    // The library has types of its own for the same standard objects.
    return (await undici.fetch(url, { ...init, dispatcher: dispatchers.get(key) } as never)) as unknown as Response;
  };
}

interface Special {
  readonly proxy: string | undefined;
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

function dispatcher(undici: typeof Undici, how: Special, timeout: number | undefined): unknown {
  const tls = { ...(how.ca === undefined ? {} : { ca: how.ca }), ...(how.insecure ? { rejectUnauthorized: false } : {}) };
  const connect = { ...tls, ...(timeout === undefined ? {} : { timeout }) };
  if (how.proxy === undefined) return new undici.Agent({ connect });
  return new undici.ProxyAgent({ uri: how.proxy, requestTls: tls, proxyTls: tls });
}

/**
 * Bun's fetch waits for a connection as long as the system does. So when a host that never answered says nothing for the
 * time-out, a bare connection is tried: when not even that comes about at once, the request is given up.
 */
async function watchConnection(
  peer: URL,
  limits: { timeoutMs: number; signal: AbortSignal | null | undefined },
  send: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const controller = new AbortController();
  const cancel = () => controller.abort(limits.signal?.reason);
  if (limits.signal?.aborted === true) cancel();
  limits.signal?.addEventListener("abort", cancel, { once: true });
  const giveUp = () => controller.abort(Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" }));
  const timer = setTimeout(() => probe(peer, giveUp), limits.timeoutMs);
  try {
    // The signal goes on listening for as long as the body is read.
    return await send(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function probe(peer: URL, giveUp: () => void): void {
  const port = Number(peer.port || (peer.protocol === "https:" ? 443 : 80));
  const socket = net().connect({ host: peer.hostname.replace(/^\[|\]$/g, ""), port, timeout: 1000 });
  const fail = () => {
    socket.destroy();
    giveUp();
  };
  socket.on("connect", () => socket.destroy());
  socket.on("timeout", fail);
  socket.on("error", fail);
}
