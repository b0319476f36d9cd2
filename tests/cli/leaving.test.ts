/** People who leave before the end: Ctrl-C in a download, a reader that closes its pipe. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { execute, program } from "../support/program.ts";
import { differences, digest, openWorld, projects, python, type World } from "../support/world.ts";

const offered = projects({ name: "large", version: "1.0", files: { "large/data.bin": Buffer.alloc(6_000_000, 7) } });

describe.skipIf(python === undefined)("needs a Python with venv and ensurepip", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
  });
  afterAll(() => world?.close());

  describe("people who leave", () => {
    const file = "/files/large-1.0-py3-none-any.whl";
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      test(`${signal} in the middle of a slow download: status ${status} at once, nothing left`, async () => {
        const environment = world.bareEnvironment(`slow-${signal}`);
        const before = [digest(environment), digest(join(world.cache, "wheels"))] as const;
        world.index.faultAlways(file, { stallAfter: 1000 });
        let sent = 0;
        const ran = await world.pen(["pip", "install", "large", "--cache-dir", join(world.folder, signal)], {
          environment,
          started: (child) =>
            void setTimeout(() => {
              sent = Date.now();
              child.kill(signal);
            }, 700),
        });
        expect(Date.now() - sent).toBeLessThan(2000);
        world.index.faultAlways(file, undefined);
        expect(world.index.paths(file).length).toBeGreaterThan(0);
        expect({ status: ran.status, stdout: ran.stdout }).toEqual({ status, stdout: "" });
        expect(ran.stderr).toContain("[CANCELLED]");
        expect(differences(before[0], digest(environment)).filter((path) => !path.startsWith(".pen/"))).toEqual([]);
        expect(
          Object.keys(digest(join(world.folder, signal))).filter((path) => !path.startsWith("index/") && !path.startsWith("interpreters/")),
        ).toEqual([]);
      });
    }

    test("Ctrl-C with --json says so in JSON", async () => {
      world.index.faultAlways(file, { stallAfter: 1000 });
      const ran = await world.pen(["pip", "install", "large", "--json", "--no-cache-dir"], {
        environment: world.bareEnvironment("slow-json"),
        started: (child) => void setTimeout(() => child.kill("SIGINT"), 700),
      });
      world.index.faultAlways(file, undefined);
      expect(ran.status).toBe(130);
      expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: "CANCELLED" } });
    });

    test("a reader that goes away is no error", async () => {
      const environment = world.environment("piped");
      for (const line of ["--help", "pip inspect", "completion bash", "pip list"]) {
        const ran = await execute("bash", ["-c", `set -o pipefail; ${program()} ${line} | head -1 >/dev/null; echo "\${PIPESTATUS[0]}"`], {
          cwd: world.work,
          env: { ...world.env, VIRTUAL_ENV: environment },
        });
        expect(ran.stderr).toBe("");
        expect(["0", "141"]).toContain(ran.stdout.trim());
      }
    });
  });
});
