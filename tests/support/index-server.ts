/**
 * A package index on this machine for tests and the benchmark: the Simple API in JSON and HTML, flat pages, `.metadata`
 * files, ranges, credentials, redirects and scripted faults. It runs under Node and Bun, and logs every request.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";

/** A distribution that the index offers. */
export interface ServedFile {
  readonly filename: string;
  readonly bytes: Uint8Array;
  /** The content of the `.metadata` twin; without it there is none. */
  readonly metadata?: string;
  /** What the page says about the twin's sha256; default the truth, `""` for a twin without a hash. */
  readonly metadataHash?: string;
  readonly yanked?: boolean | string;
  readonly requiresPython?: string;
  /** RFC 3339. */
  readonly uploadTime?: string;
  /** Default: the true sha256. */
  readonly hashes?: Readonly<Record<string, string>>;
  /** The `href` on the page; default `/files/<filename>` of this server. */
  readonly href?: string;
  /** What the page says; default the truth. `null` leaves it out. */
  readonly size?: number | null;
}

/** What happens to one request instead of the plain answer. Several fields may be combined. */
export interface Fault {
  /** Answer with this status (and `body`). */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Close the connection after so many bytes of the body (0: after the headers). */
  readonly cutAfter?: number;
  /** Close the connection before any answer. */
  readonly drop?: boolean;
  /** Send so many bytes of the body and then nothing more (-1: not even the headers). */
  readonly stallAfter?: number;
  /** Send one byte at a time, this many milliseconds apart. */
  readonly dripMs?: number;
  /** Answer 200 with everything although a range was asked for. */
  readonly ignoreRange?: boolean;
  /** Move the range by so many bytes, `Content-Range` and content both. */
  readonly shiftRange?: number;
  /** Leave out the length, so that only the end of the connection ends the body. */
  readonly noLength?: boolean;
  /** Send the body again and again, until the client goes away. */
  readonly endless?: boolean;
  /** Wait before the answer. */
  readonly delayMs?: number;
}

export interface IndexServerOptions {
  /** By project name as in the URL (normalised). May be changed while the server runs. */
  readonly projects?: Record<string, readonly ServedFile[]>;
  /** Default: what the client prefers. */
  readonly format?: "json" | "html" | "negotiated";
  readonly apiVersion?: string;
  /** Default true. */
  readonly ranges?: boolean;
  /** Default true: twins are listed and served where a file has one. */
  readonly metadata?: boolean;
  readonly auth?: { readonly username: string; readonly password: string };
  /** Compress pages. */
  readonly gzip?: boolean;
  /** Default true. */
  readonly etag?: boolean;
  /** Of pages; default none. */
  readonly cacheControl?: string;
  /** Path → target of a 302 (or `status`). */
  readonly redirects?: Readonly<Record<string, string | { readonly to: string; readonly status: number }>>;
  /** Path → fixed answer: recorded pages, requirements files. */
  readonly routes?: Readonly<Record<string, { readonly body: string | Uint8Array; readonly type?: string }>>;
  /** Wait before every answer, as a network would. */
  readonly latencyMs?: number;
}

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface IndexServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly origin: string;
  /** The Simple API: `<origin>/simple/`. */
  readonly indexUrl: string;
  /** One page with the files of all projects: `<origin>/links/`. */
  readonly linksUrl: string;
  /** Every request so far, oldest first. */
  readonly requests: LoggedRequest[];
  /** Paths asked for, oldest first; with `under`, only those that begin so. */
  paths(under?: string): string[];
  /** The next requests of `path` meet these faults, one each; `undefined` in the list is a plain answer. */
  fault(path: string, faults: ReadonlyArray<Fault | undefined>): void;
  /** All further requests of `path` meet this fault; undefined ends it. */
  faultAlways(path: string, fault: Fault | undefined): void;
  /** Offers these files under the name from now on; undefined takes the project away. */
  setProject(name: string, files: readonly ServedFile[] | undefined): void;
  close(): Promise<void>;
}

interface State {
  readonly options: IndexServerOptions;
  readonly projects: Map<string, readonly ServedFile[]>;
  readonly once: Map<string, Array<Fault | undefined>>;
  readonly always: Map<string, Fault>;
  readonly requests: LoggedRequest[];
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** Starts an index on a free port of 127.0.0.1. Close it at the end of the test. */
export async function startIndex(options: IndexServerOptions = {}): Promise<IndexServer> {
  const state: State = {
    options,
    projects: new Map(Object.entries(options.projects ?? {})),
    once: new Map(),
    always: new Map(),
    requests: [],
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => void serve(state, request, response).catch(() => response.destroy()));
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    indexUrl: `${origin}/simple/`,
    linksUrl: `${origin}/links/`,
    requests: state.requests,
    paths: (under = "") => state.requests.map((request) => request.path).filter((path) => path.startsWith(under)),
    fault: (path, faults) => void state.once.set(path, [...faults]),
    faultAlways: (path, fault) => void (fault === undefined ? state.always.delete(path) : state.always.set(path, fault)),
    setProject: (name, files) => void (files === undefined ? state.projects.delete(name) : state.projects.set(name, files)),
    close: () => closeServer(server, sockets),
  };
}

function closeServer(server: Server, sockets: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  state.requests.push({ method: request.method ?? "GET", path, headers: request.headers });
  const fault = state.once.get(path)?.shift() ?? state.always.get(path);
  const wait = (fault?.delayMs ?? 0) + (state.options.latencyMs ?? 0);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  if (fault?.drop === true) return void response.socket?.destroy();
  if (fault?.stallAfter === -1) return;
  const answer = faulty(fault, () => answerFor(state, path, request.headers, fault));
  await send(response, answer, { head: request.method === "HEAD", fault });
}

function faulty(fault: Fault | undefined, plain: () => Answer): Answer {
  if (fault?.status !== undefined) {
    return {
      status: fault.status,
      headers: { "content-type": "text/plain", ...fault.headers },
      body: bytesOf(fault.body ?? `status ${fault.status}\n`),
    };
  }
  const answer = plain();
  return {
    status: answer.status,
    headers: { ...answer.headers, ...fault?.headers },
    body: fault?.body === undefined ? answer.body : bytesOf(fault.body),
  };
}

async function send(response: ServerResponse, answer: Answer, how: { head: boolean; fault: Fault | undefined }): Promise<void> {
  const { fault } = how;
  const headers: Record<string, string> = { "content-length": String(answer.body.length), ...answer.headers };
  if (fault?.noLength === true || fault?.endless === true) delete headers["content-length"];
  response.writeHead(answer.status, headers);
  if (how.head || answer.status === 304) return void response.end();
  if (fault?.dripMs !== undefined) {
    for (let at = 0; at < answer.body.length && !response.destroyed; at += 1) {
      response.write(answer.body.subarray(at, at + 1));
      await new Promise((resolve) => setTimeout(resolve, fault.dripMs));
    }
    return void response.end();
  }
  if (fault?.endless === true) {
    const piece = Buffer.alloc(Math.max(answer.body.length, 2 ** 20), answer.body);
    while (!response.destroyed) await new Promise((resolve) => response.write(piece, resolve));
    return;
  }
  const end = fault?.cutAfter ?? fault?.stallAfter;
  if (end === undefined) return void response.end(answer.body);
  response.flushHeaders();
  if (end > 0) await new Promise<void>((resolve) => response.write(answer.body.subarray(0, end), () => resolve()));
  if (fault?.cutAfter === undefined) return;
  // The client must see what was sent before it sees the end of the connection.
  await new Promise((resolve) => setTimeout(resolve, 20));
  response.socket?.destroy();
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? Buffer.from(content, "utf8") : content;
}

function text(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: Buffer.from(body) };
}

function answerFor(state: State, path: string, headers: IncomingHttpHeaders, fault: Fault | undefined): Answer {
  const { auth, redirects, routes } = state.options;
  if (auth !== undefined && headers.authorization !== `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`) {
    return text(401, "credentials needed\n", { "www-authenticate": 'Basic realm="packages"' });
  }
  const redirect = redirects?.[path];
  if (redirect !== undefined) {
    const { to, status } = typeof redirect === "string" ? { to: redirect, status: 302 } : redirect;
    return text(status, "", { location: to });
  }
  const route = routes?.[path];
  if (route !== undefined) return page(state, bytesOf(route.body), { type: route.type ?? "text/plain; charset=utf-8", headers });
  if (path === "/links/") return page(state, Buffer.from(html(state, [...state.projects.values()].flat())), { type: "text/html", headers });
  const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
  if (project !== undefined) return projectPage(state, project, headers);
  if (path.startsWith("/files/")) return fileAnswer(state, decodeURIComponent(path.slice(7)), { headers, fault });
  return text(404, "not here\n");
}

function projectPage(state: State, name: string, headers: IncomingHttpHeaders): Answer {
  const files = state.projects.get(name);
  if (files === undefined) return text(404, "no such project\n");
  const format = state.options.format ?? "negotiated";
  const json = format === "json" || (format === "negotiated" && (headers.accept ?? "").includes("application/vnd.pypi.simple.v1+json"));
  return json
    ? page(state, Buffer.from(projectJson(state, name, files)), { type: "application/vnd.pypi.simple.v1+json", headers })
    : page(state, Buffer.from(html(state, files)), { type: "text/html; charset=utf-8", headers });
}

function page(state: State, body: Uint8Array, how: { type: string; headers: IncomingHttpHeaders }): Answer {
  const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
  const headers: Record<string, string> = { "content-type": how.type };
  if (state.options.cacheControl !== undefined) headers["cache-control"] = state.options.cacheControl;
  if (state.options.etag !== false) headers["etag"] = etag;
  if (state.options.etag !== false && how.headers["if-none-match"] === etag) return { status: 304, headers, body: new Uint8Array() };
  if (state.options.gzip !== true || how.headers["accept-encoding"]?.includes("gzip") !== true) return { status: 200, headers, body };
  return { status: 200, headers: { ...headers, "content-encoding": "gzip" }, body: gzipSync(body) };
}

function hashesOf(file: ServedFile): Readonly<Record<string, string>> {
  return file.hashes ?? { sha256: sha256(file.bytes) };
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function twinOf(state: State, file: ServedFile): true | { sha256: string } | undefined {
  if (file.metadata === undefined || state.options.metadata === false) return undefined;
  return file.metadataHash === "" ? true : { sha256: file.metadataHash ?? sha256(file.metadata) };
}

function projectJson(state: State, name: string, files: readonly ServedFile[]): string {
  return JSON.stringify({
    meta: { "api-version": state.options.apiVersion ?? "1.1" },
    name,
    versions: [],
    files: files.map((file) => ({
      filename: file.filename,
      url: file.href ?? `/files/${encodeURIComponent(file.filename)}`,
      hashes: hashesOf(file),
      ...(file.requiresPython === undefined ? {} : { "requires-python": file.requiresPython }),
      ...(file.size === null ? {} : { size: file.size ?? file.bytes.length }),
      ...(file.uploadTime === undefined ? {} : { "upload-time": file.uploadTime }),
      yanked: file.yanked ?? false,
      "core-metadata": twinOf(state, file) ?? false,
    })),
  });
}

function html(state: State, files: readonly ServedFile[]): string {
  const lines = files.map((file) => {
    const [algorithm, digest] = Object.entries(hashesOf(file))[0] ?? [];
    const twin = twinOf(state, file);
    const attributes = [
      `href="${escape(file.href ?? `/files/${encodeURIComponent(file.filename)}`)}${algorithm === undefined ? "" : `#${algorithm}=${digest}`}"`,
      file.requiresPython === undefined ? "" : `data-requires-python="${escape(file.requiresPython)}"`,
      file.yanked === undefined || file.yanked === false ? "" : `data-yanked="${file.yanked === true ? "" : escape(file.yanked)}"`,
      twin === undefined ? "" : `data-core-metadata="${twin === true ? "true" : `sha256=${twin.sha256}`}"`,
    ];
    return `<a ${attributes.filter((attribute) => attribute !== "").join(" ")}>${escape(file.filename)}</a><br/>`;
  });
  const version = state.options.apiVersion ?? "1.1";
  return `<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="${version}"></head><body>\n${lines.join("\n")}\n</body></html>\n`;
}

function escape(value: string): string {
  return value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function fileAnswer(state: State, name: string, how: { headers: IncomingHttpHeaders; fault: Fault | undefined }): Answer {
  for (const file of [...state.projects.values()].flat()) {
    if (name === file.filename) return ranged(state, file.bytes, how);
    if (name === `${file.filename}.metadata` && twinOf(state, file) !== undefined) return text(200, file.metadata ?? "");
  }
  return text(404, "no such file\n");
}

function ranged(state: State, bytes: Uint8Array, how: { headers: IncomingHttpHeaders; fault: Fault | undefined }): Answer {
  const etag = `"${sha256(bytes).slice(0, 16)}"`;
  const ranges = state.options.ranges !== false;
  const headers: Record<string, string> = { "content-type": "application/octet-stream", ...(ranges ? { "accept-ranges": "bytes" } : {}) };
  if (state.options.etag !== false) headers["etag"] = etag;
  const condition = how.headers["if-range"];
  const match = /^bytes=(\d*)-(\d*)$/.exec(how.headers.range ?? "");
  if (!ranges || match === null || how.fault?.ignoreRange === true || (condition !== undefined && condition !== etag))
    return { status: 200, headers, body: bytes };
  const suffix = match[1] === "";
  const start = (suffix ? Math.max(0, bytes.length - Number(match[2])) : Number(match[1])) + (how.fault?.shiftRange ?? 0);
  const end = suffix || match[2] === "" ? bytes.length - 1 : Math.min(Number(match[2]), bytes.length - 1);
  if (start >= bytes.length) return { ...text(416, ""), headers: { "content-range": `bytes */${bytes.length}` } };
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end}/${bytes.length}` },
    body: bytes.subarray(start, end + 1),
  };
}
