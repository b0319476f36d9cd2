import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { type IncomingMessage, createServer, request as httpRequest } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { failure, eachTest, foo, fooWheel, withUser, basicUser } from "../../tests/support/index-client.ts";
import { type IndexServer, type IndexServerOptions } from "../../tests/support/index-server.ts";

const each = eachTest();

async function serve(options: IndexServerOptions = {}): Promise<IndexServer> {
  return each.serve({ projects: { foo: [fooWheel("1.0")] }, ...options });
}

interface Proxy {
  readonly url: string;
  readonly seen: string[];
}

/** A proxy that forwards plain requests and opens tunnels, and notes both. */
async function startProxy(): Promise<Proxy> {
  const seen: string[] = [];
  const note = (request: IncomingMessage) => seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
  const server = createServer((request, response) => {
    note(request);
    const { "proxy-authorization": _secret, ...headers } = request.headers;
    const forward = httpRequest(request.url!, { method: request.method!, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    forward.on("error", () => response.destroy());
    request.pipe(forward);
  });
  server.on("connect", (request, socket) => {
    note(request);
    const [host, port] = request.url!.split(":");
    const out = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      out.pipe(socket).pipe(out);
    });
    out.on("error", () => socket.destroy());
    socket.on("error", () => out.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  each.atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe("proxies", () => {
  test("of the environment are used, but not for hosts of NO_PROXY", async () => {
    const server = await serve();
    const proxy = await startProxy();
    expect(await each.place.client([server.indexUrl], { env: { HTTP_PROXY: withUser(proxy.url) } }).listing(foo)).toBeDefined();
    expect(proxy.seen).toEqual([`GET ${server.origin}/simple/foo/ ${basicUser}`]);
    expect(server.requests[0]!.headers["proxy-authorization"]).toBeUndefined();
    expect(
      await each.place.client([server.indexUrl], { refresh: true, env: { HTTP_PROXY: proxy.url, no_proxy: "127.0.0.1" } }).listing(foo),
    ).toBeDefined();
    expect(proxy.seen).toHaveLength(1);
    await each.place.client([server.indexUrl], { refresh: true, proxy: proxy.url }).listing(foo);
    expect(proxy.seen).toHaveLength(2);
    expect(each.place.everything()).not.toContain("s3cr3t");
  });

  test("of the process itself count for nothing: the host's variables decide", async () => {
    const server = await serve();
    const proxy = await startProxy();
    const before = { ...process.env };
    try {
      process.env["HTTP_PROXY"] = "http://127.0.0.1:1";
      expect(await each.place.client([server.indexUrl]).listing(foo)).toBeDefined();
      process.env["no_proxy"] = "127.0.0.1";
      await each.place.client([server.indexUrl], { refresh: true, proxy: proxy.url }).listing(foo);
      expect(proxy.seen).toHaveLength(1);
      expect(process.env["no_proxy"]).toBe("127.0.0.1");
      expect(process.env["NO_PROXY"]).toBe(before["NO_PROXY"]);
    } finally {
      for (const name of ["HTTP_PROXY", "no_proxy"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  test("that cannot be reached do not show their password", async () => {
    const server = await serve();
    const error = await failure(each.place.client([server.indexUrl], { env: { HTTP_PROXY: withUser("http://127.0.0.1:1") } }).listing(foo));
    for (let at: unknown = error; at instanceof Error; at = at.cause) expect(`${at.stack}${JSON.stringify(at)}`).not.toContain("s3cr3t");
  });

  test("that cannot be used or reached are errors", async () => {
    const server = await serve();
    expect(
      await failure(each.place.client([server.indexUrl], { env: { ALL_PROXY: "socks5://me:s3cr3t@127.0.0.1:1" } }).listing(foo)),
    ).toMatchObject({ code: "INVALID_CONFIG" });
    expect(await failure(each.place.client([server.indexUrl], { env: { HTTP_PROXY: "http://127.0.0.1:1" } }).listing(foo))).toMatchObject({
      code: "NETWORK",
    });
  });
});

describe("certificates", () => {
  let hasOpenssl = true;
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
  } catch {
    hasOpenssl = false;
  }

  test.skipIf(!hasOpenssl)(
    "an authority of one's own, by variable, setting or folder; without it, one clear error and no retry (needs openssl)",
    async () => {
      const folder = join(each.place.folder, "certs");
      mkdirSync(folder);
      const [key, cert] = [join(each.place.folder, "key.pem"), join(folder, "ca.pem")];
      execFileSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-keyout",
          key,
          "-out",
          cert,
          "-days",
          "2",
          "-subj",
          "/CN=localhost",
          "-addext",
          "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        { stdio: "ignore" },
      );
      const { readFileSync } = await import("node:fs");
      const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
        response.writeHead(200, { "content-type": "application/vnd.pypi.simple.v1+json" });
        response.end('{"meta":{"api-version":"1.0"},"files":[]}');
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      each.atEnd(() => {
        server.closeAllConnections();
        server.close();
      });
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`;
      expect(await failure(each.place.client([url]).listing(foo))).toMatchObject({
        code: "NETWORK",
        why: expect.stringContaining("certificate"),
        hint: expect.stringContaining("SSL_CERT_FILE"),
      });
      expect(each.place.waits).toEqual([]);
      const ways = [
        { certificate: cert },
        { certificate: folder },
        { env: { SSL_CERT_FILE: cert } },
        { env: { REQUESTS_CA_BUNDLE: cert } },
        { env: { SSL_CERT_DIR: folder } },
        { trustedHosts: ["127.0.0.1"] },
      ];
      for (const way of ways) expect((await each.place.client([url], { refresh: true, ...way }).listing(foo))?.versions).toEqual([]);
      const proxy = await startProxy();
      await each.place.client([url], { refresh: true, certificate: cert, proxy: proxy.url }).listing(foo);
      expect(proxy.seen).toEqual([`CONNECT ${new URL(url).host} -`]);
      expect(
        await failure(each.place.client([url], { refresh: true, certificate: join(each.place.folder, "none") }).listing(foo)),
      ).toMatchObject({
        code: "INVALID_CONFIG",
      });
    },
  );
});
