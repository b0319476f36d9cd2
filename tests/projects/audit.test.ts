/** `pen audit` against a vulnerability database of this machine, beside the real pip-audit where PEN_TEST_TOOLS has it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startOsv, type OsvRecord, type OsvServer } from "../support/osv-server.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { execute, type Ran } from "../support/program.ts";
import { tool } from "../support/tools.ts";
import { buildZip } from "../support/wheels.ts";
import { openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as {
  $defs: Record<string, Record<string, unknown>>;
};

const pypi = (name: string): { ecosystem: string; name: string } => ({ ecosystem: "PyPI", name });

const records: OsvRecord[] = [
  {
    id: "PYSEC-2023-62",
    schema_version: "1.5.0",
    modified: "2023-06-01T00:00:00Z",
    published: "2023-05-02T18:15:00Z",
    aliases: ["CVE-2023-30861"],
    summary: 'Sessions <leak> | "badly"\nand `often`',
    affected: [
      {
        package: pypi("flask"),
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "2.2.5" }, { introduced: "2.3.0" }, { fixed: "2.3.2" }] }],
        versions: ["2.0", "2.1", "2.3.0"],
      },
    ],
  },
  {
    id: "GHSA-m2qf-hxjv-5gpq",
    modified: "2023-06-02T00:00:00Z",
    // Where it also names PYSEC-2023-62, pip-audit lists the vulnerability twice.
    aliases: ["CVE-2023-30861"],
    details: "The same.",
    affected: [
      {
        package: pypi("flask"),
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "2.2.5" }] }],
        versions: ["2.0", "2.1"],
      },
    ],
  },
  {
    id: "CVE-2024-7",
    affected: [{ package: pypi("six"), ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }], versions: ["1.0"] }],
  },
  { id: "PYSEC-2020-1", withdrawn: "2021-01-01T00:00:00Z", affected: [{ package: pypi("six"), versions: ["1.0"] }] },
  // The fix of the first has a hole of its own.
  {
    id: "PYSEC-2025-9",
    affected: [
      {
        package: pypi("flask"),
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "2.2.5" }, { fixed: "2.2.6" }] }],
        versions: ["2.2.5"],
      },
    ],
  },
];

describe.skipIf(python === undefined)("pen audit (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let osv: OsvServer;
  let made = 0;
  /** One with six alone, for tests that change nothing. */
  let plain: string;
  beforeAll(async () => {
    osv = await startOsv(records);
    const flasks = ["2.0", "2.1", "2.2.5", "2.2.6", "3.0"].map((version) => ({ name: "Flask", version }));
    world = await openWorld({
      projects: projects(...flasks, { name: "six", version: "1.0" }, { name: "tied", version: "1", requires: ["flask<2.2"] }),
    });
    plain = await environment("six");
  });
  afterAll(async () => {
    await osv?.close();
    await world?.close();
  });
  beforeEach(() => {
    osv.requests.length = 0;
    osv.pageSize = 1000;
  });

  async function environment(...packages: readonly string[]): Promise<string> {
    const place = world.bareEnvironment(`env-${(made += 1)}`);
    if (packages.length > 0) await world.pen(["pip", "install", ...packages], { environment: place });
    return place;
  }
  const audit = (environmentPath: string, ...words: readonly string[]): Promise<Ran> =>
    world.pen(["audit", "--osv-url", osv.url, ...words], { environment: environmentPath });

  test("what is vulnerable, in columns, with the summary on standard error", async () => {
    const place = await environment("flask==2.0", "six");
    const ran = await audit(place);
    expect(ran.stderr).toBe("Found 2 known vulnerabilities in 2 packages\n");
    expect(ran.stdout).toBe(
      [
        "Name  Version ID            Fix Versions",
        "----- ------- ------------- ------------",
        "flask 2.0     PYSEC-2023-62 2.2.5,2.3.2",
        "six   1.0     CVE-2024-7",
        "",
      ].join("\n"),
    );
    expect(ran.status).toBe(1);
    // One question for all; then each record once.
    expect(osv.requests.filter((path) => path === "/v1/querybatch")).toHaveLength(1);
    osv.requests.length = 0;
    await audit(place);
    expect(osv.requests.filter((path) => /PYSEC-2023-62|GHSA/.test(path))).toEqual([]);
    const clean = await audit(await environment("flask==3.0"));
    expect([clean.status, clean.stdout, clean.stderr]).toEqual([0, "", "No known vulnerabilities found\n"]);
  });

  test("--ignore by id or alias; --desc and --aliases; further pages of the database", async () => {
    osv.pageSize = 1;
    const place = await environment("flask==2.0", "six");
    const ran = await audit(place, "-i", "GHSA-m2qf-hxjv-5gpq", "--desc", "--aliases");
    expect(ran.stderr).toBe("Found 1 known vulnerability, ignored 1 in 1 package\n");
    expect(ran.stdout).toBe(
      "Name Version ID         Fix Versions Aliases Description\n---- ------- ---------- ------------ ------- -----------\nsix  1.0     CVE-2024-7                      N/A\n",
    );
    const none = await audit(place, "-i", "PYSEC-2023-62", "--ignore", "CVE-2024-7");
    expect([none.status, none.stderr]).toEqual([0, "No known vulnerabilities found, 2 ignored\n"]);
  });

  test("--fix moves to the first version that nothing speaks of, and says what it cannot mend", async () => {
    const place = await environment("flask==2.0", "six");
    const dry = await audit(place, "--fix", "--dry-run");
    expect(dry.stderr).toContain("would have upgraded flask to 2.2.6");
    expect(dry.stderr).toContain("would have skipped six upgrade");
    expect(dry.status).toBe(1);
    const ran = await audit(place, "--fix");
    expect(ran.stderr).toBe("Found 2 known vulnerabilities in 2 packages and fixed 1 vulnerability in 1 package\n");
    expect(ran.stdout).toContain("Successfully upgraded flask (2.0 => 2.2.6)");
    expect(ran.stdout).toContain(
      "Failed to fix six (1.0): failed to fix dependency six (1.0), unable to find fix version for vulnerability CVE-2024-7",
    );
    expect(ran.status).toBe(1);
    expect((await world.pen(["pip", "freeze"], { environment: place })).stdout).toBe("Flask==2.2.6\nsix==1.0\n");
    expect((await audit(place, "-i", "CVE-2024-7")).status).toBe(0);
  });

  test("--fix breaks nothing that stays", async () => {
    const place = await environment("tied", "flask==2.0");
    const ran = await audit(place, "--fix");
    expect(ran.stdout).toContain("tied 1 requires flask<2.2");
    expect((await world.pen(["pip", "freeze"], { environment: place })).stdout).toBe("Flask==2.0\ntied==1\n");
    expect(ran.status).toBe(1);
  });

  test("--strict and what cannot be audited", async () => {
    const place = await environment("six");
    const odd = join(sitePackages(place), "odd-x.y.dist-info");
    mkdirSync(odd);
    writeFileSync(join(odd, "METADATA"), "Metadata-Version: 2.1\nName: odd\nVersion: x.y\n");
    const ran = await audit(place, "-i", "CVE-2024-7");
    expect(ran.stdout).toBe(
      `Name Skip Reason\n---- ---------------------------------------------------------------\nodd  Package has invalid version and could not be audited: odd (x.y)\n`,
    );
    expect(ran.status).toBe(0);
    const strict = await audit(place, "--strict");
    expect([strict.status, strict.stdout]).toEqual([1, ""]);
    expect(strict.stderr).toContain("odd: Package has invalid version");
    // Nobody was asked.
    expect((await audit(place, "--dry-run")).stderr).toBe("Dry run: would have audited 2 packages\n");
  });

  test("--json and -o; every format is written whole", async () => {
    const place = await environment("flask==2.0", "six");
    const json = await audit(place, "--json");
    const value = JSON.parse(json.stdout) as unknown;
    expect(schemaProblems(value, { $ref: "#/$defs/audit" }, schema)).toEqual([]);
    expect(value).toMatchObject({ packages: [{ name: "flask", vulnerabilities: [{ id: "PYSEC-2023-62" }] }, { name: "six" }] });
    const file = join(world.work, "audit.json");
    const written = await audit(place, "-f", "json", "-o", file);
    expect([written.status, written.stdout]).toEqual([1, ""]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ dependencies: [{ name: "flask" }, { name: "six" }], fixes: [] });
  });

  test("CycloneDX: valid JSON and XML with one component and reference each", async () => {
    const place = await environment("flask==2.0", "six");
    const bom = JSON.parse((await audit(place, "-f", "cyclonedx-json")).stdout) as Record<string, unknown>;
    expect(bom).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.4",
      version: 1,
      components: [
        { "bom-ref": "pkg:pypi/flask@2.0", name: "flask", type: "library", version: "2.0" },
        { name: "six", version: "1.0" },
      ],
      vulnerabilities: [
        { id: "PYSEC-2023-62", recommendation: "Upgrade", affects: [{ ref: "pkg:pypi/flask@2.0" }] },
        { id: "CVE-2024-7", description: "N/A" },
      ],
    });
    expect(bom["serialNumber"]).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const xml = (await audit(place, "-f", "cyclonedx-xml")).stdout;
    const file = join(world.work, "bom.xml");
    writeFileSync(file, xml);
    const code =
      "import sys, xml.etree.ElementTree as t; n='{http://cyclonedx.org/schema/bom/1.4}'; r=t.parse(sys.argv[1]).getroot();" +
      "print(r.tag, [c.find(n+'name').text for c in r.iter(n+'component')], [v.find(n+'description').text for v in r.iter(n+'vulnerability')])";
    const read = await execute(python ?? "", ["-I", "-c", code, file], { cwd: world.work, env: {} });
    expect(read.stdout.trim()).toBe(
      `{http://cyclonedx.org/schema/bom/1.4}bom ['flask', 'six'] ['Sessions <leak> | "badly" and \`often\`', 'N/A']`,
    );
  });

  test("--locked: the categories of Pipfile.lock, or pylock.toml", async () => {
    const project = join(world.work, "locked");
    mkdirSync(project);
    writeFileSync(join(project, "Pipfile"), '[packages]\nflask = "*"\n');
    const none = await world.pen(["audit", "--locked", "--osv-url", osv.url], { cwd: project });
    expect([none.status, none.stderr.includes("Pipfile.lock not found")]).toEqual([1, true]);
    const lock = {
      _meta: { hash: { sha256: "0" }, "pipfile-spec": 6, requires: {}, sources: [] },
      default: { flask: { hashes: [], version: "==2.1" }, local: { editable: true, path: "." } },
      develop: { six: { version: "==1.0" }, flask: { version: "==2.1" } },
    };
    writeFileSync(join(project, "Pipfile.lock"), JSON.stringify(lock));
    const ran = await world.pen(["audit", "--locked", "--osv-url", osv.url], { cwd: project });
    expect(ran.stdout).toContain("flask 2.1     PYSEC-2023-62 2.2.5,2.3.2\nsix   1.0     CVE-2024-7\n");
    expect(ran.stdout).toContain("local the lock does not say which version it is");
    const skipped = await world.pen(["audit", "--locked", "--skip-editable", "--osv-url", osv.url], { cwd: project });
    expect(skipped.stdout).toContain("local distribution marked as editable");
  });

  describe("a downloaded copy", () => {
    const other = Array.from({ length: 300 }, (_, at) => ({
      id: `PYSEC-1999-${at}`,
      affected: [{ package: pypi(`other-${at}`), versions: ["1"] }],
    }));
    const members = [...records, ...other].map((record) => ({ name: `${record.id}.json`, content: JSON.stringify(record) }));
    const withCopy = (place: string, path: string, ...words: readonly string[]): Promise<Ran> =>
      world.pen(["audit", "--db", path, ...words], { environment: place });

    test("a zip file and a folder answer as the network does, also for --fix; nobody is asked", async () => {
      const place = await environment("flask==2.0", "six");
      const zip = join(world.work, "all.zip");
      writeFileSync(zip, buildZip(members));
      const folder = join(world.work, "copy", "PyPI");
      mkdirSync(folder, { recursive: true });
      for (const { name, content } of members) writeFileSync(join(folder, name), content);
      const online = await audit(place);
      osv.requests.length = 0;
      for (const path of [zip, join(world.work, "copy")]) {
        const ran = await withCopy(place, path, "--offline");
        expect([ran.status, ran.stdout, ran.stderr]).toEqual([online.status, online.stdout, online.stderr]);
      }
      expect((await withCopy(place, zip, "--fix")).stdout).toContain("Successfully upgraded flask (2.0 => 2.2.6)");
      expect(osv.requests).toEqual([]);
    });

    const broken: ReadonlyArray<readonly [why: string, bytes: string | Uint8Array, says: string]> = [
      ["no zip file", "nothing", "does not end as a zip file does"],
      ["cut off", buildZip(members).subarray(0, 4000), "does not end as a zip file does"],
      ["no records in it", buildZip([{ name: "README", content: "x" }]), "holds no records"],
      ["a record that is no JSON", buildZip([{ name: "a.json", content: '{"name": "six"' }]), "is no JSON"],
      ["a record of other types", buildZip([{ name: "a.json", content: '{"id": "X-1", "affected": 7, "name": "six"}' }]), "it is no list"],
      ["a damaged member", buildZip([{ name: "a.json", content: "{}", central: { crc: 7 }, local: { crc: 7 } }]), "a.json"],
    ];
    for (const [why, bytes, says] of broken)
      test(`is refused: ${why}`, async () => {
        const path = join(world.work, "broken.zip");
        writeFileSync(path, bytes);
        const ran = await withCopy(plain, path);
        expect([ran.status, ran.stdout]).toEqual([1, ""]);
        expect(ran.stderr).toContain(says);
      });

    test("one that is not there", async () => {
      const ran = await withCopy(plain, "nowhere.zip");
      expect([ran.status, ran.stderr.includes("There is no copy")]).toEqual([1, true]);
    });
  });

  test("offline without a copy, and a URL that is none", async () => {
    const offline = await audit(plain, "--offline");
    expect([offline.status, offline.stderr.includes("pen audit --db FILE")]).toEqual([1, true]);
    const odd = await world.pen(["audit", "--osv-url", "ftp://x"], { environment: plain });
    expect([odd.status, odd.stderr.includes("is no http: or https: URL")]).toEqual([2, true]);
  });

  describe("hostile answers", () => {
    const batch = "/v1/querybatch";
    const named = (vulns: unknown): string => JSON.stringify({ results: [{ vulns }] });
    const cases: ReadonlyArray<readonly [why: string, path: string, body: string, status?: number]> = [
      ["no JSON", batch, "<html>\u001b[2J</html>"],
      ["another type", batch, "[]"],
      ["null", batch, "null"],
      ["too few answers", batch, '{"results": []}'],
      ["too many answers", batch, '{"results": [{}, {}]}'],
      ["a list of numbers", batch, named([1])],
      ["text instead of a list", batch, named("PYSEC-2023-62")],
      ["an id that is a path", batch, named([{ id: "../../../etc/passwd" }])],
      ["an id with control characters", batch, named([{ id: "CVE-1\u001b]0;x\u0007" }])],
      ["an id that is an object", batch, named([{ id: {} }])],
      ["pages without end", batch, '{"results": [{"next_page_token": "again"}]}'],
      ["not found", batch, "{}", 404],
      ["a record that is not there", batch, named([{ id: "PYSEC-1" }])],
      ["a record of another name", "/v1/vulns/CVE-2024-7", '{"id": "CVE-2024-8"}'],
      [
        "a record of other types",
        "/v1/vulns/CVE-2024-7",
        '{"id": "CVE-2024-7", "affected": [{"package": {"ecosystem": "PyPI", "name": "six"}, "ranges": 1}]}',
      ],
      ["a huge record", "/v1/vulns/CVE-2024-7", `{"id": "CVE-2024-7", "details": "${"x".repeat(5 * 2 ** 20)}"}`],
    ];
    for (const [why, path, body, status] of cases)
      test(`is an error and no good audit: ${why}`, async () => {
        osv.answer(path, body, status);
        const ran = await audit(plain);
        osv.answer(path, undefined);
        expect(ran.status).toBe(1);
        expect(ran.stdout).toBe("");
        expect(ran.stderr).not.toContain("No known");
        expect(ran.stderr.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f]/);
      });

    test("control characters and markup in texts reach no terminal, table or document", async () => {
      const details = "\u001b[2J\u202e | </description> `x` <script>\u0000";
      osv.answer("/v1/vulns/CVE-2024-7", JSON.stringify({ ...records[2], details }));
      try {
        for (const format of ["columns", "json", "cyclonedx-json", "cyclonedx-xml", "markdown"]) {
          const { stdout, status } = await audit(plain, "-f", format, "--desc");
          expect([format, status, /[\u0000-\u0009\u000b-\u001f\u202e]/.test(stdout)]).toEqual([format, 1, false]);
          if (format === "cyclonedx-xml") expect(stdout).toContain("&lt;/description&gt;");
          if (format === "markdown") expect(stdout).toContain("\\| \\</description\\> \\`x\\` \\<script\\>");
        }
      } finally {
        osv.answer("/v1/vulns/CVE-2024-7", undefined);
      }
    });
  });

  describe.skipIf(tool("pip-audit") === undefined)("beside the real pip-audit (PEN_TEST_TOOLS)", () => {
    let place: string;
    beforeAll(async () => {
      place = await environment("flask==2.0", "six", "tied");
    });
    async function both(...words: readonly string[]): Promise<{ ours: Ran; theirs: Ran }> {
      const args = ["--progress-spinner", "off", "--path", sitePackages(place), "-s", "osv", "--osv-url", `${osv.url}/query`, ...words];
      const env = { HOME: join(world.folder, "pip-audit"), PATH: "/usr/bin:/bin" };
      const [ours, theirs] = await Promise.all([audit(place, ...words), execute(tool("pip-audit") ?? "", args, { cwd: world.work, env })]);
      return { ours, theirs };
    }

    test("the same columns and summary", async () => {
      const { ours, theirs } = await both();
      expect([ours.status, ours.stdout, ours.stderr]).toEqual([theirs.status, theirs.stdout, theirs.stderr]);
    });

    test("the same JSON", async () => {
      const { ours, theirs } = await both("-f", "json");
      // Its aliases come in any order.
      const read = (text: string): unknown =>
        JSON.parse(text, (key, value: unknown) => (key === "aliases" ? [...(value as string[])].sort() : value));
      expect(read(ours.stdout)).toEqual(read(theirs.stdout));
    });

    test("the same Markdown but for escapes", async () => {
      const { ours, theirs } = await both("-f", "markdown", "--desc");
      const lines = (text: string): string[] =>
        text
          .replaceAll("\\", "")
          .trim()
          .split("\n")
          .map((line) => line.trimEnd());
      expect(lines(ours.stdout)).toEqual(lines(theirs.stdout));
    });

    test("the same parts in CycloneDX", async () => {
      const { ours, theirs } = await both("-f", "cyclonedx-json");
      type Part = { readonly id?: string; readonly name?: string; readonly version?: string; readonly description?: string };
      const parts = (text: string): unknown => {
        const bom = JSON.parse(text) as { components: Part[]; vulnerabilities: Part[] };
        return {
          components: bom.components.map(({ name, version }) => `${name?.toLowerCase()} ${version}`).sort(),
          vulnerabilities: bom.vulnerabilities.map(({ id, description }) => `${id} ${description}`).sort(),
        };
      };
      expect(parts(ours.stdout)).toEqual(parts(theirs.stdout));
    });
  });
});
