import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type IncomingMessage, createServer, request as httpRequest } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, createServer as createRawServer } from "node:net";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { createFetch } from "#foundation";
import type { NormalizedName } from "#standards";
import { type TestPlace, failure, testPlace } from "../../tests/support/index-client.ts";
import { type IndexServer, type IndexServerOptions, startIndex } from "../../tests/support/index-server.ts";
import { buildWheel } from "../../tests/support/wheels.ts";

const foo = "foo" as NormalizedName;
const auth = { username: "me", password: "s3cr3t-canary" };
const basic = `Basic ${Buffer.from("me:s3cr3t-canary").toString("base64")}`;

let place: TestPlace;
let closing: Array<() => Promise<unknown> | void> = [];

beforeEach(() => {
  place = testPlace();
});
afterEach(async () => {
  await Promise.all(closing.map(async (close) => close()));
  closing = [];
  place.remove();
});

async function serve(options: IndexServerOptions = {}): Promise<IndexServer> {
  const server = await startIndex({ projects: { foo: [buildWheel({ name: "foo", version: "1.0" })] }, ...options });
  closing.push(() => server.close());
  return server;
}

function withUser(url: string, user = "me:s3cr3t-canary"): string {
  return url.replace("//", `//${user}@`);
}

function sentAuth(server: IndexServer): Array<string | undefined> {
  return server.requests.map((request) => request.headers.authorization);
}

describe("retries", () => {
  test("Retry-After in seconds and as a date is obeyed, at most a minute; otherwise waits grow", async () => {
    const server = await serve();
    const date = new Date(place.time + 7000).toUTCString();
    server.fault("/simple/foo/", [
      { status: 503, headers: { "retry-after": "2" } },
      { status: 429, headers: { "retry-after": "86400" } },
      { status: 500, headers: { "retry-after": date } },
    ]);
    expect(await place.client([server.indexUrl]).listing(foo)).toBeDefined();
    expect(place.waits).toEqual([2000, 60_000, 7000]);
    place.waits.length = 0;
    server.fault("/simple/foo/", [{ status: 520 }, { status: 408 }, { drop: true }]);
    await place.client([server.indexUrl], { refresh: true }).listing(foo);
    expect(place.waits.every((wait, at) => wait >= 250 * 2 ** at && wait <= 500 * 2 ** at)).toBe(true);
  });

  test("a page that is cut anywhere is never believed", async () => {
    for (const format of ["html", "json"] as const) {
      const server = await serve({ format });
      for (const cutAfter of [0, 1, 60, 200]) {
        for (const noLength of [false, true]) {
          server.fault("/simple/foo/", [{ cutAfter, noLength }]);
          const listing = await place.client([server.indexUrl], { refresh: true }).listing(foo);
          expect(listing!.versions[0]!.files()).toHaveLength(1);
        }
      }
    }
  });

  test("a host that is not there", async () => {
    const error = await failure(place.client(["http://127.0.0.1:1/simple"], { retries: 1 }).listing(foo));
    expect(error).toMatchObject({ code: "NETWORK", why: expect.stringContaining("refused"), hint: expect.any(String) });
    expect(place.waits).toHaveLength(1);
  });

  test("a server that does not speak HTTP", async () => {
    for (const answer of ["SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n", "HTTP/9.9 200\r\n\r\n"]) {
      const server = createRawServer((socket) => socket.end(answer));
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      closing.push(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const error = await failure(place.client([`http://127.0.0.1:${port}/simple`], { retries: 0 }).listing(foo));
      expect(error).toMatchObject({
        code: "NETWORK",
        why: expect.stringMatching(/^(?:Its answer could not be understood|The connection was closed)/),
      });
    }
  });

  test("at most so many requests are under way", async () => {
    let now = 0;
    let most = 0;
    const client = place.client(["http://index.example/simple"], {
      concurrency: 5,
      fetch: async () => {
        most = Math.max(most, (now += 1));
        await new Promise((resolve) => setTimeout(resolve, 2));
        now -= 1;
        return new Response('{"files":[]}', { headers: { "content-type": "application/json" } });
      },
    });
    await Promise.all(Array.from({ length: 40 }, async (_, at) => client.listing(`p${at}` as NormalizedName)));
    expect(most).toBe(5);
    expect(place.events.filter((event) => event.type === "log" && event.code === "insecure-index")).toHaveLength(1);
  });
});

describe("redirects", () => {
  test("are followed, ten at most, and links count from where they end", async () => {
    const target = await serve();
    const hops = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          at === 0 ? "/simple/foo/" : `/hop/${at}`,
          at === count - 1 ? `${target.origin}/simple/foo/` : `/hop/${at + 1}`,
        ]),
      );
    const ten = await serve({ redirects: hops(10) });
    const listing = await place.client([ten.indexUrl]).listing(foo);
    expect(listing!.versions[0]!.files()[0]!.url).toStartWith(target.origin);
    const eleven = await serve({ redirects: hops(11) });
    expect(await failure(place.client([eleven.indexUrl]).listing(foo))).toMatchObject({
      code: "NETWORK",
      why: expect.stringContaining("more than 10 times"),
    });
    const loop = await serve({ redirects: { "/simple/foo/": "/simple/foo/" } });
    expect(await failure(place.client([loop.indexUrl]).listing(foo))).toMatchObject({ code: "NETWORK" });
    expect(loop.requests).toHaveLength(11);
  });

  test.each([301, 302, 303, 307, 308])("status %d", async (status) => {
    const target = await serve();
    const server = await serve({ redirects: { "/simple/foo/": { to: `${target.origin}/simple/foo/`, status } } });
    expect(await place.client([server.indexUrl]).listing(foo)).toBeDefined();
  });

  test.each(["file:///etc/passwd", "ftp://h.example/x", "javascript:x", "http://[bad", ""])("to %s are refused", async (to) => {
    const server = await serve({ redirects: { "/simple/foo/": to === "" ? { to: "http://", status: 302 } : to } });
    expect(await failure(place.client([server.indexUrl]).listing(foo))).toMatchObject({
      code: "NETWORK",
      why: expect.stringContaining("redirected"),
    });
    expect(place.waits).toEqual([]);
  });

  test("from https to http are refused", async () => {
    const asked: string[] = [];
    const client = place.client(["https://index.example/simple"], {
      fetch: async (url) => {
        asked.push(url);
        return new Response("", { status: 302, headers: { location: "http://index.example/simple/foo/" } });
      },
    });
    expect(await failure(client.listing(foo))).toMatchObject({ code: "NETWORK", why: expect.stringContaining("plain http") });
    expect(asked).toEqual(["https://index.example/simple/foo/"]);
  });

  test("credentials stay with their exact origin: host, port and scheme", async () => {
    const other = await serve();
    const server = await serve({ auth, redirects: { "/simple/foo/": `${other.origin}/simple/foo/` } });
    await place.client([withUser(server.indexUrl)]).listing(foo);
    expect(sentAuth(server)).toEqual([basic]);
    expect(sentAuth(other)).toEqual([undefined]);
    const asked: Array<readonly [string, string | null]> = [];
    const hosts = [
      "https://index.example:8443/a/",
      "https://index.example.evil.example/b/",
      "https://sub.index.example/c/",
      "https://index.example/d/",
    ];
    const client = place.client([withUser("https://index.example/simple")], {
      fetch: async (url, init) => {
        asked.push([url, new Headers(init.headers).get("authorization")]);
        const location = hosts[asked.length - 1];
        return location === undefined ? new Response("", { status: 404 }) : new Response("", { status: 302, headers: { location } });
      },
    });
    await client.listing(foo);
    expect(asked.map(([, header]) => header)).toEqual([basic, null, null, null, basic]);
  });

  test("a redirect cannot plant credentials", async () => {
    const target = await serve();
    const server = await serve({ redirects: { "/simple/foo/": withUser(`${target.origin}/simple/foo/`, "evil:pw") } });
    await place.client([server.indexUrl]).listing(foo);
    expect(sentAuth(target)).toEqual([undefined]);
  });
});

describe("credentials", () => {
  test("of the URL of an index are sent at once, also for files of the same origin", async () => {
    const server = await serve({ auth });
    const client = place.client([withUser(server.indexUrl)]);
    const file = (await client.listing(foo))!.versions[0]!.files()[0]!;
    expect(file.index).toBe(server.indexUrl);
    await client.metadata(file);
    await client.download(file, join(place.folder, "d"));
    expect(new Set(sentAuth(server))).toEqual(new Set([basic]));
    expect(place.everything()).not.toContain("s3cr3t");
  });

  test("of netrc, by NETRC or in the home folder", async () => {
    const server = await serve({ auth });
    writeFileSync(join(place.folder, ".netrc"), "machine 127.0.0.1 login me password s3cr3t-canary\n", { mode: 0o600 });
    expect(await place.client([server.indexUrl]).listing(foo)).toBeDefined();
    writeFileSync(join(place.folder, "other"), "machine elsewhere.example login me password x\n");
    expect(
      await failure(place.client([server.indexUrl], { refresh: true, env: { NETRC: join(place.folder, "other") } }).listing(foo)),
    ).toMatchObject({ code: "AUTH_REQUIRED" });
  });

  test("of variables by the name of the index", async () => {
    const server = await serve({ auth });
    const env = { PEN_INDEX_MY_CORP_USERNAME: "me", PEN_INDEX_MY_CORP_PASSWORD: "s3cr3t-canary" };
    expect(await place.client([{ url: server.indexUrl, name: "my-corp" }], { env }).listing(foo)).toBeDefined();
    expect(sentAuth(server)).toEqual([basic]);
  });

  test("of a direct URL are sent for its metadata and kept nowhere", async () => {
    const server = await serve({ auth });
    const file = (await place.client([withUser(server.indexUrl)]).listing(foo))!.versions[0]!.files()[0]!;
    const direct = { ...file, url: withUser(file.url), hashes: {} };
    expect(await place.client([]).metadata(direct)).toMatchObject({ name: "foo" });
    expect(await place.client([]).coreMetadata(direct)).toContain("Name: foo");
    expect(place.everything()).not.toContain("s3cr3t");
  });

  test("of netrc are not sent in the clear to hosts that a server chose", async () => {
    writeFileSync(join(place.folder, ".netrc"), "default login me password s3cr3t-canary\n");
    const asked: Array<string | null> = [];
    const client = place.client(["http://index.example/simple"], {
      fetch: async (url, init) => {
        asked.push(new Headers(init.headers).get("authorization"));
        return asked.length === 1
          ? new Response("", { status: 302, headers: { location: "http://other.example/" } })
          : new Response("", { status: 404 });
      },
    });
    await client.listing(foo);
    expect(asked).toEqual([basic, null]);
  });

  test("of the hook, asked once after a refusal", async () => {
    const server = await serve({ auth });
    const asked: string[] = [];
    const client = place.client([server.indexUrl], { auth: async (url) => (asked.push(url), auth) });
    await Promise.all([client.listing(foo), client.listing("bar" as NormalizedName)]);
    await client.listing("baz" as NormalizedName);
    expect(asked).toEqual([server.indexUrl]);
    expect(sentAuth(server).filter((header) => header === undefined)).toHaveLength(2);
  });

  test("of keyring, as a program, with and without a user name", async () => {
    const server = await serve({ auth });
    const bin = join(place.folder, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "keyring"),
      `#!/bin/sh\necho "$*" >> "$HOME/keyring.log"\ncase "$*" in\n"get ${server.indexUrl} me") echo s3cr3t-canary ;;\n"get ${new URL(server.origin).host} --mode creds") echo me; echo s3cr3t-canary ;;\n*) exit 1 ;;\nesac\n`,
    );
    chmodSync(join(bin, "keyring"), 0o755);
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: place.folder };
    expect(await place.client([server.indexUrl], { keyring: "subprocess", env }).listing(foo)).toBeDefined();
    expect(await place.client([withUser(server.indexUrl, "me")], { keyring: "subprocess", env, refresh: true }).listing(foo)).toBeDefined();
    expect(await failure(place.client([server.indexUrl], { env, refresh: true }).listing(foo))).toMatchObject({ code: "AUTH_REQUIRED" });
  });

  test("that are wrong are an error that does not show them, anywhere", async () => {
    const server = await serve({ auth: { ...auth, password: "other" } });
    const client = place.client([withUser(server.indexUrl)]);
    const errors = [
      await failure(client.listing(foo)),
      await failure(client.fetchText(withUser(`${server.origin}/reqs.txt?token=s3cr3t-canary`))),
      await failure(
        client.download({ url: withUser(`${server.origin}/files/x.whl`), filename: "x.whl", hashes: {} }, join(place.folder, "d")),
      ),
      await failure(
        place.client([withUser("http://127.0.0.1:1/simple")], { findLinks: [withUser("http://127.0.0.1:1/links")] }).listing(foo),
      ),
      await failure(place.client([withUser("http://127.0.0.1:1/simple")], { offline: true }).listing(foo)),
    ];
    expect(errors.map((error) => error.code)).toEqual(["AUTH_REQUIRED", "AUTH_REQUIRED", "AUTH_REQUIRED", "NETWORK", "OFFLINE"]);
    for (const error of errors) {
      for (let at: unknown = error; at instanceof Error; at = at.cause)
        expect(`${at.stack}${JSON.stringify(at)}${at.message}`).not.toContain("s3cr3t");
    }
    expect(place.everything()).not.toContain("s3cr3t");
  });

  test("what a server sends reaches no message raw", async () => {
    const server = await serve();
    server.faultAlways("/simple/foo/", { status: 200, headers: { "content-type": "text/\u009b31mevil" }, body: "x" });
    const error = await failure(place.client([server.indexUrl]).listing(foo));
    expect(`${error.message}${error.why}`).not.toMatch(/[\u0000-\u0008\u001b\u007f-\u009f]/);
  });
});

test("the text of a URL", async () => {
  const server = await serve({ routes: { "/reqs.txt": { body: "foo==1.0 # ü\n" } } });
  expect(await place.client([]).fetchText(`${server.origin}/reqs.txt`)).toBe("foo==1.0 # ü\n");
  expect(await failure(place.client([]).fetchText(`${server.origin}/none.txt`))).toMatchObject({ code: "NETWORK" });
  expect(await failure(place.client([]).fetchText("file:///etc/hostname"))).toMatchObject({ code: "USAGE" });
});

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
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe("proxies", () => {
  test("of the environment are used, but not for hosts of NO_PROXY", async () => {
    const server = await serve();
    const proxy = await startProxy();
    expect(await place.client([server.indexUrl], { env: { HTTP_PROXY: withUser(proxy.url) } }).listing(foo)).toBeDefined();
    expect(proxy.seen).toEqual([`GET ${server.origin}/simple/foo/ ${basic}`]);
    expect(server.requests[0]!.headers["proxy-authorization"]).toBeUndefined();
    expect(
      await place.client([server.indexUrl], { refresh: true, env: { HTTP_PROXY: proxy.url, no_proxy: "127.0.0.1" } }).listing(foo),
    ).toBeDefined();
    expect(proxy.seen).toHaveLength(1);
    await place.client([server.indexUrl], { refresh: true, proxy: proxy.url }).listing(foo);
    expect(proxy.seen).toHaveLength(2);
    expect(place.everything()).not.toContain("s3cr3t");
  });

  test("of the process itself count for nothing: the host's variables decide", async () => {
    const server = await serve();
    const proxy = await startProxy();
    const before = { ...process.env };
    try {
      process.env["HTTP_PROXY"] = "http://127.0.0.1:1";
      expect(await place.client([server.indexUrl]).listing(foo)).toBeDefined();
      process.env["no_proxy"] = "127.0.0.1";
      await place.client([server.indexUrl], { refresh: true, proxy: proxy.url }).listing(foo);
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
    const error = await failure(place.client([server.indexUrl], { env: { HTTP_PROXY: withUser("http://127.0.0.1:1") } }).listing(foo));
    for (let at: unknown = error; at instanceof Error; at = at.cause) expect(`${at.stack}${JSON.stringify(at)}`).not.toContain("s3cr3t");
  });

  test("that cannot be used or reached are errors", async () => {
    const server = await serve();
    expect(
      await failure(place.client([server.indexUrl], { env: { ALL_PROXY: "socks5://me:s3cr3t@127.0.0.1:1" } }).listing(foo)),
    ).toMatchObject({ code: "INVALID_CONFIG" });
    expect(await failure(place.client([server.indexUrl], { env: { HTTP_PROXY: "http://127.0.0.1:1" } }).listing(foo))).toMatchObject({
      code: "NETWORK",
    });
  });
});

const python = ["/usr/bin/python3", "/usr/local/bin/python3", Bun.which("python3") ?? ""].find((path) => path !== "" && existsSync(path));

test.skipIf(python === undefined || process.platform !== "linux")(
  "a host that takes no connection is given up after the time-out for connections (needs python3 on Linux)",
  async () => {
    // A socket that listens and never accepts: when its queue is full, further connections get no answer at all.
    const code =
      "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0); print(s.getsockname()[1], flush=True); time.sleep(60)";
    const child = Bun.spawn([python!, "-ISc", code], { stdout: "pipe", env: {} });
    closing.push(() => {
      child.kill("SIGKILL");
    });
    const { value } = await child.stdout.getReader().read();
    const port = Number(new TextDecoder().decode(value));
    const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    closing.push(() => {
      for (const socket of fillers) socket.destroy();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    const error = await failure(createFetch({ connectTimeoutMs: 200 })(`http://127.0.0.1:${port}/`, {}));
    expect(error).toMatchObject({ code: "ETIMEDOUT" });
    expect(performance.now() - start).toBeLessThan(4000);
  },
);

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
      const folder = join(place.folder, "certs");
      mkdirSync(folder);
      const [key, cert] = [join(place.folder, "key.pem"), join(folder, "ca.pem")];
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
      closing.push(() => {
        server.closeAllConnections();
        server.close();
      });
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`;
      expect(await failure(place.client([url]).listing(foo))).toMatchObject({
        code: "NETWORK",
        why: expect.stringContaining("certificate"),
        hint: expect.stringContaining("SSL_CERT_FILE"),
      });
      expect(place.waits).toEqual([]);
      const ways = [
        { certificate: cert },
        { certificate: folder },
        { env: { SSL_CERT_FILE: cert } },
        { env: { REQUESTS_CA_BUNDLE: cert } },
        { env: { SSL_CERT_DIR: folder } },
        { trustedHosts: ["127.0.0.1"] },
      ];
      for (const way of ways) expect((await place.client([url], { refresh: true, ...way }).listing(foo))?.versions).toEqual([]);
      const proxy = await startProxy();
      await place.client([url], { refresh: true, certificate: cert, proxy: proxy.url }).listing(foo);
      expect(proxy.seen).toEqual([`CONNECT ${new URL(url).host} -`]);
      expect(await failure(place.client([url], { refresh: true, certificate: join(place.folder, "none") }).listing(foo))).toMatchObject({
        code: "INVALID_CONFIG",
      });
    },
  );
});
