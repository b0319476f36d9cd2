import { describe, expect, test } from "bun:test";
import { readFreshness } from "./freshness.ts";
import { decodeEntities, scanHtml } from "./html.ts";
import { parseExcludeNewer, shownUrl } from "./index.ts";
import { parseNetrc } from "./netrc.ts";
import { parsePage } from "./page.ts";
import { backoffMs, isTransientStatus, parseRetryAfter } from "./retry.ts";
import { locationUrl, splitCredentials } from "./urls.ts";
import { readWheelMetadata } from "./wheel-metadata.ts";
import { buildWheel } from "../../tests/support/wheels.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const now = Date.UTC(2026, 0, 10);
const day = 86_400_000;

describe("parseExcludeNewer", () => {
  test.each([
    ["2024-05-01T12:00:00Z", Date.UTC(2024, 4, 1, 12)],
    ["2024-05-01t12:00:00.25z", Date.UTC(2024, 4, 1, 12, 0, 0, 250)],
    ["2024-05-01 12:00:00+02:00", Date.UTC(2024, 4, 1, 10)],
    ["2024-05-01T12:00-05:30", Date.UTC(2024, 4, 1, 17, 30)],
    ["2024-05-01", Date.UTC(2024, 4, 2) - 1],
    ["2024-02-29", Date.UTC(2024, 2, 1) - 1],
    ["30 days", now - 30 * day],
    ["P30D", now - 30 * day],
    ["PT24H", now - day],
    ["24 hours", now - day],
    ["1 week", now - 7 * day],
    ["P1W", now - 7 * day],
    ["1 week 2 days", now - 9 * day],
    ["3d", now - 3 * day],
    ["2 days ago", now - 2 * day],
    ["P1DT12H", now - 1.5 * day],
  ])("%s", (text, expected) => expect(parseExcludeNewer(text, now)).toBe(expected));

  test.each([
    "",
    "soon",
    "2024-13-01",
    "2023-02-29",
    "2024-05-01T25:00:00Z",
    "2024-05-01T12:00:00",
    "1 month",
    "P1M",
    "P",
    "PT",
    "1 year",
    "-3 days",
    "9".repeat(65536),
  ])("refuses %s", (text) => {
    expect(() => parseExcludeNewer(text, now)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});

describe("netrc", () => {
  test("machines, default, comments, quotes, macros and accounts", () => {
    const netrc = parseNetrc(
      `# comment\nmachine a.example login me password p#1\nmachine b.example\n  login "some one"\n  account x\n  password "with \\"quotes\\" and blanks"\nmacdef init\n  machine evil login a password b\n\nmachine c.example login password password login\ndefault login anonymous password guest # end\n`,
    );
    expect(netrc.find("a.example")).toEqual({ username: "me", password: "p#1" });
    expect(netrc.find("B.EXAMPLE")).toEqual({ username: "some one", password: 'with "quotes" and blanks' });
    expect(netrc.find("c.example")).toEqual({ username: "password", password: "login" });
    expect(netrc.find("evil")).toEqual({ username: "anonymous", password: "guest" });
  });
  test("broken text gives what can be read", () => {
    expect(parseNetrc("machine").find("x")).toBeUndefined();
    expect(parseNetrc("junk machine x login y junk password z").find("x")).toBeUndefined();
    expect(parseNetrc("machine x password z").find("x")).toEqual({ username: "", password: "z" });
  });
  test("64 KiB of hostile text answer in under 100 ms", () => {
    for (const text of ['"'.repeat(65536), "machine ".repeat(8192), '"\\'.repeat(32768), "password ".repeat(7000)]) {
      const start = processorTime();
      parseNetrc(text);
      expect(processorTime() - start).toBeLessThan(300);
    }
  });
});

describe("scanHtml", () => {
  test.each([
    ['<a href="x">t</a>', ["x"]],
    ["<A HREF=x data-yanked>t</A>", ["x"]],
    ["<a href='a&amp;b'>", ["a&b"]],
    ['<a class="1>2" href="x">', ["x"]],
    ["<!-- <a href=no> --><a href=yes>", ["yes"]],
    ["<script>'<a href=no>'</script><a href=yes>", ["yes"]],
    ["<a href=x href=y>", ["x"]],
    ["<abbr href=no><a name=q><a\n\thref = 'x' >", ["x"]],
    ["3 < 4 <a href=x>", ["x"]],
    ['<a href="x', []],
    ["<a href=x", []],
    ["<!-- <a href=x>", []],
    ["<textarea><a href=no></textarea >", []],
    ["", []],
    ["plain text", []],
  ])("%s", (text, hrefs) => expect(scanHtml(text).links.map((link) => link.href)).toEqual(hrefs));

  test("base and API version", () => {
    const page = scanHtml(
      '<base href="/b/"><base href="/c/"><meta name="pypi:repository-version" content="1.2"><meta name=other content=9>',
    );
    expect([page.base, page.apiVersion]).toEqual(["/b/", "1.2"]);
  });
  test("entities", () => {
    expect(decodeEntities("&gt;=3.8&lt;4 &#38; &#x26; &unknown; &#0; &#xD800; &amp;lt; &quot;&apos;")).toBe(
      ">=3.8<4 & & &unknown; &#0; &#xD800; &lt; \"'",
    );
  });
  test("hostile pages stay linear", () => {
    const size = 1 << 20;
    for (const piece of [
      "<",
      "<a ",
      "<a href=",
      '<a href="',
      "<!--",
      "</",
      "<a =",
      "<script>",
      "<script></",
      "&#",
      "<a href='x' ",
      "<!",
      "<a\0",
      "a=\"'",
    ]) {
      const text = piece.repeat(Math.ceil(size / piece.length));
      const start = processorTime();
      scanHtml(text);
      expect([piece, processorTime() - start < 1000]).toEqual([piece, true]);
    }
  });
});

describe("pages", () => {
  const source = { url: "https://index.example/simple/foo/", contentType: "text/html", emit: () => {} };
  const json = (files: unknown) => JSON.stringify({ meta: { "api-version": "1.0" }, files });
  test("links are joined, and hashes taken from the fragment", () => {
    const digest = "a".repeat(64);
    const [file] = parsePage(
      `<a href="../../files/foo-1.0.tar.gz#sha256=${digest}" data-requires-python="&gt;=3" data-yanked="bad" data-dist-info-metadata="sha256=${digest}">`,
      source,
    );
    expect(file).toEqual({
      filename: "foo-1.0.tar.gz",
      kind: "sdist",
      url: "https://index.example/files/foo-1.0.tar.gz",
      hashes: { sha256: digest },
      size: undefined,
      requiresPython: ">=3",
      yanked: "bad",
      uploadTime: undefined,
      metadata: { sha256: digest },
    });
  });
  test("JSON of wrong types is read without harm", () => {
    const files = [
      null,
      1,
      [],
      {},
      { filename: 1, url: 2 },
      {
        filename: "foo-1.0.tar.gz",
        url: "x",
        size: -1,
        hashes: [1],
        yanked: 3,
        "requires-python": {},
        "upload-time": "never",
        "core-metadata": "yes",
      },
    ];
    const [file, ...more] = parsePage(json(files), { ...source, contentType: "application/json" });
    expect(more).toEqual([]);
    expect(file).toMatchObject({
      filename: "foo-1.0.tar.gz",
      hashes: {},
      size: undefined,
      yanked: undefined,
      requiresPython: undefined,
      uploadTime: undefined,
      metadata: undefined,
    });
  });
  test("a page on the web may not name files of this machine, and a safe page no unsafe content without a hash", () => {
    const digest = "a".repeat(64);
    for (const href of [
      "file:///etc/foo-1.0.tar.gz",
      "javascript:foo-1.0.tar.gz",
      "data:,foo-1.0.tar.gz",
      "ftp://h/foo-1.0.tar.gz",
      "http://h.example/foo-1.0.tar.gz",
    ]) {
      expect(parsePage(`<a href="${href}">`, source)).toEqual([]);
      expect(parsePage(json([{ filename: "foo-1.0.tar.gz", url: href }]), { ...source, contentType: "application/json" })).toEqual([]);
    }
    expect(parsePage(`<a href="http://h.example/foo-1.0.tar.gz#sha256=${digest}">`, source)).toHaveLength(1);
  });
  test("credentials in links are dropped", () => {
    expect(parsePage('<a href="https://u:s3cr3t-link@h.example/foo-1.0.tar.gz">', source)[0]?.url).toBe("https://h.example/foo-1.0.tar.gz");
  });
  test.each([
    ["text/plain", "x"],
    ["", "x"],
    ["application/vnd.pypi.simple.v2+json", "{}"],
    ["application/json", "[]"],
    ["application/json", "{"],
    ["application/json", "{}"],
    ["application/json", "[".repeat(65536)],
    ["application/json", '{"meta":{"api-version":"2.0"},"files":[]}'],
    ["application/json", '{"meta":{"api-version":"x"},"files":[]}'],
    ["text/html", '<meta name="pypi:repository-version" content="2.0">'],
  ])("refuses %s %s", (contentType, text) => {
    expect(() => parsePage(text, { ...source, contentType })).toThrow(expect.objectContaining({ code: "NETWORK" }));
  });
  test("a newer minor version of the API is a warning", () => {
    const codes: string[] = [];
    parsePage('{"meta":{"api-version":"1.99"},"files":[]}', {
      ...source,
      contentType: "application/json",
      emit: (event) => void codes.push(event.type === "log" ? event.code : ""),
    });
    expect(codes).toEqual(["newer-index-api"]);
  });
});

test("Retry-After in seconds and as a date, at most a minute", () => {
  const at = Date.UTC(2026, 0, 1);
  expect(
    [null, "2", "0", "99999", "-1", "soon", "Thu, 01 Jan 2026 00:00:05 GMT", "Wed, 31 Dec 2025 00:00:00 GMT"].map((text) =>
      parseRetryAfter(text, at),
    ),
  ).toEqual([undefined, 2000, 0, 60000, 0, undefined, 5000, 0]);
});

test("which statuses are tried again", () => {
  expect([408, 429, 500, 502, 503, 504, 520, 527].every(isTransientStatus)).toBe(true);
  expect([200, 400, 401, 403, 404, 410, 501, 505, 519, 528].some(isTransientStatus)).toBe(false);
});

test("waits grow, and half of each is chance", () => {
  expect([0, 1, 2, 9].map((attempt) => [backoffMs(attempt, 0), backoffMs(attempt, 1)])).toEqual([
    [250, 500],
    [500, 1000],
    [1000, 2000],
    [5000, 10000],
  ]);
});

test("what Cache-Control and Age say", () => {
  const read = (headers: Record<string, string>, absent = false) => {
    const { maxAge, store } = readFreshness(new Headers(headers), { now, absent });
    return [maxAge, store];
  };
  expect(read({})).toEqual([600, true]);
  expect(read({ "cache-control": "public, Max-Age=10", age: "4" })).toEqual([6, true]);
  expect(read({ "cache-control": "max-age=10", age: "40" })).toEqual([0, true]);
  expect(read({ "cache-control": "no-store" })).toEqual([600, false]);
  expect(read({ "cache-control": "no-cache" })).toEqual([0, true]);
  expect(read({ "cache-control": "max-age=banana" })).toEqual([600, true]);
  expect(read({}, true)).toEqual([60, true]);
});

test("credentials leave a URL, and what is shown has none", () => {
  expect(splitCredentials("https://us%40er:p%3Aw@h.example/x?y")).toEqual({
    url: "https://h.example/x?y",
    credentials: { username: "us@er", password: "p:w" },
  });
  expect(splitCredentials("not a url")).toEqual({ url: "not a url", credentials: undefined });
  expect(shownUrl("https://u:s3cr3t@h.example/a\u001b[1m?token=s3cr3t#s3cr3t")).toBe("https://****@h.example/a\\x1b[1m");
});

test("places are URLs or paths", () => {
  expect(locationUrl("wheels", "/work here")).toBe("file:///work%20here/wheels");
  expect(locationUrl("/a#b", "/")).toBe("file:///a%23b");
  expect(locationUrl("https://h/x", "/")).toBe("https://h/x");
  expect(() => locationUrl("ftp://h/x", "/")).toThrow(expect.objectContaining({ code: "USAGE" }));
});

/** Numbers below `limit`, the same every time. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % limit;
}

test("3,000 broken pages: files or one clear error, never anything else", () => {
  const roll = dice(7);
  const html = `<!DOCTYPE html><html><head><base href="/x/"><meta name="pypi:repository-version" content="1.0"></head><body><a href="../foo-1.0.tar.gz#sha256=${"a".repeat(64)}" data-yanked='x &amp; y'>foo</a><!-- c --><script>1</script></body></html>`;
  const json = JSON.stringify({
    meta: { "api-version": "1.0" },
    files: [{ filename: "foo-1.0.tar.gz", url: "../foo-1.0.tar.gz", hashes: { sha256: "a".repeat(64) }, yanked: "x", size: 3 }],
  });
  const pieces = ["<", ">", '"', "'", "&", "\0", "%", "<!--", "{", "}", "[", "]", ",", "null", "\\", "//", ":", "é", "\ud800"];
  for (let round = 0; round < 3000; round += 1) {
    const isJson = round % 2 === 0;
    let text = isJson ? json : html;
    for (let change = 0; change <= roll(4); change += 1) {
      const at = roll(text.length);
      text = text.slice(0, at) + (pieces[roll(pieces.length)] ?? "") + text.slice(at + roll(4));
    }
    try {
      const files = parsePage(text, {
        url: "https://index.example/simple/foo/",
        contentType: isJson ? "application/json" : "text/html",
        emit: () => {},
      });
      expect(files.every((file) => file.url.startsWith("https:") && URL.canParse(file.url))).toBe(true);
    } catch (error) {
      expect([text, error]).toMatchObject([text, { code: "NETWORK" }]);
    }
  }
});

test("1,000 broken wheels: their metadata, or INVALID_WHEEL", () => {
  const roll = dice(11);
  const { bytes, filename } = buildWheel({ name: "foo", version: "1.0", requires: ["bar"] });
  for (let round = 0; round < 1000; round += 1) {
    let broken = Buffer.from(bytes);
    for (let change = 0; change <= roll(3); change += 1) broken[roll(broken.length)] = roll(256);
    if (roll(4) === 0) broken = broken.subarray(0, roll(broken.length));
    try {
      const reading = readWheelMetadata(broken.length, filename);
      let step = reading.next();
      while (step.done !== true) step = reading.next(broken.subarray(step.value[0], step.value[0] + step.value[1]));
      expect(step.value).toContain("Requires-Dist: bar");
    } catch (error) {
      expect([round, error]).toMatchObject([round, { code: "INVALID_WHEEL" }]);
    }
  }
});
