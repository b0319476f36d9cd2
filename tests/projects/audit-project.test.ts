/** `pen pipenv audit`, `check`, and `pen audit --fix` in a project with a Pipfile. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startOsv, type OsvServer } from "../support/osv-server.ts";
import type { Ran } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

describe.skipIf(python === undefined)("auditing a project (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let osv: OsvServer;
  let made = 0;
  beforeAll(async () => {
    const range = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1.1" }] }];
    osv = await startOsv(
      ["web", "core", "dev-tool"].map((name) => ({
        id: `PYSEC-2026-${name.length}`,
        affected: [{ package: { ecosystem: "PyPI", name }, ranges: range }],
      })),
    );
    const versions = ["web", "core", "dev-tool"].flatMap((name) =>
      ["1.0", "1.1", "1.2"].map((version) => ({ name, version, ...(name === "web" ? { requires: ["core"] } : {}) })),
    );
    world = await openWorld({ projects: projects({ name: "pip", version: "26.0" }, ...versions) });
  });
  afterAll(async () => {
    await osv?.close();
    await world?.close();
  });

  /** A project whose lock has the old versions, for a Pipfile that allows these. */
  async function project(web = "*"): Promise<string> {
    const place = join(world.work, `project-${(made += 1)}`);
    mkdirSync(place);
    const source = `[[source]]\nurl = "${world.index.indexUrl}"\nverify_ssl = true\nname = "here"\n\n`;
    const text = (spec: string, rest: string): string =>
      `${source}[packages]\nweb = "${spec}"\n${rest}\n[dev-packages]\ndev-tool = "${spec}"\n`;
    writeFileSync(join(place, "Pipfile"), text("==1.0", 'core = "==1.0"\n'));
    await pen(place, "pipenv", "lock");
    writeFileSync(join(place, "Pipfile"), text(web, ""));
    await pen(place, "pipenv", "install", "--dev");
    return place;
  }
  const pen = (cwd: string, ...words: readonly string[]): Promise<Ran> =>
    world.pen(words, { cwd, env: { PEN_OSV_URL: osv.url, PIPENV_VENV_IN_PROJECT: "1" } });
  const lockedIn = (place: string): Record<string, string> => {
    const lock = JSON.parse(readFileSync(join(place, "Pipfile.lock"), "utf8")) as Record<string, Record<string, { version: string }>>;
    const entries = Object.entries({ ...lock["default"], ...lock["develop"] });
    return Object.fromEntries(entries.map(([name, { version }]) => [name, version]));
  };

  test("audit makes the environment that is missing, and says where; --locked needs none", async () => {
    const place = join(world.work, "fresh");
    mkdirSync(place);
    writeFileSync(join(place, "Pipfile"), "[packages]\n");
    writeFileSync(
      join(place, "Pipfile.lock"),
      '{"_meta": {"hash": {"sha256": "0"}, "pipfile-spec": 6, "requires": {}, "sources": []}, "default": {"web": {"version": "==1.0"}}, "develop": {}}',
    );
    const locked = await pen(place, "pipenv", "audit", "--locked");
    expect([locked.status, existsSync(join(place, ".venv"))]).toEqual([1, false]);
    expect(locked.stdout).toContain("web  1.0     PYSEC-2026-3 1.1");
    const ran = await pen(place, "pipenv", "audit");
    expect([ran.status, ran.stderr]).toEqual([0, `Virtualenv location: ${join(place, ".venv")}\nNo known vulnerabilities found\n`]);
  });

  test("--fix moves lock and environment together, to the first version that is mended", async () => {
    const place = await project();
    expect(lockedIn(place)).toEqual({ web: "==1.0", core: "==1.0", "dev-tool": "==1.0" });
    const dry = await pen(place, "audit", "--fix", "--dry-run");
    expect(dry.stderr).toContain("would have upgraded web to 1.1");
    const pipfile = readFileSync(join(place, "Pipfile"), "utf8");
    const ran = await pen(place, "pipenv", "audit", "--fix");
    expect([ran.status, ran.stderr.trim()]).toEqual([
      0,
      "Found 3 known vulnerabilities in 3 packages and fixed 3 vulnerabilities in 3 packages",
    ]);
    expect(lockedIn(place)).toEqual({ web: "==1.1", core: "==1.1", "dev-tool": "==1.1" });
    expect(readFileSync(join(place, "Pipfile"), "utf8")).toBe(pipfile);
    expect((await pen(place, "pipenv", "verify")).status).toBe(0);
    const { stdout } = await pen(place, "pip", "list", "--format", "freeze");
    expect(stdout).toContain("core==1.1\ndev-tool==1.1\n");
    expect((await pen(place, "audit")).status).toBe(0);
  });

  test("--fix --locked changes the lock alone; what the Pipfile holds is said", async () => {
    const place = await project("<1.1");
    const ran = await pen(place, "audit", "--locked", "--fix");
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain("the Pipfile asks for web<1.1");
    expect(lockedIn(place)).toEqual({ web: "==1.0", core: "==1.1", "dev-tool": "==1.0" });
    expect((await pen(place, "pip", "list", "--format", "freeze")).stdout).toContain("core==1.0\n");
  });

  test("check audits the lock, of some categories, in pipenv's older formats", async () => {
    const place = await project();
    const ran = await pen(place, "pipenv", "check", "--output", "bare");
    expect([ran.status, ran.stdout]).toEqual([1, "core dev-tool web\n"]);
    expect(ran.stderr).toContain("Passed!");
    expect((await pen(place, "pipenv", "check", "--categories", "dev-packages", "--output", "bare")).stdout).toBe("dev-tool\n");
    expect((await pen(place, "pipenv", "check", "--continue-on-error")).status).toBe(0);
    const file = join(place, "safety.json");
    await pen(place, "pipenv", "check", "--use-installed", "--save-json", file, "-i", "PYSEC-2026-3");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ dependencies: [{ name: "core" }, {}, {}, { vulns: [] }] });
    writeFileSync(join(place, "Pipfile"), `${readFileSync(join(place, "Pipfile"), "utf8")}\n[requires]\nplatform_system = "Plan9"\n`);
    const unfit = await pen(place, "pipenv", "check");
    expect([unfit.status, unfit.stdout]).toEqual([1, ""]);
    expect(unfit.stderr).toContain("Specifier platform_system does not match Plan9");
    expect((await pen(place, "pipenv", "check", "--policy-file", "x")).status).toBe(2);
  });
});
