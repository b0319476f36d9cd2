/** `pen why`, `pen outdated` and `pen audit` in a project that has no environment yet, and what its `.env` says to them and to `pen migrate`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startOsv, type OsvServer } from "../support/osv-server.ts";
import type { CallOptions, World } from "../support/world.ts";
import type { Ran } from "../support/program.ts";
import { openWorld, projects, python } from "../support/world.ts";

describe.skipIf(python === undefined)("a project without an environment (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let osv: OsvServer;
  let project: string;
  let made = 0;
  beforeAll(async () => {
    const ranges = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1.1" }] }];
    osv = await startOsv([{ id: "PYSEC-2026-1", affected: [{ package: { ecosystem: "PyPI", name: "web" }, ranges }] }]);
    world = await openWorld({
      projects: projects(
        { name: "web", version: "1.0", requires: ["core<2"] },
        { name: "web", version: "1.1", requires: ["core<2"], served: { uploadTime: "2024-02-01T00:00:00Z" } },
        { name: "core", version: "1.0", served: { uploadTime: "2024-01-01T00:00:00Z" } },
        { name: "core", version: "2.0", served: { uploadTime: "2024-02-01T00:00:00Z" } },
      ),
    });
    project = folder({ Pipfile: `${source()}[packages]\nweb = "==1.0"\n` });
    expect((await pen(["lock"])).status).toBe(0);
    writeFileSync(join(project, "Pipfile"), `${source()}[packages]\nweb = "*"\n`);
  });
  afterAll(async () => {
    await osv?.close();
    await world?.close();
  });

  const source = (origin = world.index.indexUrl): string => `[[source]]\nurl = "${origin}"\nverify_ssl = true\nname = "here"\n\n`;
  const pen = (words: readonly string[], more: CallOptions = {}): Promise<Ran> =>
    world.pen(words, { cwd: project, ...more, env: { PIPENV_VENV_IN_PROJECT: "1", PEN_OSV_URL: osv.url, ...more.env } });
  function folder(files: Readonly<Record<string, string>>): string {
    const place = join(world.work, `project-${(made += 1)}`);
    mkdirSync(join(place, "below"), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
    return place;
  }
  const notice = "The project has no environment yet: this is what its lock says.\n";

  test("why, outdated and audit answer from the lock, say so, and make none", async () => {
    const why = await pen(["why", "core"]);
    expect([why.status, why.stderr]).toEqual([0, notice]);
    expect(why.stdout).toBe(
      "core 1.0 is locked because\n\n  the Pipfile asks for web ([packages], line 7)\n    └─ web 1.0 requires core<2\n",
    );
    const outdated = await pen(["outdated"], { cwd: join(project, "below") });
    expect([outdated.status, outdated.stderr]).toEqual([0, notice]);
    expect(outdated.stdout).toMatch(/^core +1\.0 +1\.0 +2\.0 +web 1\.0 requires core<2\nweb +1\.0 +1\.1 +1\.1$/m);
    const audit = await pen(["audit"]);
    expect([audit.status, audit.stderr.startsWith(notice)]).toEqual([1, true]);
    expect(audit.stdout).toContain("web  1.0     PYSEC-2026-1 1.1");
    const quiet = await pen(["why", "core", "--quiet"]);
    expect([quiet.status, quiet.stderr]).toEqual([0, ""]);
    expect(existsSync(join(project, ".venv"))).toBe(false);
  });

  test("audit --fix then mends the lock alone", async () => {
    const place = folder({ Pipfile: `${source()}[packages]\nweb = "==1.0"\n` });
    await pen(["lock"], { cwd: place });
    writeFileSync(join(place, "Pipfile"), `${source()}[packages]\nweb = "*"\n`);
    const ran = await pen(["audit", "--fix"], { cwd: place });
    expect([ran.status, existsSync(join(place, ".venv"))]).toEqual([0, false]);
    expect(readFileSync(join(place, "Pipfile.lock"), "utf8")).toContain('"version": "==1.1"');
  });

  test("an environment elsewhere is not taken for the project's, one that stands nearer than the Pipfile is", async () => {
    world.environment("environment");
    const other = await pen(["why", "core"], { env: { PIPENV_IGNORE_VIRTUALENVS: "1" }, environment: join(world.work, "environment") });
    expect([other.status, other.stderr]).toEqual([0, notice]);
    const place = folder({ Pipfile: `${source()}[packages]\nweb = "*"\n` });
    world.environment(`${place.slice(world.work.length + 1)}/below/.venv`);
    const nearer = await pen(["why", "pip"], { cwd: join(place, "below") });
    expect(nearer.stdout).toMatch(/^pip .* is here because\n\n {2}pip was asked for by itself\n$/);
  });

  test("without a lock too there is nothing to tell of: one error that says what to type", async () => {
    const place = folder({ Pipfile: `${source()}[packages]\nweb = "*"\n` });
    for (const words of [["why", "core"], ["outdated"], ["audit"]]) {
      const ran = await pen(words, { cwd: place });
      expect([ran.status, ran.stdout]).toEqual([1, ""]);
      expect(ran.stderr).toContain("This project has no environment and no lock yet");
      expect(ran.stderr).toContain("pen lock && pen sync");
    }
    const locked = await pen(["outdated", "--locked"], { cwd: place });
    expect([locked.status, locked.stdout, locked.stderr.includes("Pipfile.lock not found")]).toEqual([1, "", true]);
  });

  test("a pylock.toml is a lock as well", async () => {
    const place = folder({
      Pipfile: `${source()}[packages]\nweb = "*"\n`,
      "Pipfile.lock": readFileSync(join(project, "Pipfile.lock"), "utf8"),
    });
    expect((await pen(["pipenv", "pylock", "--generate"], { cwd: place })).status).toBe(0);
    const alone = folder({
      Pipfile: `${source()}[packages]\nweb = "*"\n`,
      "pylock.toml": readFileSync(join(place, "pylock.toml"), "utf8"),
    });
    const ran = await pen(["outdated"], { cwd: alone });
    expect([ran.status, ran.stdout.includes("web     1.0     1.1")]).toEqual([0, true]);
  });

  test("what is younger than the cool-down period is too new for outdated too", async () => {
    const text = `${source()}[packages]\nweb = "*"\n\n[pipenv]\ncool-down-period = "36500d"\n`;
    const place = folder({ Pipfile: text, "Pipfile.lock": readFileSync(join(project, "Pipfile.lock"), "utf8") });
    const ran = await pen(["outdated"], { cwd: place });
    expect(ran.stdout).toContain("it was uploaded on 2024-02-01, which is too new");
  });

  test("the .env of the project has the variables of its sources", async () => {
    const variable = { Pipfile: `${source("${WHERE}")}[packages]\nweb = "==1.0"\n`, ".env": `WHERE=${world.index.indexUrl}\n` };
    const place = folder(variable);
    expect((await pen(["lock"], { cwd: place })).status).toBe(0);
    for (const words of [["why", "core"], ["outdated"], ["audit", "--fix"]]) {
      const ran = await pen(words, { cwd: place, env: { PIPENV_DOTENV_LOCATION: ".env" } });
      expect([words, ran.stderr.includes("Loading .env"), ran.stderr.includes("WHERE")]).toEqual([words, true, false]);
    }
    const requirements = folder({ "requirements.txt": "-i ${WHERE}\nweb==1.0\n", ".env": variable[".env"] });
    const migrated = await pen(["migrate", "--lock", requirements]);
    expect([migrated.status, existsSync(join(requirements, "Pipfile.lock"))]).toEqual([0, true]);
    expect(readFileSync(join(requirements, "Pipfile"), "utf8")).toContain('url = "${WHERE}"');
    // Where no project is, nobody reads such a file.
    const none = folder({ ".env": "X=1\n" });
    expect((await pen(["outdated"], { cwd: none })).stderr).not.toContain("Loading .env");
  });

  test("VIRTUAL_ENV that names a deleted environment: the project's own is used, and that is said; nothing is made there", async () => {
    const place = folder({ Pipfile: `${source()}[packages]\nweb = "==1.0"\n` });
    const gone = join(world.work, "gone");
    const ran = await pen(["pipenv", "install"], { cwd: place, environment: gone });
    expect([ran.status, existsSync(gone), existsSync(join(place, ".venv", "pyvenv.cfg"))]).toEqual([0, false, true]);
    expect(ran.stderr.match(/VIRTUAL_ENV names .*gone, where no environment is/g)).toHaveLength(1);
    const where = await pen(["pipenv", "--venv"], { cwd: place, environment: gone });
    expect(where.stdout.trim()).toBe(join(place, ".venv"));
    const other = folder({ Pipfile: `${source()}[packages]\n` });
    for (const [nth, said] of [`Virtualenv location: ${join(other, ".venv")}\n`, ""].entries())
      expect([nth, (await pen(["pipenv", "run", "true"], { cwd: other })).stderr]).toEqual([nth, said]);
    const run = await pen(["run", "python", "-c", "import sys; print(sys.prefix)"], { cwd: place, environment: gone });
    expect([run.status, run.stdout.trim(), existsSync(gone)]).toEqual([0, join(place, ".venv"), false]);
  });
});
