/** docs/pipenv.md says what a person sees: its `console` blocks are typed into one bash, as tests/manual.test.ts does with docs/environments.md. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { examplesOf, linesOf, matches, printedBy, scriptOf } from "../support/manual.ts";
import { startOsv, type OsvServer } from "../support/osv-server.ts";
import { execute, program } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

const examples = examplesOf(readFileSync(join(import.meta.dirname, "..", "..", "docs", "pipenv.md"), "utf8"));

describe.skipIf(python === undefined)("docs/pipenv.md (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let osv: OsvServer;
  let printed: string[];

  beforeAll(async () => {
    osv = await startOsv([
      {
        id: "PYSEC-2026-7",
        aliases: ["CVE-2026-0007"],
        summary: "A sandbox can be left",
        affected: [
          {
            package: { ecosystem: "PyPI", name: "jinja2" },
            ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "3.1.5" }] }],
          },
        ],
      },
    ]);
    world = await openWorld({
      projects: projects(
        { name: "pip", version: "26.0" },
        { name: "Flask", version: "3.1.0", requires: ["Jinja2>=3.1.2", "click>=8.1"] },
        { name: "Jinja2", version: "3.1.4", requires: ["MarkupSafe>=2.0"] },
        { name: "Jinja2", version: "3.1.5", requires: ["MarkupSafe>=2.0"] },
        { name: "MarkupSafe", version: "3.0.2" },
        { name: "click", version: "8.1.8", requires: ["colorama; platform_system == 'Windows'"] },
        { name: "click", version: "8.2.0", requires: ["colorama; platform_system == 'Windows'"] },
        { name: "colorama", version: "0.4.6" },
        { name: "pytest", version: "8.3.4" },
      ),
    });
    const bin = join(world.folder, "bin");
    mkdirSync(bin);
    symlinkSync(program(), join(bin, "pen"));
    symlinkSync(python ?? "", join(bin, "python3"));
    const home = world.env["HOME"] ?? world.folder;
    mkdirSync(home, { recursive: true });
    // Pipfiles name the public index, for which the one of this machine stands in.
    const mirror = { PIPENV_PYPI_MIRROR: world.index.indexUrl, PEN_OSV_URL: osv.url };
    const env = { ...world.env, ...mirror, PATH: `${bin}:/usr/bin:/bin`, SHELL: "/bin/bash", PS1: "$ " };
    const ran = await execute("/bin/bash", ["--norc", "-c", `exec 2>&1\n${scriptOf(examples)}`], { cwd: home, env });
    printed = printedBy(ran.stdout);
  });
  afterAll(async () => {
    await osv?.close();
    await world?.close();
  });

  test("there are examples, and all were typed", () => {
    expect(examples.length).toBeGreaterThan(15);
    expect(printed.length).toBe(examples.length + 1);
  });

  for (const [at, { heading, command, output }] of examples.entries()) {
    test(`${heading}: ${command}`, () => {
      const said = linesOf(printed[at] ?? "");
      if (!matches(said, output)) expect(said.join("\n")).toBe(output.join("\n"));
    });
  }
});
