import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NormalizedName } from "#standards";
import { filesBelow, failure, eachTest } from "../../tests/support/index-client.ts";
import { type IndexServer, type IndexServerOptions, type ServedFile } from "../../tests/support/index-server.ts";
import { type WheelOptions, buildWheel } from "../../tests/support/wheels.ts";
import type { IndexClient, IndexFile, ReleaseMetadata } from "./index.ts";

const foo = "foo" as NormalizedName;
const text = "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\nRequires-Dist: bar>=1\nRequires-Python: >=3.8\nProvides-Extra: x\n";
const release = { name: "foo", version: "1.0", requiresDist: ["bar>=1"], requiresPython: ">=3.8", providesExtra: ["x"] };
const path = "/files/foo-1.0-py3-none-any.whl";

const each = eachTest();
let server: IndexServer;

function wheel(more: Partial<WheelOptions> = {}): ReturnType<typeof buildWheel> {
  return buildWheel({ name: "foo", version: "1.0", metadata: text, ...more });
}

async function serve(file: ServedFile, options: IndexServerOptions = {}): Promise<{ client: IndexClient; file: IndexFile }> {
  server = await each.serve({ projects: { foo: [file] }, ...options });
  const client = each.place.client([server.indexUrl]);
  const listing = await client.listing(foo);
  server.requests.length = 0;
  return { client, file: listing!.versions[0]!.files()[0]! };
}

/** Bytes that do not compress, the same every time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map(() => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}

describe("ways to the metadata", () => {
  test.each(["json", "html"] as const)("the .metadata file (%s)", async (format) => {
    const { client, file } = await serve({ ...wheel(), metadata: text }, { format });
    expect(await client.metadata(file)).toEqual(release as unknown as ReleaseMetadata);
    expect(server.paths()).toEqual([`${path}.metadata`]);
    expect(client.metadata(file)).not.toBeInstanceOf(Promise);
    expect(each.place.client([]).metadata(file)).toEqual(release as unknown as ReleaseMetadata);
    expect(server.requests).toHaveLength(1);
  });

  test("ranges of a small wheel: one request", async () => {
    const { client, file } = await serve(wheel());
    expect(await client.metadata(file)).toMatchObject(release);
    expect(server.requests.map((request) => request.headers.range)).toEqual(["bytes=-32768"]);
    expect(server.requests[0]!.headers["accept-encoding"]).toBe("identity");
  });

  test.each([
    ["much content before", { "foo/data.bin": noise(300_000) }, {}],
    [
      "a directory longer than the first read",
      Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`foo/module_with_a_long_name_${at}.py`, "pass\n"])),
      {},
    ],
    ["zip64", {}, { zip: { zip64: true } }],
    ["stored, not deflated", {}, { members: (all: ReadonlyArray<object>) => all.map((member) => ({ ...member, method: 0 })) }],
    ["an archive comment", {}, { zip: { comment: "hello" } }],
    ["data descriptors", {}, { members: (all: ReadonlyArray<object>) => all.map((member) => ({ ...member, dataDescriptor: true })) }],
  ])("ranges: %s", async (_, files, more) => {
    const { client, file } = await serve(wheel({ files, ...more } as WheelOptions));
    expect(await client.metadata(file)).toMatchObject(release);
    expect(server.requests.every((request) => request.headers.range !== undefined)).toBe(true);
    const local = join(each.place.folder, file.filename);
    writeFileSync(local, wheel({ files, ...more } as WheelOptions).bytes);
    expect(each.place.client([]).metadata({ ...file, url: pathToFileURL(local).href })).toMatchObject(release);
  });

  test("METADATA far from the end is fetched by ranges too", async () => {
    const far = wheel({ files: { "foo/big.bin": noise(200_000) }, members: (all) => [...all].reverse() });
    const { client, file } = await serve(far);
    expect(await client.metadata(file)).toMatchObject(release);
    expect(server.requests.length).toBeGreaterThan(1);
    expect(server.requests.every((request) => request.headers.range !== undefined)).toBe(true);
  });

  test("without ranges the whole wheel, and the host is remembered", async () => {
    const { client, file } = await serve(wheel(), { ranges: false });
    expect(await client.metadata(file)).toMatchObject(release);
    expect(server.requests.map((request) => request.headers.range)).toEqual(["bytes=-32768", undefined]);
    await client.metadata({ ...file, hashes: {}, size: undefined });
    expect(server.requests).toHaveLength(3);
    expect(filesBelow(each.place.cacheFolder).filter((name) => name.includes("scratch"))).toEqual([]);
  });

  test.each([
    ["ranges refused", { status: 416 }],
    ["ranges not implemented", { status: 501 }],
    ["another range", { shiftRange: 3 }],
    ["a range without Content-Range", { status: 206 }],
    ["a range that lies about the length", { status: 206, headers: { "content-range": "bytes 0-9/10" } }],
  ])("%s: the whole wheel", async (_, fault) => {
    const { client, file } = await serve(wheel({ files: { "foo/big.bin": noise(60_000) } }));
    server.fault(path, [fault]);
    expect(await client.metadata(file)).toMatchObject(release);
    expect(server.requests.at(-1)!.headers.range).toBeUndefined();
  });

  test("a .metadata file that was promised and is not there is a warning", async () => {
    const { client, file } = await serve({ ...wheel(), metadata: text });
    server.faultAlways(`${path}.metadata`, { status: 404 });
    expect(await client.metadata(file)).toMatchObject(release);
    expect(each.place.events).toContainEqual(expect.objectContaining({ code: "metadata-missing" }));
  });

  test("a source distribution has metadata only beside it", async () => {
    const sdist = { filename: "foo-1.0.tar.gz", bytes: new Uint8Array(9) };
    const { client, file } = await serve({ ...sdist, metadata: text });
    expect(await client.metadata(file)).toMatchObject(release);
    expect(await failure(client.metadata({ ...file, metadata: undefined, hashes: {} }))).toMatchObject({
      code: "BUILD_REQUIRED",
    });
  });

  test("the whole text, kept too", async () => {
    const { client, file } = await serve({ ...wheel(), metadata: text });
    expect(await client.coreMetadata(file)).toBe(text);
    expect(await each.place.client([], { offline: true }).coreMetadata(file)).toBe(text);
    expect(server.requests).toHaveLength(1);
  });

  test("drops and busy servers are tried again on every way", async () => {
    const { client, file } = await serve({ ...wheel(), metadata: text });
    server.fault(`${path}.metadata`, [{ cutAfter: 5 }, { status: 503 }, { cutAfter: 0 }]);
    expect(await client.metadata(file)).toMatchObject(release);
    server.fault(path, [{ cutAfter: 5 }, { status: 503 }, { drop: true }]);
    expect(await client.metadata({ ...file, metadata: undefined, hashes: {} })).toMatchObject(release);
  });
});

describe("metadata that lies", () => {
  test("a .metadata file with another hash than the page says is refused, and not kept", async () => {
    const { client, file } = await serve({ ...wheel(), metadata: text, metadataHash: "0".repeat(64) });
    expect(await failure(client.metadata(file))).toMatchObject({ code: "HASH_MISMATCH" });
    expect(await failure(client.coreMetadata(file))).toMatchObject({ code: "HASH_MISMATCH" });
    expect(filesBelow(each.place.cacheFolder).filter((name) => name.includes("metadata"))).toEqual([]);
  });

  test.each([
    ["another name", text.replace("foo", "bar")],
    ["another version", text.replace("1.0", "1.1")],
    ["no name", text.replace("Name: foo\n", "")],
    ["nothing", ""],
    ["control characters", text.replace("foo", "foo\u001b[2J")],
  ])("%s is refused", async (_, lie) => {
    const { client, file } = await serve({ ...wheel(), metadata: lie, metadataHash: "" });
    const error = await (client.metadata(file) as Promise<unknown>).catch((caught: unknown) => caught as Error & { why?: string });
    expect(error).toMatchObject({ code: "INVALID_METADATA" });
    expect(`${String(error)}${(error as { why?: string }).why}`).not.toContain("\u001b");
  });

  test.each([
    ["no zip archive", {}, () => Buffer.from("not a zip archive at all")],
    ["an empty file", {}, () => new Uint8Array()],
    ["METADATA of another project", { distInfo: "bar-1.0.dist-info" }, undefined],
    ["no METADATA", { metadata: () => undefined }, undefined],
    [
      "a wrong checksum",
      { members: (all: ReadonlyArray<object>) => all.map((member) => ({ ...member, local: { crc: 1 }, central: { crc: 1 } })) },
      undefined,
    ],
    [
      "a size that lies",
      { members: (all: ReadonlyArray<object>) => all.map((member) => ({ ...member, central: { size: 5 } })) },
      undefined,
    ],
    ["METADATA twice", { members: (all: ReadonlyArray<object>) => [...all, ...all] }, undefined],
    ["a directory beyond the end", { zip: { directoryOffset: 1_000_000 } }, undefined],
    ["an impossible directory", { zip: { directorySize: 4_000_000_000 } }, undefined],
  ])("a wheel with %s is refused, also from this machine", async (_, more, change) => {
    const built = wheel(more as WheelOptions);
    const bytes = change?.() ?? built.bytes;
    const { client, file } = await serve({ filename: built.filename, bytes });
    expect(await failure(client.metadata(file))).toMatchObject({ code: "INVALID_WHEEL" });
    const local = join(each.place.folder, built.filename);
    writeFileSync(local, bytes);
    expect(() => client.metadata({ ...file, url: pathToFileURL(local).href, hashes: {} })).toThrow(
      expect.objectContaining({ code: "INVALID_WHEEL" }),
    );
  });

  test("damage of what was kept is a miss", async () => {
    const { client, file } = await serve({ ...wheel(), metadata: text });
    await client.metadata(file);
    const kept = filesBelow(each.place.cacheFolder).find((name) => name.includes("metadata"))!;
    const good = readFileSync(kept);
    for (let at = 0; at < good.length; at += 7) {
      const bytes = Buffer.from(good);
      bytes[at]! ^= 1;
      writeFileSync(kept, at === 14 ? bytes.subarray(0, 20) : bytes);
      expect(await each.place.client([server.indexUrl]).metadata(file)).toEqual(release as unknown as ReleaseMetadata);
      expect(readFileSync(kept).equals(good)).toBe(true);
    }
  });
});
