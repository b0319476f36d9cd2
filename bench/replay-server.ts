/**
 * A process that answers as the real index does, from the recording: `bun bench/replay-server.ts [FOLDER]`. Prints its origin as one
 * line. Pages are JSON, compressed once at the start; wheels leave the disk by `sendfile`. `/-/misses` lists what was not recorded.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readPage, readRecording, recordingFolder } from "./recording.ts";

const jsonType = "application/vnd.pypi.simple.v1+json";

interface ServedPage {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly packed: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

const folder = process.argv[2] ?? recordingFolder;
const recording = readRecording(folder);
const wheels = new Set(recording.wheels);
const pages = new Map<string, ServedPage>();
/** Path of the URL → name below `files/`. */
const files = new Map<string, string>();
const misses: string[] = [];

const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 120, fetch: answer });
const origin = `http://127.0.0.1:${server.port}`;
for (const recorded of recording.pages) {
  const page = readPage(recorded, wheels, folder);
  for (const { filename, url } of page.files) {
    if (!wheels.has(filename)) continue;
    files.set(new URL(url).pathname, filename);
    files.set(`${new URL(url).pathname}.metadata`, `${filename}.metadata`);
  }
  const here = page.files.map((file) => ({ ...file, url: origin + new URL(file.url).pathname }));
  const { project: name, meta, versions } = page;
  const plain = Buffer.from(JSON.stringify({ files: here, meta, name, ...(versions === undefined ? {} : { versions }) }));
  pages.set(name, { plain, packed: Buffer.from(gzipSync(plain)), etag: etagOf(plain) });
}
console.log(origin);
// Whoever started it holds the other end: when that is gone, nobody needs the server any more.
void Bun.stdin.text().then(() => process.exit());

function etagOf(bytes: string | Uint8Array): string {
  return `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
}

function answer(request: Request): Response {
  const path = new URL(request.url).pathname;
  if (path === "/-/misses") return Response.json(misses);
  const project = /^\/simple\/([^/]+)(\/?)$/.exec(path);
  if (project !== null && project[2] === "") return new Response(null, { status: 301, headers: { location: `${path}/` } });
  const page = pages.get(project?.[1] ?? "");
  if (page !== undefined) return pageAnswer(request, page);
  const file = files.get(decodeURIComponent(path)) ?? files.get(path);
  if (file !== undefined) return fileAnswer(request, file);
  misses.push(path);
  return new Response("not recorded\n", { status: 404 });
}

function pageAnswer(request: Request, { plain, packed, etag }: ServedPage): Response {
  const headers = new Headers({ "content-type": jsonType, etag, "cache-control": "max-age=600, public", vary: "Accept, Accept-Encoding" });
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  if (request.headers.get("accept-encoding")?.includes("gzip") !== true) return new Response(plain, { headers });
  headers.set("content-encoding", "gzip");
  return new Response(packed, { headers });
}

function fileAnswer(request: Request, name: string): Response {
  const path = join(folder, "files", name);
  const etag = etagOf(name);
  const headers = new Headers({
    "content-type": "application/octet-stream",
    etag,
    "accept-ranges": "bytes",
    "cache-control": "max-age=365000000, immutable, public",
  });
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  if (name.endsWith(".metadata")) return new Response(readFileSync(path), { headers });
  const file = Bun.file(path);
  const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const condition = request.headers.get("if-range");
  if (asked === null || (asked[1] === "" && asked[2] === "") || (condition !== null && condition !== etag))
    return new Response(file, { headers });
  const start = asked[1] === "" ? Math.max(0, file.size - Number(asked[2])) : Number(asked[1]);
  const end = asked[1] === "" || asked[2] === "" ? file.size : Math.min(Number(asked[2]) + 1, file.size);
  if (start >= end) return new Response(null, { status: 416, headers: { "content-range": `bytes */${file.size}` } });
  headers.set("content-range", `bytes ${start}-${end - 1}/${file.size}`);
  return new Response(file.slice(start, end), { status: 206, headers });
}
