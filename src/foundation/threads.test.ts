import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isPenError } from "./errors.ts";
import type { PenEvent } from "./events.ts";
import { allowThreads, inThread, threadCount } from "./threads.ts";

const works = `
  double: (number) => number * 2,
  tell: (text, emit) => void emit({ type: "log", level: "debug", code: "told", message: text }),
  refuse: () => { throw new PenError("PYTHON_NOT_FOUND", "nothing", { hint: "look again", data: { where: "here" } }); },
  stumble: () => { throw new TypeError("a defect"); },
  end: () => process.exit(3),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(() => resolve(milliseconds), milliseconds)),
`;

describe("threads", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pen-threads-"));
    const own = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
    writeFileSync(
      join(folder, "entry.ts"),
      `import { serveThread } from ${own("threads.ts")};\nimport { PenError } from ${own("errors.ts")};\nserveThread({${works}});\n`,
    );
    expect(threadCount()).toBe(0);
    allowThreads(pathToFileURL(join(folder, "entry.ts")).href);
    expect(threadCount()).toBeGreaterThan(0);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("more works than threads: each gets its own answer", async () => {
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    expect(await Promise.all(numbers.map((number) => inThread<number>("double", number)))).toEqual(numbers.map((number) => number * 2));
  });

  test("events arrive before the answer", async () => {
    const events: PenEvent[] = [];
    await inThread("tell", "hello", (event) => events.push(event));
    expect(events).toEqual([{ type: "log", level: "debug", code: "told", message: "hello" }]);
  });

  test("a failure is what it was there", async () => {
    const refused: unknown = await inThread("refuse", undefined).catch((error: unknown) => error);
    expect(isPenError(refused) && { code: refused.code, message: refused.message, hint: refused.hint, data: refused.data }).toEqual({
      code: "PYTHON_NOT_FOUND",
      message: "nothing",
      hint: "look again",
      data: { where: "here" },
    });
    const stumbled: unknown = await inThread("stumble", undefined).catch((error: unknown) => error);
    expect(isPenError(stumbled)).toBe(false);
    expect(stumbled).toMatchObject({ message: "a defect" });
  });

  test("a thread that ends takes its own work with it, and no other's", async () => {
    const count = threadCount();
    const ending = Array.from({ length: count }, () => inThread("end", undefined).catch((error: unknown) => error));
    const others = Array.from({ length: 5 }, (_, number) => inThread<number>("double", number));
    for (const ended of await Promise.all(ending)) expect(ended).toMatchObject({ code: "INTERNAL" });
    expect(await Promise.all(others)).toEqual([0, 2, 4, 6, 8]);
    expect(await inThread<number>("wait", 5)).toBe(5);
  });
});
