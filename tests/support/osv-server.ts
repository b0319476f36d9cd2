/**
 * A vulnerability database on this machine: the OSV interface over records that a test makes. `querybatch` names every record about a project,
 * whatever the version, so that it is pen who judges; `query` (which pip-audit asks) goes by the versions that a record lists one by one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface OsvRecord {
  readonly id: string;
  readonly modified?: string;
  readonly [key: string]: unknown;
}

export interface OsvServer {
  /** `http://127.0.0.1:<port>/v1`. */
  readonly url: string;
  /** Paths asked for, oldest first. */
  readonly requests: string[];
  /** What a path (`/v1/querybatch`) answers instead, from now on; undefined ends it. */
  answer(path: string, body: string | Uint8Array | undefined, status?: number): void;
  /** Names at most so many records at once, the others on further pages. */
  pageSize: number;
  close(): Promise<void>;
}

interface Query {
  readonly package: { readonly name: string };
  readonly version: string;
  readonly page_token?: string;
}

interface Affected {
  readonly package: { readonly name: string };
  readonly versions?: readonly string[];
}

export async function startOsv(records: readonly OsvRecord[]): Promise<OsvServer> {
  const requests: string[] = [];
  const answers = new Map<string, { readonly body: string | Uint8Array; readonly status: number }>();
  const about = (name: string): OsvRecord[] => records.filter((record) => affectedOf(record).some((entry) => entry.package.name === name));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent(request.url ?? "/");
    requests.push(path);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const set = answers.get(path);
    if (set !== undefined) return void response.writeHead(set.status).end(set.body);
    const asked = parts.length === 0 ? undefined : (JSON.parse(Buffer.concat(parts).toString("utf8")) as { queries: Query[] } & Query);
    const value = answerTo(path, asked);
    response.writeHead(value === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(value ?? {}));
  };
  const answerTo = (path: string, asked: ({ queries: Query[] } & Query) | undefined): unknown => {
    if (path === "/v1/querybatch" && asked !== undefined) return { results: asked.queries.map((query) => page(query)) };
    if (path === "/v1/query" && asked !== undefined) {
      const found = about(asked.package.name).filter((record) =>
        affectedOf(record).some((entry) => entry.versions?.includes(asked.version)),
      );
      return found.length === 0 ? {} : { vulns: found };
    }
    return records.find(({ id }) => path === `/v1/vulns/${id}`);
  };
  const page = ({ package: { name }, page_token: token = "0" }: Query): unknown => {
    const found = about(name);
    const end = Number(token) + server.pageSize;
    const vulns = found.slice(Number(token), end).map(({ id, modified }) => ({ id, ...(modified === undefined ? {} : { modified }) }));
    return { ...(vulns.length === 0 ? {} : { vulns }), ...(end < found.length ? { next_page_token: String(end) } : {}) };
  };
  const http = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: OsvServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    requests,
    pageSize: 1000,
    answer: (path, body, status = 200) => void (body === undefined ? answers.delete(path) : answers.set(path, { body, status })),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

function affectedOf(record: OsvRecord): readonly Affected[] {
  return Array.isArray(record["affected"]) ? (record["affected"] as Affected[]) : [];
}
