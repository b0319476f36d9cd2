import { expect, test } from "bun:test";
import { release, version } from "node:os";
import { kernelText } from "./host.ts";

test("the kernel has the same text wherever it is read: interpreters are remembered by it, under Bun and under Node", () => {
  expect(kernelText()).toBe(`${release()} ${version()}`);
});
