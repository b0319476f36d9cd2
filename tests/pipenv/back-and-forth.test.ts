/** One project in the hands of both tools by turns: what one wrote the other takes as its own, and changes nothing that need not change. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startIndex, type IndexServer } from "../support/index-server.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { execute, program, type Ran } from "../support/program.ts";
import { twinPackages } from "./twin-packages.ts";
import { realPipenv, twinPython } from "./twins.ts";

describe.skipIf(realPipenv === undefined || twinPython === undefined)("back and forth with the real pipenv (PEN_TEST_TOOLS)", () => {
  let index: IndexServer;
  let folder: string;
  let project: string;
  beforeAll(async () => {
    index = await startIndex({ projects: twinPackages() });
    folder = mkdtempSync(join(tmpdir(), "pen-forth-"));
    project = join(folder, "project");
    mkdirSync(project);
  });
  afterAll(async () => {
    await index?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (who: "pipenv" | "pen", words: string): Promise<Ran> => {
    const env = cleanEnvironment(join(folder, "home"), {
      PATH: `${dirname(twinPython ?? "")}:/usr/bin:/bin`,
      PIP_CONFIG_FILE: "/dev/null",
      PIPENV_NOSPIN: "1",
      PEN_CACHE_DIR: join(folder, "cache-pen"),
      PIPENV_CACHE_DIR: join(folder, "cache-pipenv"),
      VIRTUALENV_NO_PERIODIC_UPDATE: "1",
      COLUMNS: "200",
      NO_COLOR: "1",
    });
    const [command, ...before] = who === "pen" ? [program(), "pipenv"] : [realPipenv ?? ""];
    const ran = await execute(command ?? "", [...before, ...words.split(" ")], { cwd: project, env });
    if (ran.status !== 0) throw new Error(`${who} ${words}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
    return ran;
  };
  const files = (): readonly string[] => ["Pipfile", "Pipfile.lock"].map((name) => readFileSync(join(project, name), "utf8"));

  test("the same environment, the same files", async () => {
    writeFileSync(
      join(project, "Pipfile"),
      `[[source]]\nurl = "${index.indexUrl}"\nverify_ssl = true\nname = "local"\n\n[packages]\nflask = "<2" # ours\n\n[dev-packages]\n`,
    );
    await run("pipenv", "install");
    const first = files();
    const where = (await run("pipenv", "--venv")).stdout.trim();
    expect((await run("pen", "--venv")).stdout.trim()).toBe(where);
    // What pipenv locked and installed is what pen would have.
    await run("pen", "verify");
    expect((await run("pen", "sync")).stdout).toContain("Nothing to do");
    await run("pen", "lock");
    expect(files()).toEqual(first);

    await run("pen", "install six");
    const second = files();
    expect(second[0]).toContain('flask = "<2" # ours\nsix = "*"\n');
    await run("pipenv", "verify");
    await run("pipenv", "sync");
    await run("pipenv", "lock");
    expect(files()).toEqual(second);

    await run("pipenv", "uninstall six");
    expect((await run("pen", "sync")).stdout).toContain("Nothing to do");
    await run("pen", "lock");
    expect(files()).toEqual(first);
    expect((await run("pen", "graph --json")).stdout).toBe((await run("pipenv", "graph --json")).stdout);
    await run("pen", "remove");
    await run("pipenv", "sync");
    expect((await run("pen", "sync")).stdout).toContain("Nothing to do");
  }, 300_000);
});
