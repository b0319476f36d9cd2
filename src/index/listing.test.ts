import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NormalizedName } from "#standards";
import { failure, eachTest, foo, fooWheel, versionsOf, filesOf } from "../../tests/support/index-client.ts";
import type { ProjectListing } from "./index.ts";

const each = eachTest();
const { serve } = each;

describe("formats", () => {
  test.each(["json", "html"] as const)("%s gives the same files", async (format) => {
    const server = await serve({
      format,
      gzip: true,
      projects: {
        foo: [
          fooWheel("1.0", { requiresPython: ">=3.8,<4", yanked: 'broke "it" <all>' }),
          fooWheel("1.0.post1"),
          fooWheel("2.0rc1", { metadata: "Metadata-Version: 2.1\nName: foo\nVersion: 2.0rc1\n", yanked: true }),
          { filename: "foo-1.0.0.tar.gz", bytes: new Uint8Array(3), hashes: {} },
          { filename: "README.txt", bytes: new Uint8Array(3) },
        ],
      },
    });
    const listing = await each.place.client([server.indexUrl]).listing(foo);
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
        const listing = await each.place.client([server.indexUrl]).listing(foo);
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
    expect(await each.place.client([server.indexUrl]).listing(foo)).toBeUndefined();
    expect(await each.place.client([]).listing(foo)).toBeUndefined();
  });

  test("a page that is none, and an API from the future, are errors", async () => {
    const server = await serve({
      projects: { foo: [] },
      routes: { "/simple/bar/": { body: "hello", type: "text/plain" } },
      apiVersion: "2.0",
    });
    const client = each.place.client([server.indexUrl]);
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
    expect(filesOf(await each.place.client([html.indexUrl]).listing(foo))).toEqual(["foo-1.0-py3-none-any.whl"]);
    const bad = ["../foo-9.6.tar.gz", "..\\foo-9.7.tar.gz", "/etc/foo-9.8-py3-none-any.whl", "foo-9.9\n.tar.gz"];
    const json = await serve({
      format: "json",
      projects: { foo: [...names, ...bad].map((filename) => ({ filename, bytes, href: "/f/x" })) },
    });
    expect(filesOf(await each.place.client([json.indexUrl]).listing(foo))).toEqual(["foo-1.0-py3-none-any.whl"]);
  });
});

describe("several indexes", () => {
  test("first-index: a project of the private index is never looked for elsewhere (dependency confusion)", async () => {
    const inner = await serve({ projects: { foo: [fooWheel("1.0")] } });
    const outer = await serve({ projects: { foo: [fooWheel("99.0")], bar: [fooWheel("3.0", { name: "bar" })] } });
    const client = each.place.client([inner.indexUrl, outer.indexUrl]);
    expect(versionsOf(await client.listing(foo))).toEqual(["1.0"]);
    expect(outer.requests).toHaveLength(0);
    expect(versionsOf(await client.listing("bar" as NormalizedName))).toEqual(["3.0"]);
    const warm = each.place.client([inner.indexUrl, outer.indexUrl]).listing("bar" as NormalizedName);
    expect(warm).not.toBeInstanceOf(Promise);
  });

  test("first-index: an index that fails is never skipped", async () => {
    const inner = await serve({ projects: { foo: [fooWheel("1.0")] } });
    const outer = await serve({ projects: { foo: [fooWheel("99.0")] } });
    for (const status of [500, 503, 403, 401, 429]) {
      inner.faultAlways("/simple/foo/", { status });
      expect(await failure(each.place.client([inner.indexUrl, outer.indexUrl]).listing(foo))).toMatchObject({
        code: status === 401 || status === 403 ? "AUTH_REQUIRED" : "NETWORK",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(outer.requests).toHaveLength(0);
  });

  test("statuses that an index uses for 'not there'", async () => {
    const inner = await serve({});
    inner.faultAlways("/simple/foo/", { status: 403 });
    const outer = await serve({ projects: { foo: [fooWheel("1.0")] } });
    expect(versionsOf(await each.place.client([{ url: inner.indexUrl, missingStatuses: [403] }, outer.indexUrl]).listing(foo))).toEqual([
      "1.0",
    ]);
  });

  test("best-match merges all, and the earlier index wins for the same file", async () => {
    const a = await serve({ projects: { foo: [fooWheel("1.0"), fooWheel("3.0")] } });
    const b = await serve({
      projects: { foo: [fooWheel("2.0"), fooWheel("3.0"), { filename: "foo-3.0.0.tar.gz", bytes: new Uint8Array(1) }] },
    });
    const listing = await each.place.client([a.indexUrl, b.indexUrl], { strategy: "best-match" }).listing(foo);
    expect(versionsOf(listing)).toEqual(["3.0", "2.0", "1.0"]);
    expect(listing!.versions[0]!.files().map((file) => [file.filename, file.index])).toEqual([
      ["foo-3.0-py3-none-any.whl", a.indexUrl],
      ["foo-3.0.0.tar.gz", b.indexUrl],
    ]);
    const warm = each.place.client([a.indexUrl, b.indexUrl], { strategy: "best-match" }).listing(foo);
    expect(versionsOf(warm as ProjectListing)).toEqual(["3.0", "2.0", "1.0"]);
  });
});

describe("find-links and flat indexes", () => {
  test("folders, pages on this machine and pages on the web, ahead of the index", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")] } });
    const flat = await serve({ projects: { foo: [fooWheel("2.0")], bar: [fooWheel("1.0", { name: "bar" })] } });
    mkdirSync(join(each.place.folder, "my wheels"));
    for (const { filename, bytes } of [
      fooWheel("3.0"),
      { filename: "foo-3.1-beta.tar.gz", bytes: new Uint8Array(1) },
      { filename: "notes.txt", bytes: new Uint8Array(1) },
    ])
      writeFileSync(join(each.place.folder, "my wheels", filename), bytes);
    writeFileSync(
      join(each.place.folder, "links.html"),
      `<a href="my%20wheels/foo-3.0-py3-none-any.whl">x</a> <a href="${pathToFileURL(join(each.place.folder, "foo-4.0.zip")).href}">y</a>`,
    );
    const findLinks = ["my wheels", join(each.place.folder, "links.html"), flat.linksUrl];
    const listing = await each.place.client([server.indexUrl], { findLinks }).listing(foo);
    expect(versionsOf(listing)).toEqual(["4.0", "3.1b0", "3.0", "2.0", "1.0"]);
    const client = each.place.client([server.indexUrl], { findLinks });
    expect(versionsOf(client.listing(foo) as ProjectListing)).toEqual(["4.0", "3.1b0", "3.0", "2.0", "1.0"]);
    expect(client.metadata(listing!.versions[2]!.files()[0]!)).toMatchObject({ name: "foo", version: "3.0" });
    expect(flat.requests).toHaveLength(1);
    const offline = each.place.client(["http://127.0.0.1:1/simple"], { findLinks, offline: true });
    expect(versionsOf(await offline.listing(foo))).toEqual(["4.0", "3.1b0", "3.0", "2.0"]);
  });

  test("an index may be flat, or a folder of pages", async () => {
    const flat = await serve({ projects: { foo: [fooWheel("2.0")] } });
    expect(versionsOf(await each.place.client([{ url: flat.linksUrl, format: "flat" }]).listing(foo))).toEqual(["2.0"]);
    mkdirSync(join(each.place.folder, "simple", "foo"), { recursive: true });
    writeFileSync(join(each.place.folder, "simple", "foo", "index.html"), '<a href="foo-1.0.tar.gz">');
    const listing = each.place.client([pathToFileURL(join(each.place.folder, "simple")).href]).listing(foo) as ProjectListing;
    expect(listing.versions[0]!.files()[0]!.url).toBe(pathToFileURL(join(each.place.folder, "simple", "foo", "foo-1.0.tar.gz")).href);
    expect(each.place.client([pathToFileURL(join(each.place.folder, "simple")).href]).listing("bar" as NormalizedName)).toBeUndefined();
  });

  test("a folder that is not there is an error", () => {
    expect(() => each.place.client([], { findLinks: ["nowhere"] }).listing(foo)).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG" }),
    );
  });
});

describe("excludeNewer", () => {
  test("later files do not exist, also from the cache", async () => {
    const server = await serve({
      projects: {
        foo: [
          fooWheel("1.0", { uploadTime: "2024-01-01T00:00:00Z" }),
          fooWheel("2.0", { uploadTime: "2025-01-01T00:00:00.5Z" }),
          fooWheel("3.0"),
        ],
      },
    });
    for (let run = 0; run < 2; run += 1) {
      const listing = await each.place.client([server.indexUrl], { excludeNewer: Date.UTC(2024, 5, 1) }).listing(foo);
      expect(listing!.versions.map((version) => [version.text, version.files().length, version.tooNew?.().length])).toEqual([
        ["3.0", 0, 1],
        ["2.0", 0, 1],
        ["1.0", 1, 0],
      ]);
    }
    expect(each.place.events.filter((event) => event.type === "log" && event.code === "no-upload-times")).toHaveLength(2);
    expect(filesOf(await each.place.client([server.indexUrl]).listing(foo))).toHaveLength(3);
  });
});
