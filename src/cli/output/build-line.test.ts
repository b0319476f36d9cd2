import { expect, test } from "bun:test";
import type { PenEvent } from "#foundation";
import { BuildLine } from "./build-line.ts";

const step = (id: string, done: number): PenEvent => ({ type: "progress", phase: "build", id, done, total: 1, unit: "items" });
const said = (message: string): PenEvent => ({ type: "log", level: "debug", code: "build-output", message });

test("what is built, for how long, and what it printed last", () => {
  const line = new BuildLine();
  expect(line.text(0)).toBe("…");
  expect(line.take(step("lxml 5.3", 0), 1000)).toBe(true);
  expect(line.text(1500)).toBe("lxml 5.3");
  expect(line.take(step("numpy 2.1", 0), 2000)).toBe(true);
  expect(line.text(3000)).toBe("lxml 5.3 and 1 more, 2 s");
  expect(line.take(said("lxml 5.3: building 'lxml.etree' extension"), 3000)).toBe(true);
  expect(line.take(said("lxml 5.3:   "), 3000)).toBe(false);
  expect(line.take(said("numpy 2.1: \u001b[32m[3/100] compiling"), 3000)).toBe(true);
  expect(line.text(126_000)).toBe("lxml 5.3 and 1 more, 2 min 5 s: building 'lxml.etree' extension");
  line.take(step("lxml 5.3", 1), 126_000);
  expect(line.text(126_000)).not.toContain("\u001b");
  expect(line.text(126_000)).toContain("[3/100] compiling");
  line.take(step("numpy 2.1", 1), 127_000);
  expect(line.text(128_000)).toBe("…");
});

test("other events are none of its business", () => {
  const line = new BuildLine();
  expect(line.take({ type: "phase", phase: "build" }, 0)).toBe(false);
  expect(line.take({ type: "progress", phase: "download", id: "x", done: 0, total: 1, unit: "bytes" }, 0)).toBe(false);
  expect(line.take(said("nobody: says"), 0)).toBe(false);
  expect(line.text(128_000)).toBe("…");
});
