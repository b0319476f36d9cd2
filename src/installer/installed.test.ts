import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NormalizedName } from "#standards";
import { install, plainTarget, scratch, type Scratch } from "../../tests/support/install-targets.ts";
import { storeSample } from "../../tests/support/stored-wheels.ts";
import { describePlan, planInstall, readInstalled, type InstallTarget, type PlanOptions, type WantedWheel } from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

let place: Scratch;
let target: InstallTarget;
beforeEach(() => {
  place = scratch();
  target = plainTarget(join(place.path, "env"));
});
afterEach(() => place.remove());

function put(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    const full = join(target.paths.purelib, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
  }
}

const metadata = (name: string, version: string): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nRequires-Dist: other>=1\n`;

describe("reading what is installed", () => {
  test("names and versions come from the names of the folders, sorted by normalised name", () => {
    for (const [folder, name, version] of [
      ["Flask-3.0.0.dist-info", "flask", "3.0.0"],
      ["zope.interface-6.1.dist-info", "zope-interface", "6.1"],
      ["ruamel_yaml-0.18.5.dist-info", "ruamel-yaml", "0.18.5"],
      ["local-1.0+abc.1.dist-info", "local", "1.0+abc.1"],
      ["old-style-name-2.5.dist-info", "old-style-name", "2.5"],
      ["dated-1.0-1.dist-info", "dated-1-0", "1"],
      ["legacy-0.5-py3.12.egg-info", "legacy", "0.5"],
      ["compiled-0.5-py3.12-linux-x86_64.egg-info", "compiled", "0.5"],
      ["develop.egg-info", "develop", ""],
    ] as const) {
      place.remove();
      mkdirSync(join(target.paths.purelib, folder), { recursive: true });
      expect(readInstalled(target).map((found) => [String(found.name), found.version])).toEqual([[name, version]]);
    }
    put({ "b-1.dist-info/METADATA": "", "A-1.dist-info/METADATA": "" });
    expect(readInstalled(target).map(({ name }) => String(name))).toEqual(["a", "b", "develop"]);
  });

  test("what is no distribution is passed over", () => {
    put({
      "~lask-3.0.dist-info/METADATA": "",
      "noversion.dist-info/METADATA": "",
      "plain/x.py": "",
      "file-1.0.dist-info": "",
      "-1.0.dist-info/METADATA": "",
    });
    expect(readInstalled(target)).toEqual([]);
  });

  test("no folder, nothing installed", () => expect(readInstalled(target)).toEqual([]));

  test("the lazy parts", () => {
    put({
      "a-1.0.dist-info/METADATA": metadata("A", "1.0"),
      "a-1.0.dist-info/RECORD": "a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n",
      "a-1.0.dist-info/INSTALLER": "pip\n",
      "a-1.0.dist-info/REQUESTED": "",
      "a-1.0.dist-info/direct_url.json": '{"url": "file:///src/a", "dir_info": {"editable": true}}',
      "b-2.dist-info/METADATA": metadata("b", "2"),
    });
    const [a, b] = readInstalled(target);
    expect(a?.metadata().name).toBe("A");
    expect(a?.brief().requiresDist).toEqual(["other>=1"]);
    expect(a?.record()?.[0]?.path).toBe("a.py");
    expect([a?.installer(), a?.requested(), a?.editable()]).toEqual(["pip", true, true]);
    expect([b?.installer(), b?.requested(), b?.editable(), b?.record(), b?.directUrl()]).toEqual([
      undefined,
      false,
      false,
      undefined,
      undefined,
    ]);
  });

  test("egg-info as folder and as file, egg-link", () => {
    const project = join(place.path, "project");
    mkdirSync(join(project, "linked.egg-info"), { recursive: true });
    writeFileSync(join(project, "linked.egg-info/PKG-INFO"), metadata("linked", "7"));
    put({
      "one-1-py3.12.egg-info/PKG-INFO": metadata("one", "1"),
      "two-2-py3.12.egg-info": metadata("two", "2"),
      "linked.egg-link": `${project}\n.`,
    });
    const found = readInstalled(target);
    expect(found.map(({ name, kind }) => [String(name), kind])).toEqual([
      ["linked", "egg-link"],
      ["one", "egg-info"],
      ["two", "egg-info"],
    ]);
    expect(found.map((distribution) => distribution.metadata().version)).toEqual(["7", "1", "2"]);
    expect(found[0]?.editable()).toBe(true);
  });

  test("the name as it is written, from whatever place of whatever form", () => {
    const late = `Summary: ${"x".repeat(300)}\n`;
    put({
      "flask_login-1.dist-info/METADATA": metadata("Flask-Login", "1"),
      "order_me-1.dist-info/METADATA": `Metadata-Version: 2.1\n${late}Name: Order.Me\nVersion: 1\n`,
      "lines_end-1.dist-info/METADATA": metadata("Lines_End", "1").replaceAll("\n", "\r\n"),
      "egg-1-py3.12.egg-info/PKG-INFO": metadata("EGG", "1"),
    });
    expect(readInstalled(target).map((one) => one.writtenName())).toEqual(["EGG", "Flask-Login", "Lines_End", "Order.Me"]);
    put({ "gone-1.dist-info/REQUESTED": "" });
    expect(() => readInstalled(target).map((one) => one.writtenName())).toThrow(expect.objectContaining({ code: "INVALID_METADATA" }));
  });

  test("missing metadata is an error that says how to repair", () => {
    put({ "a-1.0.dist-info/REQUESTED": "" });
    expect(() => readInstalled(target)[0]?.metadata()).toThrow(
      expect.objectContaining({ code: "INVALID_METADATA", hint: expect.stringContaining("--force-reinstall a") }),
    );
  });

  test("111 packages are read and compared in single-digit milliseconds", () => {
    const wanted: WantedWheel[] = [];
    for (let at = 0; at < 111; at += 1) {
      put({ [`p${at}-1.0.dist-info/METADATA`]: "", [`p${at}-1.0.dist-info/RECORD`]: "" });
      wanted.push({ wheel: storeSample(join(place.path, "store"), { name: `p${at}`, version: "1.0" }), requested: false });
    }
    const times = Array.from({ length: 9 }, () => {
      const start = processorTime();
      expect(planInstall(readInstalled(target), wanted).steps.every(({ action }) => action === "keep")).toBe(true);
      return processorTime() - start;
    });
    expect(Math.min(...times)).toBeLessThan(10);
  });
});

describe("planning", () => {
  const store = (): string => join(place.path, "store");
  const plan = (wanted: readonly WantedWheel[], options: PlanOptions = {}): unknown =>
    describePlan(planInstall(readInstalled(target), wanted, options));
  const want = (name: string, version: string, more: Partial<WantedWheel> = {}): WantedWheel => ({
    wheel: storeSample(store(), { name, version }),
    requested: false,
    ...more,
  });
  const whole = (name: string, version: string): void =>
    put({
      [`${name}-${version}.dist-info/METADATA`]: metadata(name, version),
      [`${name}-${version}.dist-info/RECORD`]: "",
      [`${name}-${version}.dist-info/INSTALLER`]: "pip",
    });

  test("every action", () => {
    for (const name of ["up", "down", "same", "again", "gone", "other"]) whole(name, "2.0");
    expect(
      plan(
        [want("up", "10.0"), want("down", "2.0rc1"), want("same", "2.0.0"), want("again", "2.0", { reinstall: true }), want("fresh", "1")],
        { remove: ["gone", "ghost"] as never },
      ),
    ).toEqual([
      { action: "reinstall", name: "again", version: "2.0", previous: "2.0" },
      { action: "downgrade", name: "down", version: "2.0rc1", previous: "2.0" },
      { action: "install", name: "fresh", version: "1" },
      { action: "uninstall", name: "gone", version: "2.0" },
      { action: "keep", name: "other", version: "2.0" },
      { action: "keep", name: "same", version: "2.0" },
      { action: "upgrade", name: "up", version: "10.0", previous: "2.0" },
    ]);
    expect(planInstall(readInstalled(target), [], { remove: ["ghost" as NormalizedName] }).missing.map(String)).toEqual(["ghost"]);
  });

  test("exact removes the rest, but for what is spared", () => {
    for (const name of ["a", "b", "pip"]) whole(name, "1");
    expect(plan([want("a", "1")], { exact: true, spare: ["pip" as NormalizedName] })).toEqual([
      { action: "keep", name: "a", version: "1" },
      { action: "uninstall", name: "b", version: "1" },
      { action: "keep", name: "pip", version: "1" },
    ]);
  });

  test("an installation that another tool was cut off in is made again", () => {
    whole("a", "1");
    put({ "half-1.dist-info/METADATA": metadata("half", "1"), "half-1.dist-info/INSTALLER": "uv", "empty-1.dist-info/INSTALLER": "uv" });
    put({ "distro-1.dist-info/METADATA": metadata("distro", "1"), "distro-1.dist-info/INSTALLER": "apt" });
    expect(plan(["a", "half", "empty", "distro"].map((name) => want(name, "1")))).toMatchObject([
      { action: "keep", name: "a" },
      { action: "keep", name: "distro" },
      { action: "reinstall", name: "empty" },
      { action: "reinstall", name: "half" },
    ]);
  });

  test("another origin is another package, the same origin is kept", () => {
    whole("a", "1");
    put({ "a-1.dist-info/direct_url.json": '{"url": "https://example.org/a.whl", "archive_info": {"hashes": {"sha256": "aa"}}}' });
    const from = (hash: string, url = "https://user:secret@example.org/a.whl"): WantedWheel =>
      want("a", "1", { directUrl: { url, info: { kind: "archive", hashes: { sha256: hash } } } });
    expect(plan([from("aa")])).toMatchObject([{ action: "keep" }]);
    expect(plan([from("bb")])).toMatchObject([{ action: "reinstall" }]);
    expect(plan([from("aa", "https://example.org/b.whl")])).toMatchObject([{ action: "reinstall" }]);
    expect(plan([want("a", "1")])).toMatchObject([{ action: "keep" }]);
  });

  test("two versions of one distribution become one", async () => {
    whole("a", "1");
    whole("a", "2");
    expect(plan([want("a", "2")])).toMatchObject([{ action: "upgrade", name: "a", version: "2" }]);
    await install(target, [want("a", "2")]);
    expect(readInstalled(target).map(({ version }) => version)).toEqual(["2"]);
  });

  test("a name that is wanted twice is a defect of the caller", () => {
    expect(() => plan([want("a", "1"), want("a", "2")])).toThrow(expect.objectContaining({ code: "INTERNAL" }));
  });
});
