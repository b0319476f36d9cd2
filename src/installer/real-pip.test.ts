import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { InstallTarget, LinkMode } from "#installer";
import { readHost, silent } from "#foundation";
import { openStore, type StoredWheel } from "#store";
import { basePython, install, makeVenv, run, scratch, snapshot, type Ran, type Scratch } from "../../tests/support/install-targets.ts";
import { storeSample } from "../../tests/support/stored-wheels.ts";
import { readInstalled } from "./index.ts";

/**
 * The rule under test: whatever the link mode, no command of the real pip inside an environment writes into the store. pip itself is
 * put there by pen, from the wheel that Python carries, as well as the packages that pip is then set upon.
 */
const base = basePython();
/** Debian keeps these wheels in a folder of the system. */
const bundledFolder =
  "import ensurepip, os; print(getattr(ensurepip, '_WHEEL_PKG_DIR', None) or os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'))";
const bundled =
  base &&
  spawnSync(base, ["-I", "-c", bundledFolder], {
    encoding: "utf8",
  }).stdout.trim();
const pipWheel = bundled && existsSync(bundled) ? readdirSync(bundled).find((name) => name.startsWith("pip-")) : undefined;
const suite = pipWheel === undefined ? describe.skip : describe;
const title = pipWheel === undefined ? "real pip (no Python with ensurepip's wheels on this machine)" : "real pip";

const modes: readonly LinkMode[] = ["hardlink", "symlink"];
/** Each pip command takes most of a second. */
const patience = 120_000;
let place: Scratch;
let wheels: string;

beforeAll(() => {
  place = scratch();
  wheels = join(place.path, "wheels");
  mkdirSync(wheels);
  for (const version of ["1.0", "2.0"])
    zipWheel("sample", version, {
      "sample/__init__.py": `version = "${version}"\n`,
      "sample/data.txt": "data\n",
      "shared_ns/sample_part.py": `x = "${version}"\n`,
    });
  zipWheel("neighbour", "1.0", { "shared_ns/neighbour.py": "x = 1\n", "sample/intruder.py": "bad = True\n" });
});
afterAll(() => place.remove(), patience);

/** A plain wheel file for pip, written by Python's zipfile. */
function zipWheel(name: string, version: string, files: Record<string, string>): void {
  const info = `${name}-${version}.dist-info`;
  const all: Record<string, string> = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/entry_points.txt`]: `[console_scripts]\n${name}-cmd = ${name}:main\n`,
  };
  all[`${info}/RECORD`] = [...Object.keys(all), `${info}/RECORD`].map((path) => `${path},,\n`).join("");
  const code =
    "import sys, json, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w')\nfor k, v in json.loads(sys.argv[2]).items(): z.writestr(k, v)\nz.close()";
  spawnSync(base ?? "python3", ["-I", "-c", code, join(wheels, `${name}-${version}-py3-none-any.whl`), JSON.stringify(all)]);
}

/** pip as the store has it, with its launchers. */
function storedPip(cacheFolder: string): Promise<StoredWheel> {
  const filename = pipWheel ?? "";
  return openStore({ host: readHost({ env: {} }), cacheFolder, emit: silent }).add({ path: join(bundled ?? "", filename), filename });
}

suite(title, () => {
  for (const linkMode of modes) {
    describe(`in an environment of link mode ${linkMode}`, () => {
      let target: InstallTarget;
      let store: string;
      let before: Record<string, string>;
      const pip = (...args: readonly string[]): Ran => run(`${target.root}/bin/python`, ["-m", "pip", ...args]);
      const local = ["--no-index", "--find-links"];
      // Python itself puts __pycache__ into linked folders, which changes the times of those folders.
      const files = (): string[] => Object.keys(before).filter((path) => before[path] !== "folder");
      const times = (): Record<string, number> => Object.fromEntries(files().map((path) => [path, statSync(join(store, path)).mtimeMs]));
      const fresh = async (): Promise<void> => {
        const root = join(place.path, `env-${linkMode}-${Math.random()}`);
        target = makeVenv(root);
        store = `${root}-store`;
        mkdirSync(store);
        const old = storeSample(store, {
          name: "sample",
          version: "1.0",
          files: { "sample/__init__.py": 'version = "1.0"\n', "sample/old.py": "x = 1\n", "shared_ns/sample_part.py": "x = 1\n" },
          commands: { "sample-cmd": "sample:main" },
          data: { "data/share/sample/x.txt": "x" },
        });
        await install(
          target,
          [
            { wheel: old, requested: true },
            { wheel: await storedPip(store), requested: true },
          ],
          { linkMode },
        );
        before = snapshot(store);
      };

      test(
        "pip check, list and show understand what pen installed",
        async () => {
          await fresh();
          expect(pip("check")).toMatchObject({ status: 0 });
          expect(pip("list").output).toContain("sample  1.0");
          expect(pip("show", "sample").output).toContain("Version: 1.0");
          expect(JSON.parse(pip("inspect").output.replace(/^[^{]*/, ""))).toMatchObject({ version: "1" });
        },
        patience,
      );

      test(
        "no upgrade, reinstall, uninstall or forced install changes the store",
        async () => {
          await fresh();
          const timesBefore = times();
          const commands = [
            ["install", ...local, wheels, "-U", "sample"],
            ["install", ...local, wheels, "--force-reinstall", "sample==1.0"],
            ["install", ...local, wheels, "--ignore-installed", "sample==2.0"],
            ["install", ...local, wheels, "neighbour"],
            ["uninstall", "-y", "neighbour"],
            ["uninstall", "-y", "sample"],
            ["uninstall", "-y", "sample"],
            ["install", ...local, bundled ?? "", "--force-reinstall", "pip"],
            ["uninstall", "-y", "pip"],
          ];
          for (const command of commands) {
            const { output } = pip(...command);
            expect({ command, output, store: snapshot(store) }).toEqual({ command, output, store: before });
          }
          expect(times()).toEqual(timesBefore);
        },
        patience,
      );

      test(
        "pip upgrades and uninstalls, or refuses with a clear error",
        async () => {
          await fresh();
          const upgrade = pip("install", ...local, wheels, "-U", "sample");
          if (linkMode === "symlink") {
            expect(upgrade.status).toBe(1);
            expect(upgrade.output).toContain("RECORD");
            expect(pip("uninstall", "-y", "sample").status).toBe(1);
            expect(run(`${target.root}/bin/python`, ["-c", "import sample; print(sample.version)"]).output.trim()).toBe("1.0");
            return;
          }
          expect(upgrade).toMatchObject({ status: 0 });
          expect(run(`${target.root}/bin/python`, ["-c", "import sample; print(sample.version)"]).output.trim()).toBe("2.0");
          expect(existsSync(`${target.paths.purelib}/sample/old.py`)).toBe(false);
          expect(existsSync(`${target.root}/share/sample/x.txt`)).toBe(false);
          expect(pip("uninstall", "-y", "sample")).toMatchObject({ status: 0 });
          expect(existsSync(`${target.paths.purelib}/sample`)).toBe(false);
          expect(readdirSync(target.paths.purelib).filter((name) => name.startsWith("sample"))).toEqual([]);
        },
        patience,
      );

      test(
        "pen replaces and uninstalls what pip installed",
        async () => {
          await fresh();
          expect(pip("install", ...local, wheels, "neighbour")).toMatchObject({ status: 0 });
          const newer = storeSample(store, { name: "neighbour", version: "3.0", files: { "neighbour3/__init__.py": "" } });
          const report = await install(target, [newer], { linkMode });
          expect(report.changes).toEqual([{ action: "upgrade", name: "neighbour", version: "3.0", previous: "1.0" }]);
          expect(existsSync(`${target.root}/bin/neighbour-cmd`)).toBe(false);
          expect(readInstalled(target).map(({ name, version }) => `${name} ${version}`)).toContain("neighbour 3.0");
          await install(target, [], { exact: true });
          expect(readInstalled(target)).toEqual([]);
          expect(existsSync(`${target.root}/bin/pip`)).toBe(false);
        },
        patience,
      );

      test(
        "an environment whose own pip is ensurepip's behaves the same",
        async () => {
          await fresh();
          await install(target, [], { remove: ["pip" as never] });
          before = snapshot(store);
          expect(run(`${target.root}/bin/python`, ["-m", "ensurepip"])).toMatchObject({ status: 0 });
          pip("install", ...local, wheels, "-U", "--force-reinstall", "sample", "neighbour");
          pip("install", ...local, wheels, "--ignore-installed", "sample", "neighbour");
          pip("uninstall", "-y", "sample", "neighbour");
          expect(snapshot(store)).toEqual(before);
        },
        patience,
      );
    });
  }
});
