/** `--json` of the commands of pipenv, against the published schema. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaProblems } from "../support/json-schema.ts";
import { openWorld, python, type World } from "../support/world.ts";
import { twinPackages } from "./twin-packages.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as {
  $defs: Record<string, unknown>;
};

describe.skipIf(python === undefined)("pen pipenv … --json (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let project: string;
  beforeAll(async () => {
    world = await openWorld({ projects: twinPackages() });
    project = join(world.work, "project");
    mkdirSync(project);
    writeFileSync(
      join(project, "Pipfile"),
      `[[source]]\nurl = "${world.index.indexUrl}"\nverify_ssl = true\nname = "local"\n\n[packages]\nflask = "<2"\n\n[dev-packages]\n\n[scripts]\nhi = "echo"\nboth = ["a", "b"]\n`,
    );
  });
  afterAll(() => world?.close());

  /** In this order: later ones see what earlier ones did. */
  const lines: ReadonlyArray<readonly [words: string, status?: number]> = [
    ["verify", 1],
    ["install"],
    ["install six"],
    ["install --dev itsdangerous"],
    ["verify"],
    ["graph"],
    ["graph --reverse"],
    ["requirements --hash"],
    ["scripts"],
    ["lock"],
    ["pylock"],
    ["pylock --generate"],
    ["pylock --validate"],
    ["update"],
    ["update --outdated"],
    ["upgrade six"],
    ["sync --dev"],
    ["clean --dry-run"],
    ["clean"],
    ["uninstall six"],
    ["uninstall --all"],
    ["activate"],
    ["remove"],
  ];
  test("each prints one document that its definition takes", async () => {
    for (const [words, status = 0] of lines) {
      const ran = await world.pen(["pipenv", ...words.split(" "), "--json"], { cwd: project, env: { SHELL: "/bin/bash" } });
      expect([words, ran.status, ran.stderr]).toEqual([words, status, ""]);
      const name = `pipenv ${words.split(" ")[0] ?? ""}`;
      const value: unknown = JSON.parse(ran.stdout);
      expect([words, schemaProblems(value, { $ref: `#/$defs/${name}` }, schema)]).toEqual([words, []]);
    }
  });
});
