/** Pages kept in pieces against the same pages read whole: every listing comes out the same. */
import { expect, test } from "bun:test";
import { isPenError } from "#foundation";
import type { NormalizedName } from "#standards";
import { encodeListing } from "./listing-encoding.ts";
import { listFiles, type ListedFile } from "./page-entries.ts";
import { parsePage, type PageSource } from "./page.ts";
import { listingBytes, openListing } from "./stored-listing.ts";

const name = "foo" as NormalizedName;
const index = "https://index.example/simple";
const source: PageSource = { url: `${index}/foo/`, contentType: "application/vnd.pypi.simple.v1+json", emit: () => {} };

const entry = (filename: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  "core-metadata": { sha256: "b".repeat(64) },
  filename,
  hashes: { sha256: "a".repeat(64) },
  "requires-python": ">=3.8",
  size: 12,
  "upload-time": "2024-02-03T04:05:06.789012Z",
  url: `https://files.example/packages/ab/${filename}`,
  yanked: false,
  ...more,
});

const usual = [
  entry("foo-1.0-py3-none-any.whl"),
  entry("foo-1.0.tar.gz", { "core-metadata": false, "requires-python": null, provenance: null }),
  entry("foo-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", { yanked: "it was broken" }),
  entry("foo-1.0-py2.7.egg", { "core-metadata": undefined }),
  entry("foo-1.0.linux-x86_64.tar.gz"),
  entry("Foo-2.0rc1.zip", { yanked: true }),
  entry("foo-2.0rc1-1-py3-none-any.whl", { "core-metadata": true, "upload-time": "2024-02-03T04:05:06" }),
  entry("foo-3.0_broken-py3-none-any.whl"),
  entry("bar-1.0-py3-none-any.whl"),
  entry("foo-2.0rc1.asc"),
  entry("foo-1.0.0-py2-none-any.whl", { hashes: { md5: "c".repeat(32) } }),
  entry("foo-1.0-py3-none-any.whl", { size: 99 }),
];

const pageOf = (files: readonly unknown[], more: Record<string, unknown> = {}): string =>
  JSON.stringify({ "alternate-locations": [], files, meta: { "api-version": "1.3" }, name, versions: ["1.0"], ...more });

const inPieces = (files: readonly ListedFile[]): boolean => files.every(({ entry: one }) => typeof one === "string");

/** Versions with their files as a reader of the kept answer sees them, or the code of the error. */
function seen(list: () => ListedFile[]): unknown {
  try {
    const about = { index, name, etag: undefined, lastModified: undefined, fetched: 0, maxAge: 600, origin: "https://index.example" };
    const listing = openListing(listingBytes(encodeListing(list(), about)), { index, name }, undefined)?.listing;
    return listing?.versions.map((version) => [version.text, version.files(), version.others?.()]);
  } catch (error) {
    return isPenError(error) ? error.code : error;
  }
}

const whole = (text: string, from: PageSource) => (): ListedFile[] =>
  parsePage(text, from).map((file) => ({ filename: file.filename, kind: file.kind, entry: file }));

function expectAlike(text: string, from: PageSource = source): void {
  expect([text, seen(() => listFiles(text, from))]).toEqual([text, seen(whole(text, from))]);
}

test("a usual page is kept in pieces, and read as it would be whole", () => {
  const text = pageOf(usual);
  const files = listFiles(text, source);
  expect(inPieces(files)).toBe(true);
  expect(files).toHaveLength(11);
  expectAlike(text);
  expectAlike(pageOf([...usual].reverse()));
});

const others: ReadonlyArray<readonly [what: string, text: string, from?: PageSource]> = [
  ["no files", pageOf([])],
  ["an escape", pageOf([entry("foo-1.0.tar.gz", { yanked: 'say "no"' })])],
  ["spaces", JSON.stringify({ meta: {}, files: usual }, undefined, 1)],
  ["a link to follow from the page", pageOf([...usual, entry("foo-4.0.tar.gz", { url: "../../foo-4.0.tar.gz" })])],
  ["a link to a weaker scheme", pageOf([...usual, entry("foo-4.0.tar.gz", { url: "http://files.example/foo-4.0.tar.gz" })])],
  ["the same without a hash", pageOf([...usual, entry("foo-4.0.tar.gz", { url: "http://files.example/foo-4.0.tar.gz", hashes: {} })])],
  ["a link to this machine", pageOf([...usual, entry("foo-4.0.tar.gz", { url: "file:///etc/foo-4.0.tar.gz" })])],
  ["a link with a user", pageOf([entry("foo-4.0.tar.gz", { url: "https://user:word@files.example/foo-4.0.tar.gz" })])],
  ["a name in another field", pageOf([entry("foo-1.0.tar.gz", { hashes: { filename: "foo-9.0.tar.gz" } })])],
  ["a name given twice", pageOf([entry("foo-1.0.tar.gz")]).replace('"size":12', '"filename":"foo-9.0.tar.gz"')],
  ["a list in a file", pageOf([entry("foo-1.0.tar.gz", { signatures: [{ by: "x" }] }), ...usual])],
  ["no URL", pageOf([entry("foo-1.0.tar.gz", { url: undefined })])],
  ["files elsewhere, too", JSON.stringify({ more: { files: usual }, files: [entry("foo-7.0.tar.gz")], meta: {} })],
  ["files elsewhere alone", JSON.stringify({ more: { files: usual }, meta: {} })],
  ["a page cut short", pageOf(usual).slice(0, -40)],
  ["a file cut short", pageOf(usual).slice(0, 700)],
  ["two files without a comma", pageOf(usual).replace("},{", "}{")],
  ["a comma too many", pageOf(usual).replace("},{", "},,{")],
  ["a number that is none", pageOf(usual).replace('"size":12', '"size":012')],
  ["a line break in a text", pageOf(usual).replace("it was broken", "it was\nbroken")],
  ["letters of other alphabets", pageOf([entry("foo-1.0.tar.gz", { yanked: "пакет 包 \u{1f4e6}" }), ...usual])],
  ["an API to come", pageOf(usual, { meta: { "api-version": "2.0" } })],
  [
    "a page over http",
    pageOf([entry("foo-1.0.tar.gz", { url: "http://files.example/foo-1.0.tar.gz" })]),
    { ...source, url: "http://index.example/foo/" },
  ],
  ["HTML", '<a href="foo-1.0.tar.gz">x</a>', { ...source, contentType: "text/html" }],
  ["HTML with such text in it", `<!-- ${pageOf(usual)} --><a href="foo-1.0.tar.gz">x</a>`, { ...source, contentType: "text/html" }],
];
for (const [what, text, from] of others) test(`a page is the same in pieces and whole: ${what}`, () => expectAlike(text, from));

test("2,000 damaged pages are the same in pieces and whole", () => {
  let state = 5;
  const roll = (limit: number): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % limit;
  const good = pageOf(usual.slice(0, 7));
  const bits = ['"', "{", "}", "[", "]", ",", ":", "null", "1", "é", "-", ".whl", "http", "//", "\\"];
  for (let round = 0; round < 2000; round += 1) {
    const at = roll(good.length);
    expectAlike(good.slice(0, at) + (bits[roll(bits.length)] ?? "") + good.slice(at + roll(3)));
  }
});
