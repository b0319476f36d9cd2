import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError, makeFolder } from "#foundation";
import { buildWheel } from "../../tests/support/wheels.ts";
import { unpackInto } from "./unpacking.ts";
import { validateWheel } from "./validation.ts";

const scratch = mkdtempSync(join(tmpdir(), "pen-mutations-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const wheel = buildWheel({
  name: "seed",
  version: "1.0",
  files: { "seed/__init__.py": "x = 1\n", "seed/sub/data.txt": "data ".repeat(200), "seed/empty": "" },
  entryPoints: { console_scripts: { seed: "seed:main" } },
  dataFiles: { "scripts/run": "#!python\n", "data/share/x": "x" },
  members: (all) => all.map((entry, at) => ({ ...entry, dataDescriptor: at % 3 === 1, zip64: at % 4 === 2 })),
  zip: { zip64: true },
});

/** A small generator of its own: the same numbers everywhere. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  let out = bytes.slice();
  // Most of them hit the records of the archive: its end, or a signature.
  for (let change = random(3); change >= 0; change -= 1) {
    const near = random(2) === 0 ? out.length - 1 - random(Math.min(out.length, 900)) : random(out.length);
    switch (random(5)) {
      case 0:
        out[near] = random(256);
        break;
      case 1:
        out[near] = (out[near] ?? 0) ^ (1 << random(8));
        break;
      case 2:
        out = Uint8Array.from([...out.subarray(0, near), ...out.subarray(Math.min(out.length, near + 1 + random(40)))]);
        break;
      case 3:
        out = Uint8Array.from([
          ...out.subarray(0, near),
          ...out.subarray(random(out.length)).subarray(0, 1 + random(60)),
          ...out.subarray(near),
        ]);
        break;
      default:
        out.fill(random(2) * 255, near, near + 1 + random(8));
    }
  }
  return out;
}

test("4,000 mutations: each is a whole wheel or a clear refusal, and nothing is written elsewhere", async () => {
  const random = numbers(20260101);
  const rules = new Map<string, number>();
  let accepted = 0;
  const grow = join(scratch, "grow");
  for (let round = 0; round < 4000; round += 1) {
    const bytes = mutate(wheel.bytes, random);
    makeFolder(grow);
    try {
      // Every tenth is also unpacked while it is checked.
      const sink = round % 10 === 0 ? { sink: unpackInto(grow, wheel.filename).sink } : {};
      const validated = await validateWheel(bytes, wheel.filename, sink);
      // What is accepted has the content that RECORD promises.
      expect(validated.files.length).toBe(9);
      accepted += 1;
    } catch (error) {
      if (!isPenError(error, "INVALID_WHEEL")) throw error;
      const rule = String(error.data["rule"]);
      rules.set(rule, (rules.get(rule) ?? 0) + 1);
    }
    if (round % 10 === 0) expect(readdirSync(scratch)).toEqual(["grow"]);
    rmSync(grow, { recursive: true });
  }
  expect(rules.size).toBeGreaterThan(12);
  expect(accepted).toBeLessThan(2000);
}, 60_000);
