import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { failure, eachTest } from "../../tests/support/index-client.ts";
import { type Fault, type IndexServer, type IndexServerOptions } from "../../tests/support/index-server.ts";
import type { DownloadRequest } from "./index.ts";

const filename = "foo-1.0-py3-none-any.whl";
const path = `/files/${filename}`;
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) >> 3));
const sha256 = createHash("sha256").update(bytes).digest("hex");

const each = eachTest();
let server: IndexServer;

async function serve(options: IndexServerOptions = {}): Promise<DownloadRequest> {
  server = await each.serve({ projects: { foo: [{ filename, bytes }] }, ...options });
  return { url: server.origin + path, filename, hashes: { sha256 }, size: bytes.length };
}

function folder(): string {
  return join(each.place.folder, "downloads");
}

function leftovers(): string[] {
  try {
    return readdirSync(folder());
  } catch {
    return [];
  }
}

test("a file arrives with the hashes asked for, and progress is told", async () => {
  const request = await serve();
  const digests = Object.fromEntries(
    ["md5", "sha512", "blake2b"].map((name) => [
      name,
      createHash(name === "blake2b" ? "blake2b512" : name)
        .update(bytes)
        .digest("hex"),
    ]),
  );
  const steps: Array<readonly [number, number | undefined]> = [];
  const file = await each.place
    .client([])
    .download({ ...request, hashes: { sha256, ...digests } }, folder(), { onProgress: (...step) => void steps.push(step) });
  expect(file).toEqual({ path: expect.any(String), sha256, size: bytes.length, hashes: { sha256, ...digests } });
  expect(readFileSync(file.path).equals(bytes)).toBe(true);
  expect(steps[0]).toEqual([0, bytes.length]);
  expect(steps.at(-1)).toEqual([bytes.length, bytes.length]);
  expect(leftovers()).toHaveLength(1);
});

test("local files are checked where they stand", async () => {
  await serve();
  const local = join(each.place.folder, "my #file.whl");
  writeFileSync(local, bytes);
  for (const url of [local, pathToFileURL(local).href]) {
    expect(await each.place.client([]).download({ url, filename, hashes: { sha256 } }, folder())).toMatchObject({
      path: local,
      sha256,
      size: bytes.length,
    });
    expect(await failure(each.place.client([]).download({ url, filename, hashes: { sha256: "0".repeat(64) } }, folder()))).toMatchObject({
      code: "HASH_MISMATCH",
    });
  }
  expect(
    await failure(each.place.client([]).download({ url: join(each.place.folder, "none"), filename, hashes: {} }, folder())),
  ).toMatchObject({
    code: "FILE_SYSTEM",
  });
});

const half = bytes.length / 2;
const passing: ReadonlyArray<readonly [string, ReadonlyArray<Fault | undefined>]> = [
  ["dropped before the answer", [{ drop: true }]],
  ...[0, 1, half, bytes.length - 1].flatMap((cut): Array<readonly [string, ReadonlyArray<Fault | undefined>]> => [
    [`cut after ${cut} bytes`, [{ cutAfter: cut }]],
    [`cut after ${cut} bytes, length unknown`, [{ cutAfter: cut, noLength: true }]],
    [`cut after ${cut} bytes, range ignored`, [{ cutAfter: cut }, { ignoreRange: true }]],
    [`cut after ${cut} bytes, range moved on`, [{ cutAfter: cut }, { shiftRange: 1 }]],
    [`cut after ${cut} bytes, range refused`, [{ cutAfter: cut }, { status: 416 }]],
    [`cut after ${cut} bytes, changed since`, [{ cutAfter: cut, headers: { etag: '"older"' } }]],
  ]),
  ["cut three times", [{ cutAfter: 10 }, { cutAfter: 20 }, { cutAfter: 30 }]],
  ["busy three times", [{ status: 503 }, { status: 429 }, { status: 500 }]],
  ["a stalled answer", [{ stallAfter: -1 }]],
  ["a stalled body", [{ stallAfter: half }]],
];

describe("faults that pass", () => {
  for (const ranges of [true, false]) {
    test.each(passing)(`%s, ${ranges ? "with" : "without"} ranges`, async (_, faults) => {
      const { size: _size, ...request } = await serve({ ranges });
      server.fault(path, faults);
      const client = each.place.client([], { stallTimeoutMs: 200 });
      const file = await client.download(request, folder());
      expect(readFileSync(file.path).equals(bytes)).toBe(true);
      expect(leftovers()).toHaveLength(1);
      expect(each.place.waits.length).toBeGreaterThan(0);
    });
  }
});

test("a broken download goes on where it ended, with a strong validator only", async () => {
  const request = await serve();
  server.fault(path, [{ cutAfter: half }]);
  await each.place.client([]).download(request, folder());
  expect(server.requests[1]!.headers).toMatchObject({
    range: `bytes=${half}-`,
    "if-range": expect.stringMatching(/^"/),
    "accept-encoding": "identity",
  });
  server.requests.length = 0;
  server.fault(path, [{ cutAfter: half, headers: { etag: 'W/"weak"' } }]);
  await each.place.client([]).download(request, folder());
  expect(server.requests[1]!.headers.range).toBeUndefined();
});

const flipped = Buffer.from(bytes);
flipped[1234]! ^= 1;

const lasting: ReadonlyArray<readonly [string, Fault, string]> = [
  ["one byte changed", { body: flipped }, "HASH_MISMATCH"],
  ["a byte missing", { body: bytes.subarray(1) }, "HASH_MISMATCH"],
  ["a byte too many", { body: Buffer.concat([bytes, bytes]) }, "HASH_MISMATCH"],
  ["a page instead of the file", { body: "<html>log in</html>", headers: { "content-type": "text/html" } }, "HASH_MISMATCH"],
  ["not found", { status: 404 }, "NETWORK"],
  ["a teapot", { status: 418 }, "NETWORK"],
  ["forbidden", { status: 403 }, "AUTH_REQUIRED"],
  ["credentials wanted", { status: 401 }, "AUTH_REQUIRED"],
];

describe("faults that last", () => {
  test.each(lasting)("%s is no retry, and leaves nothing", async (_, fault, code) => {
    const request = await serve();
    server.faultAlways(path, fault);
    expect(await failure(each.place.client([]).download(request, folder()))).toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  test("a wrong hash names what was expected, what came and from where", async () => {
    const request = await serve();
    server.faultAlways(path, { body: flipped });
    const url = `${request.url.replace("//", "//me:s3cr3t-canary@")}?token=s3cr3t-canary`;
    const error = await failure(each.place.client([]).download({ ...request, url }, folder()));
    const got = createHash("sha256").update(flipped).digest("hex");
    expect(error).toMatchObject({
      code: "HASH_MISMATCH",
      data: { expected: sha256, got, url: request.url },
      why: expect.stringContaining(got),
    });
    expect(`${JSON.stringify(error)}${error.stack}`).not.toContain("s3cr3t");
  });

  test("a server that stays broken is given up after four tries", async () => {
    const request = await serve();
    for (const fault of [{ status: 502 }, { cutAfter: 10 }, { drop: true }] as const) {
      server.requests.length = 0;
      server.faultAlways(path, fault);
      expect(await failure(each.place.client([]).download(request, folder()))).toMatchObject({
        code: "NETWORK",
        why: expect.stringContaining("4 times"),
      });
      expect(server.requests).toHaveLength(4);
    }
    server.requests.length = 0;
    server.faultAlways(path, { stallAfter: -1 });
    expect(await failure(each.place.client([], { stallTimeoutMs: 100 }).download(request, folder()))).toMatchObject({
      code: "NETWORK",
      why: expect.stringContaining("sent nothing"),
    });
    expect(server.requests).toHaveLength(2);
    expect(leftovers()).toEqual([]);
  });

  test("a slow server is no fault: only silence is timed", async () => {
    const small = Buffer.from("slow but steady");
    server = await each.serve({ projects: { foo: [{ filename, bytes: small }] } });
    server.faultAlways(path, { dripMs: 40 });
    const file = await each.place
      .client([], { stallTimeoutMs: 250 })
      .download({ url: server.origin + path, filename, hashes: {} }, folder());
    expect(readFileSync(file.path, "utf8")).toBe("slow but steady");
  });

  test("an interrupt ends it at once, and leaves nothing", async () => {
    const request = await serve();
    server.faultAlways(path, { stallAfter: half });
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    const download = each.place.client([], { signal: controller.signal }).download(request, folder());
    setTimeout(() => controller.abort(reason), 50);
    const start = performance.now();
    expect(await download.catch((error: unknown) => error)).toBe(reason);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(leftovers()).toEqual([]);
    const again = each.place.client([], { signal: controller.signal }).download(request, folder());
    expect(await again.catch((error: unknown) => error)).toBe(reason);
  });

  test("one download can be ended alone, also while it waits for its turn", async () => {
    const request = await serve();
    server.faultAlways(path, { stallAfter: half });
    const client = each.place.client([], { concurrency: 1 });
    const controller = new AbortController();
    const reason = new Error("not wanted any more");
    const place = folder();
    const ended = [1, 2].map(() => client.download(request, place, { signal: controller.signal }).catch((error: unknown) => error));
    setTimeout(() => {
      server.faultAlways(path, undefined);
      controller.abort(reason);
    }, 50);
    expect(await Promise.all(ended)).toEqual([reason, reason]);
    expect(leftovers()).toEqual([]);
    expect((await client.download(request, place)).size).toBe(bytes.length);
    const already = client.download(request, place, { signal: controller.signal });
    expect(await already.catch((error: unknown) => error)).toBe(reason);
  });

  test("offline, nothing is fetched", async () => {
    const request = await serve();
    expect(await failure(each.place.client([], { offline: true }).download(request, folder()))).toMatchObject({ code: "OFFLINE" });
    expect(server.requests).toHaveLength(0);
  });

  test("a folder that cannot be written to is named", async () => {
    const request = await serve();
    writeFileSync(join(each.place.folder, "file"), "");
    expect(await failure(each.place.client([]).download(request, join(each.place.folder, "file", "below")))).toMatchObject({
      code: "FILE_SYSTEM",
    });
  });
});
