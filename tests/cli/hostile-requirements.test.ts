/** Wheels whose metadata is the attack, from a local file and from an index alike: each is refused or harmless, and quick. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { differences, digest, openWorld, projects, python, withFields, type World } from "../support/world.ts";

const deep = 30_000;
const cases = {
  "req-file-url": { says: /file:\/\/\/nowhere\/evil/, requires: ["evil @ file:///nowhere/evil-1.0.tar.gz"] },
  "req-deep-marker": { says: /req.deep.marker/, requires: [`dep; ${"(".repeat(deep)}os_name == 'a'${")".repeat(deep)}`] },
  "req-esc": { says: /req.esc/, requires: ["dep\u001b[31m>=1"] },
  "req-redos": { says: /req.redos/, requires: [`dep>=${"1.".repeat(deep)}x`, `dep${" ".repeat(deep)}!`, `a${"-".repeat(deep)}`] },
  "req-self-loop": { says: undefined, requires: ["req-self-loop[x]; extra == 'x'", "req-self-loop[x]"] },
  "meta-huge": { says: undefined, requires: [] },
} satisfies Record<string, { readonly says: RegExp | undefined; readonly requires: readonly string[] }>;

const offered = projects(
  ...Object.entries(cases).map(([name, { requires }]) => ({
    name,
    version: "1.0",
    requires,
    ...(name === "req-self-loop" ? { extras: ["x"] } : {}),
    ...(name === "meta-huge" ? { metadata: withFields(`Summary: ${"x".repeat(8 * 2 ** 20)}`) } : {}),
  })),
);

describe.skipIf(python === undefined)("metadata that attacks (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
  }, 60_000);
  afterAll(() => world?.close());

  for (const [name, { says }] of Object.entries(cases))
    for (const place of ["an index", "a local file"])
      test(`security: ${name.replaceAll("-", "_")} from ${place}`, async () => {
        const environment = world.environment(`${name} ${place}`);
        const [file] = offered[name] ?? [];
        const path = join(world.work, file?.filename ?? "");
        writeFileSync(path, file?.bytes ?? "");
        const before = digest(environment);
        const ran = await world.pen(["pip", "install", place === "an index" ? name : path], { environment });
        expect(ran.milliseconds).toBeLessThan(10_000);
        expect(ran.stdout + ran.stderr).not.toContain("\u001b");
        expect(ran.stderr).not.toContain("    at ");
        expect(ran.stderr.length).toBeLessThan(5000);
        if (says === undefined) {
          expect([ran.status, ran.stderr]).toEqual([0, ""]);
          return;
        }
        expect([ran.status, ran.stderr]).toEqual([1, expect.stringMatching(says)]);
        expect(differences(before, digest(environment)).filter((one) => !one.includes(".pen/"))).toEqual([]);
      });
});
