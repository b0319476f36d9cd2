/** The commands that only look, against the real pip on the same environment: the same words, the same JSON, the same status. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ran } from "../support/program.ts";
import { openWorld, projects, python, sitePackages, withFields, type World } from "../support/world.ts";

const offered = projects(
  {
    name: "Hello_World",
    version: "1.0",
    requires: ["greeting>=1", "Zope.Interface", 'colour>1; sys_platform == "nowhere"', 'paint; extra == "bright"'],
    extras: ["bright"],
    entryPoints: { console_scripts: { hello: "hello_world:main" }, "hello.plugins": { one: "hello_world" } },
    metadata: withFields(
      "Summary: Says hello",
      "Home-page: https://example.org",
      "Author: A. Person",
      "Author-email: a@example.org",
      "License: MIT",
      "Classifier: Topic :: Utilities",
      "Classifier: Programming Language :: Python",
      "Keywords: hello,world",
      "Project-URL: Source, https://example.org/src",
      "Description-Content-Type: text/markdown",
      "Platform: any",
    ),
  },
  { name: "greeting", version: "1.0" },
  { name: "greeting", version: "2.0" },
  { name: "Zope.Interface", version: "5.0" },
  { name: "AAA", version: "1.0", requires: ["hello-world[bright]<2"] },
  { name: "bbb", version: "2.0.post1+local.1" },
  { name: "needs-newer", version: "1.0", requires: ["greeting>=3,!=4", "not-there>1", "Also-Missing", "zope.interface~=4.0"] },
  { name: "modern", version: "1.0", metadata: withFields("Project-URL: Home Page, https://modern.example", "License-Expression: ZPL-2.1") },
  { name: "by-place", version: "0.3" },
  { name: "editable-one", version: "0.1" },
  { name: "future", version: "1.0", requires: ['greeting>=9; python_version < "3"'] },
);

/** With -v pen also tells where its settings come from. */
const withoutOrigins = (text: string): string => text.replace(/^--\S+ is .* \(from .*\)\n/gm, "");

interface Report {
  readonly installed: ReadonlyArray<{ readonly metadata: Readonly<Record<string, unknown>> }>;
}

describe.skipIf(python === undefined)("beside the real pip (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;

  beforeAll(async () => {
    world = await openWorld({ projects: offered });
    environment = world.environment("env");
    const wheel = join(world.work, "by_place-0.3-py3-none-any.whl");
    writeFileSync(wheel, offered["by-place"]?.[0]?.bytes ?? "");
    const names = [
      "Hello_World",
      "greeting==1.0",
      "zope.interface",
      "AAA",
      "bbb",
      "needs-newer",
      "editable-one",
      "future",
      "modern",
      wheel,
    ];
    const made = await world.pip(environment, ["install", "--no-deps", "-q", ...names]);
    expect(made).toMatchObject({ status: 0 });
    makeOthers();
  }, 60_000);
  afterAll(() => world?.close());

  /** What pip itself cannot be made to install here: a project in development mode, and what setuptools left of old. */
  function makeOthers(): void {
    const site = sitePackages(environment);
    const info = join(site, "editable_one-0.1.dist-info");
    writeFileSync(join(info, "direct_url.json"), JSON.stringify({ url: `file://${world.work}/project`, dir_info: { editable: true } }));
    const egg = join(site, `Old_Style-0.9-py${/python(3\.\d+)/.exec(site)?.[1]}.egg-info`);
    mkdirSync(egg);
    writeFileSync(join(egg, "PKG-INFO"), "Metadata-Version: 1.1\nName: Old-Style\nVersion: 0.9\nSummary: from before\n");
    writeFileSync(join(egg, "installed-files.txt"), "PKG-INFO\n../old_style.py\n");
    writeFileSync(join(egg, "top_level.txt"), "old_style\n");
    writeFileSync(join(site, "old_style.py"), "");
    expect(readdirSync(site)).toContain("by_place-0.3.dist-info");
  }

  const both = async (args: readonly string[]): Promise<{ pen: Ran; pip: Ran }> => {
    const [pen, pip] = await Promise.all([world.pen(["pip", ...args], { environment }), world.pip(environment, args)]);
    return { pen, pip };
  };

  const same: ReadonlyArray<readonly string[]> = [
    ["list"],
    ["list", "--format", "freeze"],
    ["list", "--not-required"],
    ["list", "--exclude", "hello.world", "--exclude", "pip"],
    ["list", "-e"],
    ["list", "--exclude-editable"],
    ["list", "--path", "SITE"],
    ["list", "--path", "nowhere"],
    ["list", "--verbose"],
    ["list", "--outdated"],
    ["list", "-o", "--not-required"],
    ["list", "--uptodate"],
    ["freeze"],
    ["freeze", "--all"],
    ["freeze", "--exclude", "BBB", "--exclude", "greeting"],
    ["freeze", "--exclude-editable"],
    ["freeze", "--path", "SITE"],
    ["show", "hello-world"],
    ["show", "HELLO.World"],
    ["show", "-f", "Hello_World"],
    ["show", "greeting", "zope.interface", "aaa"],
    ["show", "by-place", "bbb"],
    ["show", "--verbose", "hello-world"],
    ["show", "editable-one"],
    ["show", "-f", "old-style"],
    ["show", "greeting", "nope"],
    ["show", "nope", "nada"],
    ["show", "pip"],
    ["check"],
  ];
  for (const args of same) {
    test(`pip ${args.join(" ")}`, async () => {
      const { pen, pip } = await both(args.map((word) => (word === "SITE" ? sitePackages(environment) : word)));
      expect(pen.stdout).toBe(pip.stdout);
      expect(pen.status).toBe(pip.status);
      expect(withoutOrigins(pen.stderr).toLowerCase()).toBe(pip.stderr.toLowerCase());
    });
  }

  for (const args of [
    [],
    ["--not-required"],
    ["--editable"],
    ["--verbose"],
    ["--path", "nowhere"],
    ["--outdated"],
    ["--uptodate"],
    ["--outdated", "--pre"],
  ]) {
    test(`pip list --format=json ${args.join(" ")}`, async () => {
      const { pen, pip } = await both(["list", "--format=json", ...args]);
      expect(JSON.parse(pen.stdout)).toEqual(JSON.parse(pip.stdout));
      expect({ ...pen, stderr: withoutOrigins(pen.stderr) }).toMatchObject({ status: 0, stderr: "" });
    });
  }

  test("pip show has what only a newer pip shows: the licence expression, and the home page among the project URLs", async () => {
    const { stdout } = await world.pen(["pip", "show", "modern"], { environment });
    expect(stdout).toContain("\nHome-page: https://modern.example\n");
    expect(stdout).toContain("\nLicense-Expression: ZPL-2.1\n");
  });

  test("pip check, when all is well", async () => {
    const [pen, pip] = await Promise.all([
      world.pen(["pip", "check", "--python", world.environment("well")]),
      world.pip(join(world.work, "well"), ["check"]),
    ]);
    expect(pen).toMatchObject({ status: 0, stdout: "No broken requirements found.\n" });
    expect(pip).toMatchObject({ status: 0, stdout: pen.stdout });
  });

  test("pip inspect, field by field", async () => {
    const { pen, pip } = await both(["inspect"]);
    const [mine, theirs] = [JSON.parse(pen.stdout) as Report, JSON.parse(pip.stdout) as Report];
    // What metadata 2.4 added is only in the report of a newer pip, and the version says of which pip the report is.
    const plain = (report: Report): unknown => ({
      ...report,
      pip_version: "",
      installed: report.installed
        .map(({ metadata: { license_expression: _expression, license_file: _files, ...metadata }, ...item }) => ({ ...item, metadata }))
        .sort((a, b) => (String(a.metadata["name"]) < String(b.metadata["name"]) ? -1 : 1)),
    });
    expect(plain(mine)).toEqual(plain(theirs));
    expect(pen.stderr).toBe("");
  });

  test("what is broken is looked at without fuss: an origin that is no JSON, metadata that is gone", async () => {
    const broken = world.environment("broken");
    expect((await world.pen(["pip", "install", "-q", "greeting==1.0", "AAA", "--no-deps"], { environment: broken })).status).toBe(0);
    writeFileSync(join(sitePackages(broken), "greeting-1.0.dist-info", "direct_url.json"), "{no json");
    rmSync(join(sitePackages(broken), "aaa-1.0.dist-info", "METADATA"));
    for (const words of [["list"], ["freeze"], ["show", "greeting"], ["tree"]])
      expect(await world.pen(["pip", ...words], { environment: broken })).toMatchObject({ status: 0 });
    const { installed } = JSON.parse((await world.pen(["pip", "inspect"], { environment: broken })).stdout) as Report;
    expect(installed.map(({ metadata }) => metadata["name"])).toEqual(expect.arrayContaining(["aaa", "greeting"]));
    expect(installed.some((one) => "direct_url" in one)).toBe(false);
    const checked = await world.pen(["pip", "check"], { environment: broken });
    expect(checked).toMatchObject({ status: 0, stdout: "No broken requirements found.\n" });
    expect(checked.stderr).toContain("What aaa 1.0 needs is not known");
  });

  for (const algorithm of ["sha256", "sha384", "sha512"]) {
    test(`pip hash -a ${algorithm}`, async () => {
      const { pen, pip } = await both(["hash", "-a", algorithm, "by_place-0.3-py3-none-any.whl"]);
      expect(pen).toMatchObject({ status: 0, stdout: pip.stdout, stderr: "" });
    });
  }

  test("pip hash of a file that is not there", async () => {
    const { pen, pip } = await both(["hash", "nothing.whl"]);
    expect(pen.status).toBe(1);
    expect(pip.status).not.toBe(0);
    expect(pen.stderr).toContain("nothing.whl");
  });
});
