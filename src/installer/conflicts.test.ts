import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  install,
  plainTarget,
  recorder,
  scratch,
  snapshot,
  type InstallOptions,
  type Scratch,
} from "../../tests/support/install-targets.ts";
import { storeSample, type SampleWheel } from "../../tests/support/stored-wheels.ts";
import { readInstalled, type InstallTarget } from "./index.ts";

let place: Scratch;
let target: InstallTarget;
beforeEach(() => {
  place = scratch();
  target = plainTarget(join(place.path, "env"));
  mkdirSync(target.paths.scripts, { recursive: true });
  mkdirSync(target.paths.purelib, { recursive: true });
  writeFileSync(join(target.root, "pyvenv.cfg"), "home = /usr/bin\n");
  for (const name of ["python", "python3", "activate", "activate.fish", "person"]) writeFileSync(join(target.paths.scripts, name), name);
});
afterEach(() => place.remove());

const wheel = (name: string, files: SampleWheel["files"], more: Partial<SampleWheel> = {}) =>
  storeSample(join(place.path, "store"), { name, version: "1.0", files: files ?? {}, ...more });
const fails = async (wheels: Parameters<typeof install>[1], options: InstallOptions, ...words: readonly string[]): Promise<void> => {
  const before = snapshot(target.root);
  const error = await install(target, wheels, options).then(
    () => undefined,
    (error: Error & { code: string }) => error,
  );
  expect(error?.code).toBe("FILE_CONFLICT");
  for (const word of words) expect(error?.message).toContain(word);
  expect(snapshot(target.root)).toEqual(before);
};

describe("two distributions want one file", () => {
  for (const linkMode of ["hardlink", "symlink"] as const) {
    test(`${linkMode}: different bytes in one command, or against an installed one (ow_other_dist)`, async () => {
      await fails([wheel("one", { "pkg/x.py": "1", "pkg/a.py": "" }), wheel("two", { "pkg/x.py": "2" })], { linkMode }, "one", "two");
      await install(target, [wheel("one", { "pkg/x.py": "1", "pkg/a.py": "" })], { linkMode });
      await fails([wheel("two", { "pkg/x.py": "2" })], { linkMode }, "two", "x.py");
    });

    test(`${linkMode}: equal bytes are shared with a warning, and stay until the last one leaves (rec_other_dist)`, async () => {
      const { events, emit } = recorder();
      await install(
        target,
        [wheel("one", { "ns/__init__.py": "same", "ns/one.py": "1" }), wheel("two", { "ns/__init__.py": "same", "ns/two.py": "2" })],
        { linkMode, emit },
      );
      await install(target, [wheel("three", { "ns/__init__.py": "same", "ns/three.py": "3" })], { linkMode, emit });
      expect(events.filter((event) => event.type === "log" && event.code === "shared-file").length).toBe(2);
      const folder = linkMode === "symlink" ? join(target.paths.purelib, "../linked-packages/ns") : join(target.paths.purelib, "ns");
      for (const name of ["one", "three", "two"]) {
        expect(existsSync(join(folder, "__init__.py"))).toBe(true);
        await install(target, [], { remove: [name as never] });
      }
      expect(existsSync(folder)).toBe(false);
    });
  }

  test("--overwrite lets the new one win, and the old file comes back when the command fails", async () => {
    await install(target, [wheel("one", { "pkg/x.py": "1" })]);
    const broken = wheel("two", { "pkg/x.py": "2" });
    const before = snapshot(target.root);
    const gone = join(broken.folder, broken.manifest.files.find(({ path }) => path.endsWith("METADATA"))?.source ?? "");
    rmSync(gone);
    await expect(install(target, [broken], { overwrite: true })).rejects.toMatchObject({ code: "FILE_SYSTEM" });
    expect(snapshot(target.root)).toEqual(before);
    await install(target, [wheel("two", { "pkg/x.py": "two" })], { overwrite: true });
    expect(readFileSync(join(target.paths.purelib, "pkg/x.py"), "utf8")).toBe("two");
  });

  test("a file of one and a folder of another", async () => {
    await fails([wheel("one", { thing: "file" }), wheel("two", { "thing/x.py": "" })], {}, "thing");
    await fails([wheel("one", { "thing/x.py": "" }), wheel("two", { thing: "file" })], {}, "thing");
    await install(target, [wheel("one", { "thing/x.py": "" })]);
    await fails([wheel("two", { thing: "file" })], {}, "thing");
  });
});

describe("files that nobody owns", () => {
  test("a person's file is not replaced, a file with the right bytes is taken over", async () => {
    writeFileSync(join(target.paths.purelib, "mine.py"), "mine");
    await fails([wheel("one", { "mine.py": "theirs" })], {}, "mine.py", "no package");
    await install(target, [wheel("one", { "mine.py": "mine" })]);
    await install(target, [], { exact: true });
    expect(existsSync(join(target.paths.purelib, "mine.py"))).toBe(false);
  });

  test("what another tool left half-installed is completed", async () => {
    const sample = wheel("half", { "half/a.py": "a", "half/b.py": "b" });
    mkdirSync(join(target.paths.purelib, "half"));
    mkdirSync(join(target.paths.purelib, "half-1.0.dist-info"));
    writeFileSync(join(target.paths.purelib, "half/a.py"), "a");
    writeFileSync(join(target.paths.purelib, "half-1.0.dist-info/INSTALLER"), "uv");
    expect((await install(target, [sample])).changes.map(({ action }) => action)).toEqual(["reinstall"]);
    expect(readFileSync(join(target.paths.purelib, "half/b.py"), "utf8")).toBe("b");
    expect(readInstalled(target)[0]?.installer()).toBe("pen");
  });
});

describe("security: a wheel never replaces what makes the environment one", () => {
  const attacks: Record<string, Partial<SampleWheel>> = {
    ow_python_script: { data: { "scripts/python": "evil" } },
    ow_python_data: { data: { "data/bin/python3": "evil" } },
    ow_python_new: { data: { "data/bin/python3.12": "evil" } },
    ow_python_ep: { commands: { python: "evil:main" } },
    ow_python_casevar: { data: { "scripts/Python": "evil" } },
    ow_pyvenv_cfg: { data: { "data/pyvenv.cfg": "evil" } },
    ow_activate: { data: { "scripts/activate": "evil" } },
    ow_activate_new: { data: { "data/bin/activate.csh": "evil" } },
    ow_journal: { data: { "data/.pen/journal.json": "{}" } },
    ow_unowned_script: { data: { "scripts/person": "evil" } },
  };
  for (const [name, more] of Object.entries(attacks)) {
    for (const linkMode of ["hardlink", "symlink"] as const)
      test(`${name} (${linkMode})`, () =>
        fails(
          [wheel("evil", { "evil.py": "" }, more)],
          { linkMode, ...(name === "ow_unowned_script" ? {} : { overwrite: true }) },
          "evil",
        ));
  }

  test("ow_journal_target: nor with --target, where site-packages is the root", async () => {
    const { root } = target;
    target = { ...target, paths: { ...target.paths, purelib: root, platlib: root } };
    await fails([wheel("evil", { ".pen/journal.json": "{}" })], { overwrite: true }, "evil");
  });

  test("symlink_dir_write: a folder that is a link to elsewhere is not written through", async () => {
    const outside = join(place.path, "outside");
    mkdirSync(outside);
    symlinkSync(outside, join(target.paths.purelib, "pkg"));
    for (const linkMode of ["hardlink", "symlink"] as const)
      await install(target, [wheel("evil", { "pkg/x.py": "" })], { linkMode }).catch(() => {});
    expect(existsSync(join(outside, "x.py"))).toBe(false);
  });
});

describe("security: a RECORD never removes what is not its own", () => {
  const install_ = (rows: string): void => {
    const info = join(target.paths.purelib, "evil-1.0.dist-info");
    mkdirSync(info, { recursive: true });
    writeFileSync(join(info, "METADATA"), "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n");
    writeFileSync(join(info, "INSTALLER"), "pip\n");
    writeFileSync(join(info, "RECORD"), rows);
  };
  const remove = async (): Promise<readonly string[]> => {
    const { events, emit } = recorder();
    await install(target, [], { remove: ["evil" as never], emit });
    expect(readInstalled(target).map(({ name }) => String(name))).not.toContain("evil");
    return events.flatMap((event) => (event.type === "log" ? [event.code] : []));
  };

  test("rec_trav_delete and rec_abs_delete: nothing outside", async () => {
    const victim = join(place.path, "victim");
    writeFileSync(victim, "v");
    install_(`../../../../victim,,\n${victim},,\n../../../../env/../victim,,\nevil-1.0.dist-info/RECORD,,\n`);
    expect(await remove()).toEqual(["foreign-file"]);
    expect(existsSync(victim)).toBe(true);
  });

  test("rec_interpreter_delete: not the interpreter, pyvenv.cfg, activation or pen's folder", async () => {
    install_("../../../bin/python,,\n../../../bin/activate,,\n../../../pyvenv.cfg,,\n../../../.pen/lock,,\n");
    expect(await remove()).toEqual(["foreign-file"]);
    for (const path of ["bin/python", "bin/activate", "pyvenv.cfg", ".pen/lock"]) expect(existsSync(join(target.root, path))).toBe(true);
  });

  test("rec_other_dist: not another distribution's file", async () => {
    await install(target, [wheel("good", { "good/__init__.py": "g" }, { commands: { good: "good:main" } })]);
    install_("good/__init__.py,,\n../../../bin/good,,\n./good/../good/__init__.py,,\n");
    expect(await remove()).toEqual(["shared-file", "shared-file"]);
    expect(existsSync(join(target.paths.purelib, "good/__init__.py"))).toBe(true);
    expect(existsSync(join(target.paths.scripts, "good"))).toBe(true);
  });

  test("rec_folder_delete and rec_link_delete: no folder, and nothing behind a link", async () => {
    const outside = join(place.path, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), "x");
    symlinkSync(outside, join(target.paths.purelib, "door"));
    mkdirSync(join(target.paths.purelib, "folder"));
    install_("door/file,,\nfolder,,\n../..,,\n");
    await remove();
    expect(existsSync(join(outside, "file"))).toBe(true);
    expect(existsSync(join(target.paths.purelib, "folder"))).toBe(true);
  });

  test("rec_broken: a RECORD that cannot be read removes nothing", async () => {
    install_('"unclosed');
    const before = snapshot(target.root);
    await expect(remove()).rejects.toMatchObject({ code: "INVALID_RECORD" });
    expect(snapshot(target.root)).toEqual(before);
  });

  test("without RECORD the error names the tool", async () => {
    install_("");
    rmSync(join(target.paths.purelib, "evil-1.0.dist-info/RECORD"));
    writeFileSync(join(target.paths.purelib, "evil-1.0.dist-info/INSTALLER"), "apt\n");
    await expect(remove()).rejects.toMatchObject({ code: "ENV_BROKEN", message: "Cannot uninstall evil 1.0", hint: "Remove it with apt." });
    writeFileSync(join(target.paths.purelib, "evil-1.0.dist-info/INSTALLER"), "pen\n");
    await expect(remove()).rejects.toMatchObject({
      hint: expect.stringContaining("pen pip install --force-reinstall --no-deps evil==1.0"),
    });
  });
});

describe("old formats", () => {
  const put = (path: string, content: string): void => writeFileSync(join(target.paths.purelib, path), content);

  test("egg-info with a list of files is uninstalled, without one refused in pip's sense", async () => {
    mkdirSync(join(target.paths.purelib, "old-1-py3.12.egg-info"));
    put("old.py", "");
    put("old-1-py3.12.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: old\nVersion: 1\n");
    put("old-1-py3.12.egg-info/installed-files.txt", "../old.py\nPKG-INFO\n../../../../../../victim\n");
    put("distutils_thing-1.egg-info", "Metadata-Version: 1.0\nName: distutils-thing\nVersion: 1\n");
    await install(target, [], { remove: ["old" as never] });
    expect(existsSync(join(target.paths.purelib, "old.py"))).toBe(false);
    await expect(install(target, [], { remove: ["distutils-thing" as never] })).rejects.toMatchObject({
      code: "ENV_BROKEN",
      why: expect.stringContaining("distutils installed project"),
    });
  });

  test("egg-link: the link, its line and its commands go, the project stays", async () => {
    const project = join(place.path, "project");
    mkdirSync(join(project, "dev.egg-info"), { recursive: true });
    writeFileSync(join(project, "dev.egg-info/PKG-INFO"), "Metadata-Version: 1.0\nName: dev\nVersion: 1\n");
    const points = [
      "[console_scripts]",
      "dev = dev:main",
      "activate = dev:main",
      "../../evil = dev:main",
      ".. = dev:main",
      "[gui_scripts]",
      "gone = dev:main",
    ];
    writeFileSync(join(project, "dev.egg-info/entry_points.txt"), points.join("\n"));
    for (const name of ["dev", "activate", "mine"]) writeFileSync(join(target.paths.scripts, name), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(target.root, "..", "evil"), "");
    put("dev.egg-link", `${project}\n.`);
    put("easy-install.pth", `/other\n${project}\n`);
    // A second name for the same file shows whether it was written in place.
    linkSync(join(target.paths.purelib, "easy-install.pth"), join(place.path, "witness"));
    await install(target, [], { remove: ["dev" as never] });
    expect(readFileSync(join(target.paths.purelib, "easy-install.pth"), "utf8")).toBe("/other\n");
    expect(readFileSync(join(place.path, "witness"), "utf8")).toContain(project);
    expect(existsSync(join(project, "dev.egg-info/PKG-INFO"))).toBe(true);
    expect(existsSync(join(target.paths.purelib, "dev.egg-link"))).toBe(false);
    // Its commands go with it, and nothing else.
    expect(["dev", "activate", "mine"].map((name) => existsSync(join(target.paths.scripts, name)))).toEqual([false, true, true]);
    expect(existsSync(join(target.root, "..", "evil"))).toBe(true);
  });

  test("egg-link: a list of paths that it was alone in goes with it", async () => {
    const project = join(place.path, "project");
    mkdirSync(join(project, "dev.egg-info"), { recursive: true });
    put("dev.egg-link", `${project}\n.`);
    put("easy-install.pth", `${project}\n\n`);
    await install(target, [], { remove: ["dev" as never] });
    expect(existsSync(join(target.paths.purelib, "easy-install.pth"))).toBe(false);
  });
});
