import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer as createRawServer } from "node:net";
import { join } from "node:path";
import { createFetch } from "#foundation";
import type { NormalizedName } from "#standards";
import { failure, eachTest, foo, fooWheel, withUser, basicUser } from "../../tests/support/index-client.ts";
import { type IndexServer, type IndexServerOptions } from "../../tests/support/index-server.ts";

const auth = { username: "me", password: "s3cr3t-canary" };

const each = eachTest();

async function serve(options: IndexServerOptions = {}): Promise<IndexServer> {
  return each.serve({ projects: { foo: [fooWheel("1.0")] }, ...options });
}

function sentAuth(server: IndexServer): Array<string | undefined> {
  return server.requests.map((request) => request.headers.authorization);
}

describe("retries", () => {
  test("Retry-After in seconds and as a date is obeyed, at most a minute; otherwise waits grow", async () => {
    const server = await serve();
    const date = new Date(each.place.time + 7000).toUTCString();
    server.fault("/simple/foo/", [
      { status: 503, headers: { "retry-after": "2" } },
      { status: 429, headers: { "retry-after": "86400" } },
      { status: 500, headers: { "retry-after": date } },
    ]);
    expect(await each.place.client([server.indexUrl]).listing(foo)).toBeDefined();
    expect(each.place.waits).toEqual([2000, 60_000, 7000]);
    each.place.waits.length = 0;
    server.fault("/simple/foo/", [{ status: 520 }, { status: 408 }, { drop: true }]);
    await each.place.client([server.indexUrl], { refresh: true }).listing(foo);
    expect(each.place.waits.every((wait, at) => wait >= 250 * 2 ** at && wait <= 500 * 2 ** at)).toBe(true);
  });

  test("a page that is cut anywhere is never believed", async () => {
    for (const format of ["html", "json"] as const) {
      const server = await serve({ format });
      for (const cutAfter of [0, 1, 60, 200]) {
        for (const noLength of [false, true]) {
          server.fault("/simple/foo/", [{ cutAfter, noLength }]);
          const listing = await each.place.client([server.indexUrl], { refresh: true }).listing(foo);
          expect(listing!.versions[0]!.files()).toHaveLength(1);
        }
      }
    }
  });

  test("a host that is not there", async () => {
    const error = await failure(each.place.client(["http://127.0.0.1:1/simple"], { retries: 1 }).listing(foo));
    expect(error).toMatchObject({ code: "NETWORK", why: expect.stringContaining("refused"), hint: expect.any(String) });
    expect(each.place.waits).toHaveLength(1);
  });

  test("a server that does not speak HTTP", async () => {
    for (const answer of ["SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n", "HTTP/9.9 200\r\n\r\n"]) {
      const server = createRawServer((socket) => socket.end(answer));
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      each.atEnd(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const error = await failure(each.place.client([`http://127.0.0.1:${port}/simple`], { retries: 0 }).listing(foo));
      expect(error).toMatchObject({
        code: "NETWORK",
        why: expect.stringMatching(/^(?:Its answer could not be understood|The connection was closed)/),
      });
    }
  });

  test("at most so many requests are under way", async () => {
    let now = 0;
    let most = 0;
    const client = each.place.client(["http://index.example/simple"], {
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
    expect(each.place.events.filter((event) => event.type === "log" && event.code === "insecure-index")).toHaveLength(1);
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
    const listing = await each.place.client([ten.indexUrl]).listing(foo);
    expect(listing!.versions[0]!.files()[0]!.url).toStartWith(target.origin);
    const eleven = await serve({ redirects: hops(11) });
    expect(await failure(each.place.client([eleven.indexUrl]).listing(foo))).toMatchObject({
      code: "NETWORK",
      why: expect.stringContaining("more than 10 times"),
    });
    const loop = await serve({ redirects: { "/simple/foo/": "/simple/foo/" } });
    expect(await failure(each.place.client([loop.indexUrl]).listing(foo))).toMatchObject({ code: "NETWORK" });
    expect(loop.requests).toHaveLength(11);
  });

  test.each([301, 302, 303, 307, 308])("status %d", async (status) => {
    const target = await serve();
    const server = await serve({ redirects: { "/simple/foo/": { to: `${target.origin}/simple/foo/`, status } } });
    expect(await each.place.client([server.indexUrl]).listing(foo)).toBeDefined();
  });

  test.each(["file:///etc/passwd", "ftp://h.example/x", "javascript:x", "http://[bad", ""])("to %s are refused", async (to) => {
    const server = await serve({ redirects: { "/simple/foo/": to === "" ? { to: "http://", status: 302 } : to } });
    expect(await failure(each.place.client([server.indexUrl]).listing(foo))).toMatchObject({
      code: "NETWORK",
      why: expect.stringContaining("redirected"),
    });
    expect(each.place.waits).toEqual([]);
  });

  test("from https to http are refused", async () => {
    const asked: string[] = [];
    const client = each.place.client(["https://index.example/simple"], {
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
    await each.place.client([withUser(server.indexUrl)]).listing(foo);
    expect(sentAuth(server)).toEqual([basicUser]);
    expect(sentAuth(other)).toEqual([undefined]);
    const asked: Array<readonly [string, string | null]> = [];
    const hosts = [
      "https://index.example:8443/a/",
      "https://index.example.evil.example/b/",
      "https://sub.index.example/c/",
      "https://index.example/d/",
    ];
    const client = each.place.client([withUser("https://index.example/simple")], {
      fetch: async (url, init) => {
        asked.push([url, new Headers(init.headers).get("authorization")]);
        const location = hosts[asked.length - 1];
        return location === undefined ? new Response("", { status: 404 }) : new Response("", { status: 302, headers: { location } });
      },
    });
    await client.listing(foo);
    expect(asked.map(([, header]) => header)).toEqual([basicUser, null, null, null, basicUser]);
  });

  test("a redirect cannot plant credentials", async () => {
    const target = await serve();
    const server = await serve({ redirects: { "/simple/foo/": withUser(`${target.origin}/simple/foo/`, "evil:pw") } });
    await each.place.client([server.indexUrl]).listing(foo);
    expect(sentAuth(target)).toEqual([undefined]);
  });
});

describe("credentials", () => {
  test("of the URL of an index are sent at once, also for files of the same origin", async () => {
    const server = await serve({ auth });
    const client = each.place.client([withUser(server.indexUrl)]);
    const file = (await client.listing(foo))!.versions[0]!.files()[0]!;
    expect(file.index).toBe(server.indexUrl);
    await client.metadata(file);
    await client.download(file, join(each.place.folder, "d"));
    expect(new Set(sentAuth(server))).toEqual(new Set([basicUser]));
    expect(each.place.everything()).not.toContain("s3cr3t");
  });

  test("of netrc, by NETRC or in the home folder", async () => {
    const server = await serve({ auth });
    writeFileSync(join(each.place.folder, ".netrc"), "machine 127.0.0.1 login me password s3cr3t-canary\n", { mode: 0o600 });
    expect(await each.place.client([server.indexUrl]).listing(foo)).toBeDefined();
    writeFileSync(join(each.place.folder, "other"), "machine elsewhere.example login me password x\n");
    expect(
      await failure(each.place.client([server.indexUrl], { refresh: true, env: { NETRC: join(each.place.folder, "other") } }).listing(foo)),
    ).toMatchObject({ code: "AUTH_REQUIRED" });
  });

  test("of variables by the name of the index", async () => {
    const server = await serve({ auth });
    const env = { PEN_INDEX_MY_CORP_USERNAME: "me", PEN_INDEX_MY_CORP_PASSWORD: "s3cr3t-canary" };
    expect(await each.place.client([{ url: server.indexUrl, name: "my-corp" }], { env }).listing(foo)).toBeDefined();
    expect(sentAuth(server)).toEqual([basicUser]);
  });

  test("of a direct URL are sent for its metadata and kept nowhere", async () => {
    const server = await serve({ auth });
    const file = (await each.place.client([withUser(server.indexUrl)]).listing(foo))!.versions[0]!.files()[0]!;
    const direct = { ...file, url: withUser(file.url), hashes: {} };
    expect(await each.place.client([]).metadata(direct)).toMatchObject({ name: "foo" });
    expect(await each.place.client([]).coreMetadata(direct)).toContain("Name: foo");
    expect(each.place.everything()).not.toContain("s3cr3t");
  });

  test("of netrc are not sent in the clear to hosts that a server chose", async () => {
    writeFileSync(join(each.place.folder, ".netrc"), "default login me password s3cr3t-canary\n");
    const asked: Array<string | null> = [];
    const client = each.place.client(["http://index.example/simple"], {
      fetch: async (url, init) => {
        asked.push(new Headers(init.headers).get("authorization"));
        return asked.length === 1
          ? new Response("", { status: 302, headers: { location: "http://other.example/" } })
          : new Response("", { status: 404 });
      },
    });
    await client.listing(foo);
    expect(asked).toEqual([basicUser, null]);
  });

  test("of the hook, asked once after a refusal", async () => {
    const server = await serve({ auth });
    const asked: string[] = [];
    const client = each.place.client([server.indexUrl], { auth: async (url) => (asked.push(url), auth) });
    await Promise.all([client.listing(foo), client.listing("bar" as NormalizedName)]);
    await client.listing("baz" as NormalizedName);
    expect(asked).toEqual([server.indexUrl]);
    expect(sentAuth(server).filter((header) => header === undefined)).toHaveLength(2);
  });

  test("of keyring, as a program, with and without a user name", async () => {
    const server = await serve({ auth });
    const bin = join(each.place.folder, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "keyring"),
      `#!/bin/sh\necho "$*" >> "$HOME/keyring.log"\ncase "$*" in\n"get ${server.indexUrl} me") echo s3cr3t-canary ;;\n"get ${new URL(server.origin).host} --mode creds") echo me; echo s3cr3t-canary ;;\n*) exit 1 ;;\nesac\n`,
    );
    chmodSync(join(bin, "keyring"), 0o755);
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: each.place.folder };
    expect(await each.place.client([server.indexUrl], { keyring: "subprocess", env }).listing(foo)).toBeDefined();
    expect(
      await each.place.client([withUser(server.indexUrl, "me")], { keyring: "subprocess", env, refresh: true }).listing(foo),
    ).toBeDefined();
    expect(await failure(each.place.client([server.indexUrl], { env, refresh: true }).listing(foo))).toMatchObject({
      code: "AUTH_REQUIRED",
    });
  });

  test("that are wrong are an error that does not show them, anywhere", async () => {
    const server = await serve({ auth: { ...auth, password: "other" } });
    const client = each.place.client([withUser(server.indexUrl)]);
    const errors = [
      await failure(client.listing(foo)),
      await failure(client.fetchText(withUser(`${server.origin}/reqs.txt?token=s3cr3t-canary`))),
      await failure(
        client.download({ url: withUser(`${server.origin}/files/x.whl`), filename: "x.whl", hashes: {} }, join(each.place.folder, "d")),
      ),
      await failure(
        each.place.client([withUser("http://127.0.0.1:1/simple")], { findLinks: [withUser("http://127.0.0.1:1/links")] }).listing(foo),
      ),
      await failure(each.place.client([withUser("http://127.0.0.1:1/simple")], { offline: true }).listing(foo)),
    ];
    expect(errors.map((error) => error.code)).toEqual(["AUTH_REQUIRED", "AUTH_REQUIRED", "AUTH_REQUIRED", "NETWORK", "OFFLINE"]);
    for (const error of errors) {
      for (let at: unknown = error; at instanceof Error; at = at.cause)
        expect(`${at.stack}${JSON.stringify(at)}${at.message}`).not.toContain("s3cr3t");
    }
    expect(each.place.everything()).not.toContain("s3cr3t");
  });

  test("what a server sends reaches no message raw", async () => {
    const server = await serve();
    server.faultAlways("/simple/foo/", { status: 200, headers: { "content-type": "text/\u009b31mevil" }, body: "x" });
    const error = await failure(each.place.client([server.indexUrl]).listing(foo));
    expect(`${error.message}${error.why}`).not.toMatch(/[\u0000-\u0008\u001b\u007f-\u009f]/);
  });
});

test("the text of a URL", async () => {
  const server = await serve({ routes: { "/reqs.txt": { body: "foo==1.0 # ü\n" } } });
  expect(await each.place.client([]).fetchText(`${server.origin}/reqs.txt`)).toBe("foo==1.0 # ü\n");
  expect(await failure(each.place.client([]).fetchText(`${server.origin}/none.txt`))).toMatchObject({ code: "NETWORK" });
  expect(await failure(each.place.client([]).fetchText("file:///etc/hostname"))).toMatchObject({ code: "USAGE" });
});

const python = ["/usr/bin/python3", "/usr/local/bin/python3", Bun.which("python3") ?? ""].find((path) => path !== "" && existsSync(path));

test.skipIf(python === undefined || process.platform !== "linux")(
  "a host that takes no connection is given up after the time-out for connections (needs python3 on Linux)",
  async () => {
    // A socket that listens and never accepts: when its queue is full, further connections get no answer at all.
    const code =
      "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0); print(s.getsockname()[1], flush=True); time.sleep(60)";
    const child = Bun.spawn([python!, "-ISc", code], { stdout: "pipe", env: {} });
    each.atEnd(() => {
      child.kill("SIGKILL");
    });
    const { value } = await child.stdout.getReader().read();
    const port = Number(new TextDecoder().decode(value));
    const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    each.atEnd(() => {
      for (const socket of fillers) socket.destroy();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    const error = await failure(createFetch({ connectTimeoutMs: 200 })(`http://127.0.0.1:${port}/`, {}));
    expect(error).toMatchObject({ code: "ETIMEDOUT" });
    expect(performance.now() - start).toBeLessThan(4000);
  },
);
