/** An index client in a clean place of its own, for tests: an empty home and cache, no waits between tries, every event kept. */
import { afterEach, beforeEach } from "bun:test";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PenEvent, readHost } from "../../src/foundation/index.ts";
import { type IndexClient, type IndexSettings, type ProjectListing, createIndexClient } from "../../src/index/index.ts";
import type { NormalizedName } from "../../src/standards/index.ts";
import { type IndexServer, type IndexServerOptions, type ServedFile, startIndex } from "./index-server.ts";
import { buildWheel } from "./wheels.ts";

export interface TestPlace {
  readonly folder: string;
  readonly cacheFolder: string;
  readonly events: PenEvent[];
  /** The waits that were asked for, in milliseconds. */
  readonly waits: number[];
  /** What the clients take for the present. */
  time: number;
  client(
    indexes: readonly (string | IndexSettings["indexes"][number])[],
    settings?: Partial<IndexSettings> & { env?: Record<string, string> },
  ): IndexClient;
  /** The bytes of every file below the folder, and every event. */
  everything(): string;
  remove(): void;
}

/** A new place in the temporary folder; remove it at the end of the test. */
function testPlace(): TestPlace {
  const folder = mkdtempSync(join(tmpdir(), "pen-index-"));
  const events: PenEvent[] = [];
  const waits: number[] = [];
  const place: TestPlace = {
    folder,
    cacheFolder: join(folder, "cache"),
    events,
    waits,
    time: Date.UTC(2026, 0, 1),
    client: (indexes, { env, ...settings } = {}) =>
      createIndexClient({
        host: readHost({
          env: { HOME: folder, PATH: "/usr/bin:/bin", ...env },
          cwd: folder,
          home: folder,
          tmp: folder,
          now: () => place.time,
        }),
        cacheFolder: place.cacheFolder,
        indexes: indexes.map((index) => (typeof index === "string" ? { url: index } : index)),
        findLinks: [],
        strategy: "first-index",
        offline: false,
        emit: (event) => void events.push(event),
        sleep: async (milliseconds) => void waits.push(milliseconds),
        ...settings,
      }),
    everything: () =>
      JSON.stringify(events) +
      filesBelow(folder)
        .map((path) => path + readFileSync(path, "latin1"))
        .join("\n"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return place;
}

/** What each test of a file has for itself; all of it is gone when the test is over. */
export interface EachTest {
  readonly place: TestPlace;
  serve(options?: IndexServerOptions): Promise<IndexServer>;
  /** Something else to be closed then. */
  atEnd(close: () => unknown): void;
}

/** To be called once, at the top of a test file. */
export function eachTest(): EachTest {
  let place: TestPlace;
  let closing: Array<() => unknown> = [];
  beforeEach(() => {
    place = testPlace();
  });
  afterEach(async () => {
    await Promise.all(closing.map(async (close) => close()));
    closing = [];
    place.remove();
  });
  return {
    get place() {
      return place;
    },
    serve: async (options) => {
      const server = await startIndex(options);
      closing.push(() => server.close());
      return server;
    },
    atEnd: (close) => void closing.push(close),
  };
}

/** The paths of all files below a folder, in order. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The error that a call ends with, or one that says that it did not fail. Takes values that are at hand, too. */
export function failure(value: unknown): Promise<Error & { readonly code?: string; readonly why?: string; readonly hint?: string }> {
  return Promise.resolve(value).then(
    () => new Error("did not fail"),
    (error: unknown) => error as Error,
  );
}

/** The project that tests ask for. */
export const foo = "foo" as NormalizedName;

/** A wheel of it, to be served. */
export function fooWheel(version: string, more: Partial<ServedFile> & { name?: string } = {}): ServedFile {
  return { ...buildWheel({ name: more.name ?? "foo", version }), ...more };
}

export function versionsOf(listing: ProjectListing | undefined): string[] | undefined {
  return listing?.versions.map((version) => version.text);
}

export function filesOf(listing: ProjectListing | undefined): string[] {
  return listing?.versions.flatMap((version) => version.files().map((file) => file.filename)) ?? [];
}

/** The user of {@link withUser}, as a server is told of it. */
export const basicUser: string = `Basic ${Buffer.from("me:s3cr3t-canary").toString("base64")}`;

/** A URL with a user in it, whose password nobody may ever see. */
export function withUser(url: string, user = "me:s3cr3t-canary"): string {
  return url.replace("//", `//${user}@`);
}
