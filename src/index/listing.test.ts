import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NormalizedName } from "#standards";
import { type TestPlace, filesBelow, failure, testPlace } from "../../tests/support/index-client.ts";
import { type IndexServer, type IndexServerOptions, type ServedFile, startIndex } from "../../tests/support/index-server.ts";
import { buildWheel } from "../../tests/support/wheels.ts";
import type { ProjectListing } from "./index.ts";

const foo = "foo" as NormalizedName;
let place: TestPlace;
let servers: IndexServer[] = [];

beforeEach(() => {
  place = testPlace();
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
  place.remove();
});

async function serve(options: IndexServerOptions): Promise<IndexServer> {
  const server = await startIndex(options);
  servers.push(server);
  return server;
}

function wheel(version: string, more: Partial<ServedFile> & { name?: string } = {}): ServedFile {
  return { ...buildWheel({ name: more.name ?? "foo", version }), ...more };
}

function versionsOf(listing: ProjectListing | undefined): string[] | undefined {
  return listing?.versions.map((version) => version.text);
}

function filesOf(listing: ProjectListing | undefined): string[] {
  return listing?.versions.flatMap((version) => version.files().map((file) => file.filename)) ?? [];
}

describe("formats", () => {
  test.each(["json", "html"] as const)("%s gives the same files", async (format) => {
    const server = await serve({
      format,
      gzip: true,
      projects: {
        foo: [
          wheel("1.0", { requiresPython: ">=3.8,<4", yanked: 'broke "it" <all>' }),
          wheel("1.0.post1"),
          wheel("2.0rc1", { metadata: "Metadata-Version: 2.1\nName: foo\nVersion: 2.0rc1\n", yanked: true }),
          { filename: "foo-1.0.0.tar.gz", bytes: new Uint8Array(3), hashes: {} },
          { filename: "README.txt", bytes: new Uint8Array(3) },
        ],
      },
    });
    const listing = await place.client([server.indexUrl]).listing(foo);
    expect(versionsOf(listing)).toEqual(["2.0rc1", "1.0.post1", "1.0"]);
    const [rc, , final] = listing!.versions;
    expect(rc!.files()[0]).toMatchObject({ yanked: "", metadata: { sha256: expect.any(String) }, index: server.indexUrl });
    expect(final!.files()).toMatchObject([
      {
        filename: "foo-1.0-py3-none-any.whl",
        kind: "wheel",
        requiresPython: ">=3.8,<4",
        yanked: 'broke "it" <all>',
        hashes: { sha256: expect.any(String) },
        url: `${server.origin}/files/foo-1.0-py3-none-any.whl`,
      },
      { filename: "foo-1.0.0.tar.gz", kind: "sdist", hashes: {}, yanked: undefined, metadata: undefined },
    ]);
    expect(server.requests[0]!.headers.accept).toStartWith("application/vnd.pypi.simple.v1+json");
  });

  test("files of forms that nothing installs are told apart, with the version that their names begin with", async () => {
    const bytes = new Uint8Array(1);
    const own = ["foo-1.0.tar.gz", "foo-1.0.post1.tar.gz", "foo-1-py3-none-any.whl"];
    const others = {
      "1.0": ["Foo-1.0-py2.7.egg", "foo-1.0.win32-py2.7.exe", "foo-1.0.0.linux-x86_64.tar.gz", "foo-1.0-py2-none-any-odd-more.whl"],
      "1.0.post1": ["foo-1.0.post1-py3.egg", "foo-1.0-1.noarch.rpm"],
    };
    const none = ["foo-2.0.msi", "foobar-1.0-py2.7.egg", "foo-1.0.txt", "foo.egg"];
    const files = [...own, ...Object.values(others).flat(), ...none].map((filename) => ({ filename, bytes }));
    for (const format of ["html", "json"] as const) {
      const server = await serve({ format, projects: { foo: files } });
      const ask = async (): Promise<unknown> => {
        const listing = await place.client([server.indexUrl]).listing(foo);
        return listing?.versions.map((one) => [
          one.text,
          one.files().map(({ filename }) => filename),
          one.others?.().map(({ filename }) => filename),
        ]);
      };
      const expected = [
        ["1.0.post1", ["foo-1.0.post1.tar.gz"], others["1.0.post1"]],
        ["1.0", ["foo-1.0.tar.gz", "foo-1-py3-none-any.whl"], others["1.0"]],
      ];
      // The second time from the cache.
      expect([await ask(), await ask()]).toEqual([expected, expected]);
    }
  });

  test("a project that is not there, on no index", async () => {
    const server = await serve({});
    expect(await place.client([server.indexUrl]).listing(foo)).toBeUndefined();
    expect(await place.client([]).listing(foo)).toBeUndefined();
  });

  test("a page that is none, and an API from the future, are errors", async () => {
    const server = await serve({
      projects: { foo: [] },
      routes: { "/simple/bar/": { body: "hello", type: "text/plain" } },
      apiVersion: "2.0",
    });
    const client = place.client([server.indexUrl]);
    expect(await failure(client.listing(foo))).toMatchObject({ code: "NETWORK", why: expect.stringContaining("version 2.0") });
    expect(await failure(client.listing("bar" as NormalizedName))).toMatchObject({ code: "NETWORK" });
  });
});

describe("hostile pages", () => {
  test("names that are encoded twice, hold separators or belong to others are ignored", async () => {
    const bytes = new Uint8Array(1);
    const names = [
      "foo-2-2.tar.gz",
      "foo_bar-1.0-py3-none-any.whl",
      "foo-1.0-py3-none-any.whl",
      "xfoo-1.0.tar.gz",
      "foo-.tar.gz",
      "foo-1.0\u001b[2J.tar.gz",
    ];
    const links = [
      "/f/%252e%252e%252ffoo-9.0-py3-none-any.whl",
      "/f/..%2f..%2ffoo-9.1.tar.gz",
      "/f/foo-9.2%00.tar.gz",
      "/f/foo-9.3-py3-none-any.whl/",
      "/f/%zzfoo-9.4.tar.gz",
      "/f/foo-9.5.tar.gz%0a",
    ];
    const files = [...names.map((filename) => ({ filename, bytes })), ...links.map((href) => ({ filename: "x", bytes, href }))];
    const html = await serve({ format: "html", projects: { foo: files } });
    expect(filesOf(await place.client([html.indexUrl]).listing(foo))).toEqual(["foo-1.0-py3-none-any.whl"]);
    const bad = ["../foo-9.6.tar.gz", "..\\foo-9.7.tar.gz", "/etc/foo-9.8-py3-none-any.whl", "foo-9.9\n.tar.gz"];
    const json = await serve({
      format: "json",
      projects: { foo: [...names, ...bad].map((filename) => ({ filename, bytes, href: "/f/x" })) },
    });
    expect(filesOf(await place.client([json.indexUrl]).listing(foo))).toEqual(["foo-1.0-py3-none-any.whl"]);
  });
});

describe("the cache", () => {
  test("a fresh answer is at hand, without a request", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")] } });
    await place.client([server.indexUrl]).listing(foo);
    place.time += 599_000;
    const listing = place.client([server.indexUrl]).listing(foo);
    expect(listing).not.toBeInstanceOf(Promise);
    expect(filesOf(listing as ProjectListing)).toEqual(["foo-1.0-py3-none-any.whl"]);
    expect(server.requests).toHaveLength(1);
  });

  test("one client asks once, whatever happens meanwhile", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")] }, cacheControl: "no-store" });
    const client = place.client([server.indexUrl]);
    const [a, b] = await Promise.all([client.listing(foo), client.listing(foo)]);
    expect(a).toBe(b);
    expect(client.listing(foo)).toBe(a);
    expect(server.requests).toHaveLength(1);
  });

  test("an old answer is confirmed by 304, and is fresh again", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0"), wheel("2.0")] }, cacheControl: "max-age=10" });
    await place.client([server.indexUrl]).listing(foo);
    place.time += 11_000;
    expect(versionsOf(await place.client([server.indexUrl]).listing(foo))).toEqual(["2.0", "1.0"]);
    expect(server.requests[1]!.headers["if-none-match"]).toBeString();
    const again = place.client([server.indexUrl]).listing(foo);
    expect(again).not.toBeInstanceOf(Promise);
    expect(filesOf(again as ProjectListing)).toHaveLength(2);
    expect(server.requests).toHaveLength(2);
  });

  test("an old answer is replaced when the project changed", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")] }, cacheControl: "max-age=10" });
    const before = await place.client([server.indexUrl]).listing(foo);
    server.setProject("foo", [wheel("1.0"), wheel("2.0")]);
    place.time += 11_000;
    expect(versionsOf(await place.client([server.indexUrl]).listing(foo))).toEqual(["2.0", "1.0"]);
    server.setProject("foo", undefined);
    place.time += 11_000;
    expect(await place.client([server.indexUrl]).listing(foo)).toBeUndefined();
    expect(filesOf(before)).toEqual(["foo-1.0-py3-none-any.whl"]);
  });

  test("no-store is not written, no-cache is asked again, a clock set back is not trusted", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")] }, cacheControl: "no-store" });
    await place.client([server.indexUrl]).listing(foo);
    await place.client([server.indexUrl]).listing(foo);
    expect(server.requests[1]!.headers["if-none-match"]).toBeUndefined();
    const second = await serve({ projects: { foo: [wheel("1.0")] }, cacheControl: "no-cache" });
    await place.client([second.indexUrl]).listing(foo);
    await place.client([second.indexUrl]).listing(foo);
    expect(second.requests).toHaveLength(2);
    const third = await serve({ projects: { foo: [wheel("1.0")] } });
    await place.client([third.indexUrl]).listing(foo);
    place.time -= 1_000;
    await place.client([third.indexUrl]).listing(foo);
    expect(third.requests).toHaveLength(2);
  });

  test("refresh asks again: everything, or some projects", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")] } });
    await place.client([server.indexUrl]).listing(foo);
    await place.client([server.indexUrl], { refresh: ["bar" as NormalizedName] }).listing(foo);
    expect(server.requests).toHaveLength(1);
    await place.client([server.indexUrl], { refresh: [foo] }).listing(foo);
    await place.client([server.indexUrl], { refresh: true }).listing(foo);
    expect(server.requests).toHaveLength(3);
  });

  test("offline: answers of any age, absences included, and an error for the rest", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")] } });
    await place.client([server.indexUrl]).listing(foo);
    await place.client([server.indexUrl]).listing("absent" as NormalizedName);
    place.time += 1e12;
    const client = place.client([server.indexUrl], { offline: true });
    expect(versionsOf(client.listing(foo) as ProjectListing)).toEqual(["1.0"]);
    expect(client.listing("absent" as NormalizedName)).toBeUndefined();
    expect(await failure(client.listing("unknown" as NormalizedName))).toMatchObject({ code: "OFFLINE" });
    expect(server.requests).toHaveLength(2);
  });

  test("'not there' is believed for a minute only", async () => {
    const server = await serve({});
    await place.client([server.indexUrl]).listing(foo);
    place.time += 59_000;
    expect(place.client([server.indexUrl]).listing(foo)).toBeUndefined();
    server.setProject("foo", [wheel("1.0")]);
    place.time += 2_000;
    expect(versionsOf(await place.client([server.indexUrl]).listing(foo))).toEqual(["1.0"]);
  });

  test("damage anywhere is a miss and is healed", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0"), wheel("2.0")] } });
    await place.client([server.indexUrl]).listing(foo);
    const path = filesBelow(place.cacheFolder).find((name) => name.endsWith("foo.listing"))!;
    const good = readFileSync(path);
    const step = Math.max(1, Math.floor(good.length / 60));
    const damages: Uint8Array[] = [
      new Uint8Array(),
      good.subarray(0, good.length - 1),
      Buffer.concat([good, Buffer.from("x")]),
      Buffer.alloc(good.length),
      Buffer.from("\n"),
    ];
    for (let at = 0; at < good.length; at += step) {
      const bytes = Buffer.from(good);
      bytes[at]! ^= 4;
      damages.push(bytes);
    }
    for (const damage of damages) {
      writeFileSync(path, damage);
      expect(filesOf(await place.client([server.indexUrl]).listing(foo))).toEqual(["foo-2.0-py3-none-any.whl", "foo-1.0-py3-none-any.whl"]);
      expect(readFileSync(path).equals(good)).toBe(true);
    }
  });

  test("damage of a long answer, found late, is an error that says what to do, and the next run is whole", async () => {
    const projects = {
      foo: Array.from({ length: 400 }, (_, at) => ({ filename: `foo-1.${at}-py3-none-any.whl`, bytes: new Uint8Array(1) })),
    };
    const server = await serve({ projects });
    await place.client([server.indexUrl]).listing(foo);
    const path = filesBelow(place.cacheFolder).find((name) => name.endsWith("foo.listing"))!;
    const bytes = readFileSync(path);
    bytes[bytes.length - 10]! ^= 1;
    writeFileSync(path, bytes);
    const listing = (await place.client([server.indexUrl]).listing(foo))!;
    expect(listing.versions[0]!.files()).toHaveLength(1);
    expect(() => listing.versions.at(-1)!.files()).toThrow(expect.objectContaining({ code: "STORE_DAMAGED" }));
    expect(filesOf(await place.client([server.indexUrl]).listing(foo))).toHaveLength(400);
  });

  test("a long answer that another process replaces meanwhile is still read right", async () => {
    const file = (at: number) => ({ filename: `foo-1.${at}-py3-none-any.whl`, bytes: Buffer.from([at % 256]) });
    const server = await serve({ projects: { foo: Array.from({ length: 400 }, (_, at) => file(at)) } });
    await place.client([server.indexUrl]).listing(foo);
    const early = (await place.client([server.indexUrl]).listing(foo))!;
    server.setProject(
      "foo",
      Array.from({ length: 500 }, (_, at) => file(at)),
    );
    await place.client([server.indexUrl], { refresh: true }).listing(foo);
    expect(filesOf(early)).toEqual(Array.from({ length: 400 }, (_, at) => `foo-1.${399 - at}-py3-none-any.whl`));
  });

  test("a cache that cannot be written to is said once, and everything works", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")], bar: [wheel("1.0", { name: "bar" })] } });
    mkdirSync(place.cacheFolder);
    // A file where a folder is needed stops also the superuser.
    writeFileSync(join(place.cacheFolder, "index"), "");
    chmodSync(place.cacheFolder, 0o500);
    const client = place.client([server.indexUrl]);
    expect(versionsOf(await client.listing(foo))).toEqual(["1.0"]);
    const listing = await client.listing("bar" as NormalizedName);
    expect(await client.metadata(listing!.versions[0]!.files()[0]!)).toMatchObject({ name: "bar" });
    expect(place.events.filter((event) => event.type === "log" && event.code === "cache-not-writable")).toHaveLength(1);
    chmodSync(place.cacheFolder, 0o700);
  });

  test("two indexes never share an answer", async () => {
    const a = await serve({ projects: { foo: [wheel("1.0")] } });
    const b = await serve({ projects: { foo: [wheel("2.0")] } });
    await place.client([a.indexUrl]).listing(foo);
    expect(versionsOf(await place.client([b.indexUrl]).listing(foo))).toEqual(["2.0"]);
    expect(statSync(place.cacheFolder).isDirectory()).toBe(true);
  });
});

describe("several indexes", () => {
  test("first-index: a project of the private index is never looked for elsewhere (dependency confusion)", async () => {
    const inner = await serve({ projects: { foo: [wheel("1.0")] } });
    const outer = await serve({ projects: { foo: [wheel("99.0")], bar: [wheel("3.0", { name: "bar" })] } });
    const client = place.client([inner.indexUrl, outer.indexUrl]);
    expect(versionsOf(await client.listing(foo))).toEqual(["1.0"]);
    expect(outer.requests).toHaveLength(0);
    expect(versionsOf(await client.listing("bar" as NormalizedName))).toEqual(["3.0"]);
    const warm = place.client([inner.indexUrl, outer.indexUrl]).listing("bar" as NormalizedName);
    expect(warm).not.toBeInstanceOf(Promise);
  });

  test("first-index: an index that fails is never skipped", async () => {
    const inner = await serve({ projects: { foo: [wheel("1.0")] } });
    const outer = await serve({ projects: { foo: [wheel("99.0")] } });
    for (const status of [500, 503, 403, 401, 429]) {
      inner.faultAlways("/simple/foo/", { status });
      expect(await failure(place.client([inner.indexUrl, outer.indexUrl]).listing(foo))).toMatchObject({
        code: status === 401 || status === 403 ? "AUTH_REQUIRED" : "NETWORK",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(outer.requests).toHaveLength(0);
  });

  test("statuses that an index uses for 'not there'", async () => {
    const inner = await serve({});
    inner.faultAlways("/simple/foo/", { status: 403 });
    const outer = await serve({ projects: { foo: [wheel("1.0")] } });
    expect(versionsOf(await place.client([{ url: inner.indexUrl, missingStatuses: [403] }, outer.indexUrl]).listing(foo))).toEqual(["1.0"]);
  });

  test("best-match merges all, and the earlier index wins for the same file", async () => {
    const a = await serve({ projects: { foo: [wheel("1.0"), wheel("3.0")] } });
    const b = await serve({ projects: { foo: [wheel("2.0"), wheel("3.0"), { filename: "foo-3.0.0.tar.gz", bytes: new Uint8Array(1) }] } });
    const listing = await place.client([a.indexUrl, b.indexUrl], { strategy: "best-match" }).listing(foo);
    expect(versionsOf(listing)).toEqual(["3.0", "2.0", "1.0"]);
    expect(listing!.versions[0]!.files().map((file) => [file.filename, file.index])).toEqual([
      ["foo-3.0-py3-none-any.whl", a.indexUrl],
      ["foo-3.0.0.tar.gz", b.indexUrl],
    ]);
    const warm = place.client([a.indexUrl, b.indexUrl], { strategy: "best-match" }).listing(foo);
    expect(versionsOf(warm as ProjectListing)).toEqual(["3.0", "2.0", "1.0"]);
  });
});

describe("find-links and flat indexes", () => {
  test("folders, pages on this machine and pages on the web, ahead of the index", async () => {
    const server = await serve({ projects: { foo: [wheel("1.0")] } });
    const flat = await serve({ projects: { foo: [wheel("2.0")], bar: [wheel("1.0", { name: "bar" })] } });
    mkdirSync(join(place.folder, "my wheels"));
    for (const { filename, bytes } of [
      wheel("3.0"),
      { filename: "foo-3.1-beta.tar.gz", bytes: new Uint8Array(1) },
      { filename: "notes.txt", bytes: new Uint8Array(1) },
    ])
      writeFileSync(join(place.folder, "my wheels", filename), bytes);
    writeFileSync(
      join(place.folder, "links.html"),
      `<a href="my%20wheels/foo-3.0-py3-none-any.whl">x</a> <a href="${pathToFileURL(join(place.folder, "foo-4.0.zip")).href}">y</a>`,
    );
    const findLinks = ["my wheels", join(place.folder, "links.html"), flat.linksUrl];
    const listing = await place.client([server.indexUrl], { findLinks }).listing(foo);
    expect(versionsOf(listing)).toEqual(["4.0", "3.1b0", "3.0", "2.0", "1.0"]);
    const client = place.client([server.indexUrl], { findLinks });
    expect(versionsOf(client.listing(foo) as ProjectListing)).toEqual(["4.0", "3.1b0", "3.0", "2.0", "1.0"]);
    expect(client.metadata(listing!.versions[2]!.files()[0]!)).toMatchObject({ name: "foo", version: "3.0" });
    expect(flat.requests).toHaveLength(1);
    const offline = place.client(["http://127.0.0.1:1/simple"], { findLinks, offline: true });
    expect(versionsOf(await offline.listing(foo))).toEqual(["4.0", "3.1b0", "3.0", "2.0"]);
  });

  test("an index may be flat, or a folder of pages", async () => {
    const flat = await serve({ projects: { foo: [wheel("2.0")] } });
    expect(versionsOf(await place.client([{ url: flat.linksUrl, format: "flat" }]).listing(foo))).toEqual(["2.0"]);
    mkdirSync(join(place.folder, "simple", "foo"), { recursive: true });
    writeFileSync(join(place.folder, "simple", "foo", "index.html"), '<a href="foo-1.0.tar.gz">');
    const listing = place.client([pathToFileURL(join(place.folder, "simple")).href]).listing(foo) as ProjectListing;
    expect(listing.versions[0]!.files()[0]!.url).toBe(pathToFileURL(join(place.folder, "simple", "foo", "foo-1.0.tar.gz")).href);
    expect(place.client([pathToFileURL(join(place.folder, "simple")).href]).listing("bar" as NormalizedName)).toBeUndefined();
  });

  test("a folder that is not there is an error", () => {
    expect(() => place.client([], { findLinks: ["nowhere"] }).listing(foo)).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
  });
});

describe("excludeNewer", () => {
  test("later files do not exist, also from the cache", async () => {
    const server = await serve({
      projects: {
        foo: [wheel("1.0", { uploadTime: "2024-01-01T00:00:00Z" }), wheel("2.0", { uploadTime: "2025-01-01T00:00:00.5Z" }), wheel("3.0")],
      },
    });
    for (let run = 0; run < 2; run += 1) {
      const listing = await place.client([server.indexUrl], { excludeNewer: Date.UTC(2024, 5, 1) }).listing(foo);
      expect(listing!.versions.map((version) => [version.text, version.files().length, version.tooNew?.().length])).toEqual([
        ["3.0", 0, 1],
        ["2.0", 0, 1],
        ["1.0", 1, 0],
      ]);
    }
    expect(place.events.filter((event) => event.type === "log" && event.code === "no-upload-times")).toHaveLength(2);
    expect(filesOf(await place.client([server.indexUrl]).listing(foo))).toHaveLength(3);
  });
});

test("several processes share one cache while it is rewritten all the time", async () => {
  const server = await serve({
    projects: { foo: Array.from({ length: 300 }, (_, at) => ({ filename: `foo-1.${at}-py3-none-any.whl`, bytes: new Uint8Array(1) })) },
    etag: false,
  });
  const script = join(place.folder, "worker.ts");
  const support = pathToFileURL(join(import.meta.dir, "index.ts")).href;
  const foundation = pathToFileURL(join(import.meta.dir, "..", "foundation", "index.ts")).href;
  writeFileSync(
    script,
    `import { createIndexClient } from ${JSON.stringify(support)};
     import { readHost } from ${JSON.stringify(foundation)};
     for (let round = 0; round < 25; round += 1) {
       const client = createIndexClient({ host: readHost(), cacheFolder: ${JSON.stringify(place.cacheFolder)}, indexes: [{ url: ${JSON.stringify(server.indexUrl)} }],
         findLinks: [], strategy: "first-index", offline: false, refresh: round % 2 === 0 });
       const listing = await client.listing("foo");
       const files = listing.versions.map((version) => version.files()[0].filename);
       if (files.length !== 300 || files[0] !== "foo-1.299-py3-none-any.whl" || files[299] !== "foo-1.0-py3-none-any.whl") throw new Error("torn");
     }`,
  );
  const runs = Array.from({ length: 4 }, async () => {
    const child = Bun.spawn([process.execPath, script], {
      env: { HOME: place.folder, PATH: "/usr/bin:/bin" },
      stdout: "ignore",
      stderr: "pipe",
    });
    const errors = await new Response(child.stderr).text();
    return [await child.exited, errors];
  });
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 4 }, () => [0, ""]));
  expect(filesBelow(place.cacheFolder)).toHaveLength(1);
}, 30_000);
