import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NormalizedName } from "#standards";
import { filesBelow, failure, eachTest, foo, fooWheel, versionsOf, filesOf } from "../../tests/support/index-client.ts";
import type { ProjectListing } from "./index.ts";

const each = eachTest();
const { serve } = each;

describe("the cache", () => {
  test("a fresh answer is at hand, without a request", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")] } });
    await each.place.client([server.indexUrl]).listing(foo);
    each.place.time += 599_000;
    const listing = each.place.client([server.indexUrl]).listing(foo);
    expect(listing).not.toBeInstanceOf(Promise);
    expect(filesOf(listing as ProjectListing)).toEqual(["foo-1.0-py3-none-any.whl"]);
    expect(server.requests).toHaveLength(1);
  });

  test("one client asks once, whatever happens meanwhile", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")] }, cacheControl: "no-store" });
    const client = each.place.client([server.indexUrl]);
    const [a, b] = await Promise.all([client.listing(foo), client.listing(foo)]);
    expect(a).toBe(b);
    expect(client.listing(foo)).toBe(a);
    expect(server.requests).toHaveLength(1);
  });

  test("an old answer is confirmed by 304, and is fresh again", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0"), fooWheel("2.0")] }, cacheControl: "max-age=10" });
    await each.place.client([server.indexUrl]).listing(foo);
    each.place.time += 11_000;
    expect(versionsOf(await each.place.client([server.indexUrl]).listing(foo))).toEqual(["2.0", "1.0"]);
    expect(server.requests[1]!.headers["if-none-match"]).toBeString();
    const again = each.place.client([server.indexUrl]).listing(foo);
    expect(again).not.toBeInstanceOf(Promise);
    expect(filesOf(again as ProjectListing)).toHaveLength(2);
    expect(server.requests).toHaveLength(2);
  });

  test("an old answer is replaced when the project changed", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")] }, cacheControl: "max-age=10" });
    const before = await each.place.client([server.indexUrl]).listing(foo);
    server.setProject("foo", [fooWheel("1.0"), fooWheel("2.0")]);
    each.place.time += 11_000;
    expect(versionsOf(await each.place.client([server.indexUrl]).listing(foo))).toEqual(["2.0", "1.0"]);
    server.setProject("foo", undefined);
    each.place.time += 11_000;
    expect(await each.place.client([server.indexUrl]).listing(foo)).toBeUndefined();
    expect(filesOf(before)).toEqual(["foo-1.0-py3-none-any.whl"]);
  });

  test("no-store is not written, no-cache is asked again, a clock set back is not trusted", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")] }, cacheControl: "no-store" });
    await each.place.client([server.indexUrl]).listing(foo);
    await each.place.client([server.indexUrl]).listing(foo);
    expect(server.requests[1]!.headers["if-none-match"]).toBeUndefined();
    const second = await serve({ projects: { foo: [fooWheel("1.0")] }, cacheControl: "no-cache" });
    await each.place.client([second.indexUrl]).listing(foo);
    await each.place.client([second.indexUrl]).listing(foo);
    expect(second.requests).toHaveLength(2);
    const third = await serve({ projects: { foo: [fooWheel("1.0")] } });
    await each.place.client([third.indexUrl]).listing(foo);
    each.place.time -= 1_000;
    await each.place.client([third.indexUrl]).listing(foo);
    expect(third.requests).toHaveLength(2);
  });

  test("refresh asks again: everything, or some projects", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")] } });
    await each.place.client([server.indexUrl]).listing(foo);
    await each.place.client([server.indexUrl], { refresh: ["bar" as NormalizedName] }).listing(foo);
    expect(server.requests).toHaveLength(1);
    await each.place.client([server.indexUrl], { refresh: [foo] }).listing(foo);
    await each.place.client([server.indexUrl], { refresh: true }).listing(foo);
    expect(server.requests).toHaveLength(3);
  });

  test("offline: answers of any age, absences included, and an error for the rest", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")] } });
    await each.place.client([server.indexUrl]).listing(foo);
    await each.place.client([server.indexUrl]).listing("absent" as NormalizedName);
    each.place.time += 1e12;
    const client = each.place.client([server.indexUrl], { offline: true });
    expect(versionsOf(client.listing(foo) as ProjectListing)).toEqual(["1.0"]);
    expect(client.listing("absent" as NormalizedName)).toBeUndefined();
    expect(await failure(client.listing("unknown" as NormalizedName))).toMatchObject({ code: "OFFLINE" });
    expect(server.requests).toHaveLength(2);
  });

  test("'not there' is believed for a minute only", async () => {
    const server = await serve({});
    await each.place.client([server.indexUrl]).listing(foo);
    each.place.time += 59_000;
    expect(each.place.client([server.indexUrl]).listing(foo)).toBeUndefined();
    server.setProject("foo", [fooWheel("1.0")]);
    each.place.time += 2_000;
    expect(versionsOf(await each.place.client([server.indexUrl]).listing(foo))).toEqual(["1.0"]);
  });

  test("damage anywhere is a miss and is healed", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0"), fooWheel("2.0")] } });
    await each.place.client([server.indexUrl]).listing(foo);
    const path = filesBelow(each.place.cacheFolder).find((name) => name.endsWith("foo.listing"))!;
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
      expect(filesOf(await each.place.client([server.indexUrl]).listing(foo))).toEqual([
        "foo-2.0-py3-none-any.whl",
        "foo-1.0-py3-none-any.whl",
      ]);
      expect(readFileSync(path).equals(good)).toBe(true);
    }
  });

  test("damage of a long answer, found late, is an error that says what to do, and the next run is whole", async () => {
    const projects = {
      foo: Array.from({ length: 400 }, (_, at) => ({ filename: `foo-1.${at}-py3-none-any.whl`, bytes: new Uint8Array(1) })),
    };
    const server = await serve({ projects });
    await each.place.client([server.indexUrl]).listing(foo);
    const path = filesBelow(each.place.cacheFolder).find((name) => name.endsWith("foo.listing"))!;
    const bytes = readFileSync(path);
    bytes[bytes.length - 10]! ^= 1;
    writeFileSync(path, bytes);
    const listing = (await each.place.client([server.indexUrl]).listing(foo))!;
    expect(listing.versions[0]!.files()).toHaveLength(1);
    expect(() => listing.versions.at(-1)!.files()).toThrow(expect.objectContaining({ code: "STORE_DAMAGED" }));
    expect(filesOf(await each.place.client([server.indexUrl]).listing(foo))).toHaveLength(400);
  });

  test("a long answer that another process replaces meanwhile is still read right", async () => {
    const file = (at: number) => ({ filename: `foo-1.${at}-py3-none-any.whl`, bytes: Buffer.from([at % 256]) });
    const server = await serve({ projects: { foo: Array.from({ length: 400 }, (_, at) => file(at)) } });
    await each.place.client([server.indexUrl]).listing(foo);
    const early = (await each.place.client([server.indexUrl]).listing(foo))!;
    server.setProject(
      "foo",
      Array.from({ length: 500 }, (_, at) => file(at)),
    );
    await each.place.client([server.indexUrl], { refresh: true }).listing(foo);
    expect(filesOf(early)).toEqual(Array.from({ length: 400 }, (_, at) => `foo-1.${399 - at}-py3-none-any.whl`));
  });

  test("a cache that cannot be written to is said once, and everything works", async () => {
    const server = await serve({ projects: { foo: [fooWheel("1.0")], bar: [fooWheel("1.0", { name: "bar" })] } });
    mkdirSync(each.place.cacheFolder);
    // A file where a folder is needed stops also the superuser.
    writeFileSync(join(each.place.cacheFolder, "index"), "");
    chmodSync(each.place.cacheFolder, 0o500);
    const client = each.place.client([server.indexUrl]);
    expect(versionsOf(await client.listing(foo))).toEqual(["1.0"]);
    const listing = await client.listing("bar" as NormalizedName);
    expect(await client.metadata(listing!.versions[0]!.files()[0]!)).toMatchObject({ name: "bar" });
    expect(each.place.events.filter((event) => event.type === "log" && event.code === "cache-not-writable")).toHaveLength(1);
    chmodSync(each.place.cacheFolder, 0o700);
  });

  test("two indexes never share an answer", async () => {
    const a = await serve({ projects: { foo: [fooWheel("1.0")] } });
    const b = await serve({ projects: { foo: [fooWheel("2.0")] } });
    await each.place.client([a.indexUrl]).listing(foo);
    expect(versionsOf(await each.place.client([b.indexUrl]).listing(foo))).toEqual(["2.0"]);
    expect(statSync(each.place.cacheFolder).isDirectory()).toBe(true);
  });
});

test("several processes share one cache while it is rewritten all the time", async () => {
  const server = await serve({
    projects: { foo: Array.from({ length: 300 }, (_, at) => ({ filename: `foo-1.${at}-py3-none-any.whl`, bytes: new Uint8Array(1) })) },
    etag: false,
  });
  const script = join(each.place.folder, "worker.ts");
  const support = pathToFileURL(join(import.meta.dir, "index.ts")).href;
  const foundation = pathToFileURL(join(import.meta.dir, "..", "foundation", "index.ts")).href;
  writeFileSync(
    script,
    `import { createIndexClient } from ${JSON.stringify(support)};
     import { readHost } from ${JSON.stringify(foundation)};
     for (let round = 0; round < 25; round += 1) {
       const client = createIndexClient({ host: readHost(), cacheFolder: ${JSON.stringify(each.place.cacheFolder)}, indexes: [{ url: ${JSON.stringify(server.indexUrl)} }],
         findLinks: [], strategy: "first-index", offline: false, refresh: round % 2 === 0 });
       const listing = await client.listing("foo");
       const files = listing.versions.map((version) => version.files()[0].filename);
       if (files.length !== 300 || files[0] !== "foo-1.299-py3-none-any.whl" || files[299] !== "foo-1.0-py3-none-any.whl") throw new Error("torn");
     }`,
  );
  const runs = Array.from({ length: 4 }, async () => {
    const child = Bun.spawn([process.execPath, script], {
      env: { HOME: each.place.folder, PATH: "/usr/bin:/bin" },
      stdout: "ignore",
      stderr: "pipe",
    });
    const errors = await new Response(child.stderr).text();
    return [await child.exited, errors];
  });
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 4 }, () => [0, ""]));
  expect(filesBelow(each.place.cacheFolder)).toHaveLength(1);
}, 30_000);
