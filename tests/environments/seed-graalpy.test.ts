/** Which pip an environment of GraalPy starts with. The GraalPy is a program that answers like one, with a pip of its own in its `ensurepip`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createEnvironment } from "../../src/operations/index.ts";
import { makeMachine, writeStandIn, type Machine } from "../python-stand-ins.ts";
import { startIndex, type IndexServer } from "../support/index-server.ts";
import { buildWheel } from "../support/wheels.ts";
import { projects } from "../support/world.ts";

describe("the pip of GraalPy", () => {
  let machine: Machine;
  let index: IndexServer;
  let count = 0;
  beforeAll(async () => {
    machine = makeMachine("pen graalpy");
    index = await startIndex({ projects: projects({ name: "pip", version: "99.0" }, { name: "pip", version: "24.3.1" }) });
  });
  afterAll(async () => {
    await index.close();
    machine.remove();
  });

  const seeded = async (implementation: string, seed: readonly string[], ownPip = true): Promise<string[]> => {
    const home = join(machine.root, `python${(count += 1)}`);
    const path = writeStandIn(join(home, "bin", "python3"), {
      implementation,
      version: "3.12.8",
      answer: { cache_tag: `${implementation}${count}-312` },
    });
    const wheel = buildWheel({ name: "pip", version: "24.3.1" });
    const place = join(home, "lib", "python3.12", "ensurepip", "_bundled", wheel.filename);
    if (ownPip) {
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, wheel.bytes);
    }
    const { host } = machine.with({ env: { PEN_CACHE_DIR: join(machine.root, `cache${count}`) } });
    const made = await createEnvironment({
      host,
      path: join(machine.root, `env${count}`),
      python: path,
      seed,
      indexes: { indexUrl: index.indexUrl },
    });
    return made.seeded.map(({ name, version }) => `${name} ${version}`);
  };

  test("is its own one, which knows its patches; others get the newest", async () => {
    expect(await seeded("graalpy", ["pip"])).toEqual(["pip 24.3.1"]);
    expect(await seeded("cpython", ["pip"])).toEqual(["pip 99.0"]);
  });
  test("is the one that was asked for, and the newest where it brings none along", async () => {
    expect(await seeded("graalpy", ["pip==99.0"])).toEqual(["pip 99.0"]);
    expect(await seeded("graalpy", ["pip"], false)).toEqual(["pip 99.0"]);
  });
});
