import { printableLine } from "#foundation";

/** A failure that may pass when the same is tried again. */
export class TransientFault extends Error {
  /** What the server asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly stalled: boolean;

  constructor(message: string, details: { retryAfterMs?: number | undefined; stalled?: boolean; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.retryAfterMs = details.retryAfterMs;
    this.stalled = details.stalled === true;
  }
}

/** The most that `Retry-After` can make us wait, in milliseconds. */
const longestRetryAfterMs = 60_000;

/** True for statuses that say 'not now' rather than 'no'. */
export function isTransientStatus(status: number): boolean {
  return [408, 429, 500, 502, 503, 504].includes(status) || (status >= 520 && status <= 527);
}

/** `Retry-After` (seconds or a date) in milliseconds from `now`, at most a minute; undefined when it is absent or not understood. */
export function parseRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const trimmed = text.trim();
  const wait = /^\d{1,10}$/.test(trimmed) ? Number(trimmed) * 1000 : Date.parse(trimmed) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestRetryAfterMs);
}

/** Milliseconds before try number `attempt` + 1: doubling from half a second, half of it random, at most ten seconds. */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(500 * 2 ** attempt, 10_000);
  return full / 2 + (full / 2) * random;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The connection was refused.",
  ConnectionRefused: "The connection was refused.",
  ECONNRESET: "The connection was closed before the answer was complete.",
  ConnectionClosed: "The connection was closed before the answer was complete.",
  UND_ERR_SOCKET: "The connection was closed before the answer was complete.",
  ENOTFOUND: "The name of the host could not be found.",
  EAI_AGAIN: "The name of the host could not be looked up.",
  FailedToOpenSocket: "The host could not be reached.",
  ETIMEDOUT: "The host did not answer in time.",
  UND_ERR_CONNECT_TIMEOUT: "The host did not answer in time.",
  EHOSTUNREACH: "There is no way to the host.",
  ENETUNREACH: "The network cannot be reached.",
};

/** The error code of a failed fetch, of the error itself or its cause. */
export function fetchErrorCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return undefined;
}

/** A sentence for a fetch that failed with an error code, or with no more than a message. What Bun advises programmers is left out. */
export function fetchErrorReason(code: string | undefined, message: string): string {
  const known = code === undefined ? undefined : reasons[code];
  if (known !== undefined) return known;
  const [, answer] = /^(\w+) fetching "/.exec(message) ?? [];
  return answer === undefined ? printableLine(message) : `Its answer could not be understood (${answer}).`;
}

/** True for failures of the certificate check, which no second try heals. */
export function isCertificateError(code: string | undefined): boolean {
  return code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|ERR_TLS/.test(code);
}
