/** The commands of pip beyond installing and listing, against the real pip on twin environments: outcome, files, JSON and exit status. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  lstatSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { execute, program, type Ran } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

const offered = projects(
  { name: "app", version: "1.0", requires: ["lib<2", 'only-windows; sys_platform == "win32"'] },
  { name: "lib", version: "1.0" },
  { name: "lib", version: "1.5", served: { yanked: "broken" } },
  { name: "lib", version: "2.0" },
  { name: "lib", version: "3.0rc1" },
  { name: "only-windows", version: "1.0", tag: "py3-none-win_amd64" },
  { name: "fast", version: "1.0", tag: "cp312-cp312-manylinux2014_x86_64" },
  { name: "fast", version: "1.0", tag: "cp312-cp312-win_amd64" },
  { name: "fast", version: "1.0", tag: "cp313-cp313-macosx_11_0_arm64" },
  { name: "old-python", version: "1.0", requiresPython: "<3" },
  { name: "needs-lib", version: "1.0", requires: ["lib"] },
);

describe.skipIf(python === undefined)("beside the real pip (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;
  let twin: string;
  let folder = "";

  beforeAll(async () => {
    world = await openWorld({ projects: offered });
    environment = world.environment("env");
    twin = world.environment("twin");
    for (const place of [environment, twin]) expect((await world.pip(place, ["install", "-q", "lib==1.0"])).status).toBe(0);
  }, 60_000);
  afterAll(() => world?.close());
  beforeEach(() => {
    folder = mkdtempSync(join(world.work, "x-"));
  });

  const both = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ pen: Ran; pip: Ran }> => {
    for (const name of ["pen", "pip"]) mkdirSync(join(folder, name), { recursive: true });
    const [pen, pip] = await Promise.all([
      world.pen(["pip", ...args], { environment, env, cwd: join(folder, "pen") }),
      world.pip(twin, args, { env, cwd: join(folder, "pip") }),
    ]);
    return { pen, pip };
  };
  const filesIn = (name: string, below = ""): string[] =>
    existsSync(join(folder, name, below)) ? readdirSync(join(folder, name, below)).sort() : [];

  const downloads: ReadonlyArray<readonly string[]> = [
    ["app"],
    ["app", "-d", "some/where"],
    ["--dest", "files", "--no-deps", "app"],
    ["-d", "files", "app", "lib==1.0"],
    ["-d", "files", "--pre", "lib"],
    ["-d", "files", "-c", "../constraints.txt", "needs-lib"],
    ["-d", "files", "-r", "../requirements.txt"],
    [
      "-d",
      "files",
      "--only-binary=:all:",
      "--platform",
      "manylinux2014_x86_64",
      "--python-version",
      "312",
      "--implementation",
      "cp",
      "--abi",
      "cp312",
      "fast",
    ],
    ["-d", "files", "--only-binary=:all:", "--platform", "win_amd64", "--python-version", "3.12", "fast"],
    [
      "-d",
      "files",
      "--only-binary=:all:",
      "--platform",
      "macosx_12_0_arm64",
      "--platform",
      "win_amd64",
      "--python-version",
      "3.13",
      "fast",
    ],
    ["-d", "files", "--no-deps", "--platform", "any", "lib"],
    ["-d", "files", "--no-deps", "--platform", "win_amd64", "--python-version", "3.11", "fast"],
    ["-d", "files", "old-python"],
    ["-d", "files", "--ignore-requires-python", "old-python"],
    ["-d", "files", "nowhere"],
    ["-d", "files", "app", "lib>2"],
    ["-d", "files", "--require-hashes", "lib==1.0"],
    ["-d", "files", "-r", "../hashed.txt"],
    ["-d", "files", "-r", "../wrong-hash.txt"],
  ];
  for (const args of downloads) {
    test(`pip download ${args.join(" ")}`, async () => {
      const sha256 = (await import("node:crypto"))
        .createHash("sha256")
        .update(offered["lib"]?.[0]?.bytes ?? "")
        .digest("hex");
      writeFileSync(join(folder, "constraints.txt"), "lib<2\n");
      writeFileSync(join(folder, "requirements.txt"), "# two\napp\nfast ; python_version < '3'\n");
      writeFileSync(join(folder, "hashed.txt"), `lib==1.0 --hash=sha256:${sha256}\n`);
      writeFileSync(join(folder, "wrong-hash.txt"), `lib==1.0 --hash=sha256:${"0".repeat(64)}\n`);
      const { pen, pip } = await both(["download", ...args]);
      expect({ args, status: pen.status, stderr: pen.stderr }).toMatchObject({ status: pip.status });
      // A download that fails leaves no folder behind, where pip leaves an empty one.
      if (pip.status === 0) for (const below of ["", "files", "some/where"]) expect(filesIn("pen", below)).toEqual(filesIn("pip", below));
      const told = (ran: Ran): string[] =>
        ran.stdout
          .split("\n")
          .filter((line) => /^(Saved|Successfully)/.test(line))
          .map((line) => line.split(" ").sort().join(" "))
          .sort();
      expect(told(pen)).toEqual(told(pip));
    }, 30_000);
  }

  test("pip download again: what is there stays, and a file with a bad hash is fetched anew", async () => {
    await both(["download", "-d", "files", "app"]);
    for (const name of ["pen", "pip"]) writeFileSync(join(folder, name, "files", "app-1.0-py3-none-any.whl"), "damaged");
    const { pen, pip } = await both(["download", "-d", "files", "app"]);
    expect(pen.stderr).toContain("Previously-downloaded file app-1.0-py3-none-any.whl has bad hash. Re-downloading.");
    for (const { stdout } of [pen, pip]) {
      expect(stdout).toContain("File was already downloaded");
      expect(stdout).toMatch(/^Saved \.\/files\/app-1\.0-py3-none-any\.whl$/m);
    }
    expect(readFileSync(join(folder, "pen", "files", "app-1.0-py3-none-any.whl"))).toEqual(
      readFileSync(join(folder, "pip", "files", "app-1.0-py3-none-any.whl")),
    );
  }, 30_000);

  test("pip download from a folder into itself takes nothing away", async () => {
    const place = join(folder, "wheels");
    mkdirSync(place);
    writeFileSync(join(place, "lib-1.0-py3-none-any.whl"), offered["lib"]?.[0]?.bytes ?? "");
    const ran = await world.pen(["pip", "download", "--no-index", "-f", place, "-d", place, "lib"], { environment });
    expect(ran.status).toBe(0);
    expect(readFileSync(join(place, "lib-1.0-py3-none-any.whl"))).toEqual(Buffer.from(offered["lib"]?.[0]?.bytes ?? ""));
    expect(readdirSync(place)).toEqual(["lib-1.0-py3-none-any.whl"]);
  });

  test("pip download for two Pythons and two platforms at once, and what has no answer is told for whom", async () => {
    const ran = await world.pen(
      [
        "pip",
        "download",
        "-d",
        "many",
        "--python-version",
        "3.12",
        "--python-platform",
        "linux",
        "--python-platform",
        "windows",
        "app",
        "fast",
      ],
      { environment, cwd: folder },
    );
    expect(ran.status).toBe(0);
    expect(readdirSync(join(folder, "many")).sort()).toEqual([
      "app-1.0-py3-none-any.whl",
      "fast-1.0-cp312-cp312-manylinux2014_x86_64.whl",
      "fast-1.0-cp312-cp312-win_amd64.whl",
      "lib-1.0-py3-none-any.whl",
      "only_windows-1.0-py3-none-win_amd64.whl",
    ]);
    const none = await world.pen(
      ["pip", "download", "-d", "none", "--python-version", "3.12", "--python-version", "3.13", "--python-platform", "linux", "fast"],
      {
        environment,
        cwd: folder,
      },
    );
    expect(none.status).toBe(1);
    expect(none.stderr).toContain("For Python 3.13, linux: ");
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  for (const args of [
    ["versions", "lib"],
    ["versions", "lib", "--pre"],
    ["versions", "app"],
    ["versions", "nowhere"],
    ["versions", "old-python"],
    ["versions"],
    ["nonsense"],
    ["versions", "lib", "app"],
  ]) {
    test(`pip index ${args.join(" ")}`, async () => {
      const { pen, pip } = await both(["index", ...args]);
      expect(pen.stdout).toBe(pip.stdout);
      expect(pen.status).toBe(pip.status);
    });
  }

  const configurations: ReadonlyArray<ReadonlyArray<readonly string[]>> = [
    [["set", "global.index-url", "https://example.org/simple"], ["get", "global.index-url"], ["list"]],
    [["set", "Global.Time_Out", "9"], ["get", "global.time-out"], ["list"]],
    [["set", "--user", "install.no-deps", "yes"], ["list", "--user"], ["unset", "install.no-deps"], ["list"]],
    [["set", "global.extra-index-url", "a\nb"], ["list"]],
    [["set", "global.x", 'it\'s "quoted" \\ here'], ["list"]],
    [["set", "--site", "global.timeout", "3"], ["get", "global.timeout"], ["list"], ["unset", "--site", "global.timeout"]],
    [
      ["get", "global.nope"],
      ["get", "nope"],
      ["unset", "global.nope"],
      ["unset", "nope"],
      ["set", "nope", "x"],
    ],
    [["list", "more"], ["get"], ["set", "a.b"], ["nonsense"], [], ["--user", "--site", "list"], ["--global", "list"]],
    [["debug"], ["--isolated", "list"]],
  ];
  for (const steps of configurations) {
    test(`pip config ${steps.map((words) => words.join(" ")).join("; ")}`, async () => {
      const name = (ran: Ran): string =>
        ran.stdout
          .replaceAll(join(folder, "pen-home"), "HOME")
          .replaceAll(join(folder, "pip-home"), "HOME")
          .replaceAll(environment, "ENV")
          .replaceAll(twin, "ENV");
      for (const words of steps) {
        const [pen, pip] = await Promise.all([
          world.pen(["pip", "config", ...words], {
            environment,
            env: { HOME: join(folder, "pen-home"), PIP_NO_INPUT: "1", PIP_CONFIG_FILE: "" },
          }),
          world.pip(twin, ["config", ...words], {
            env: { HOME: join(folder, "pip-home"), PIP_CONFIG_FILE: "", PIP_INDEX_URL: "", PIP_DISABLE_PIP_VERSION_CHECK: "" },
          }),
        ]);
        const plain = (text: string): string[] =>
          text
            .split("\n")
            .filter((line) => !/PIP_|:env:|^\s+\/etc|global\.cert|^\s+, exists/.test(line))
            .sort();
        expect([words, plain(name(pen))]).toEqual([words, plain(name(pip))]);
        expect([words, pen.status]).toEqual([words, pip.status]);
      }
      for (const place of [environment, twin]) rmSync(join(place, "pip.conf"), { force: true });
    }, 60_000);
  }

  test("pip config set keeps comments, the mode of the file and a link to it", async () => {
    const home = join(folder, "home");
    mkdirSync(join(home, ".config", "pip"), { recursive: true });
    const real = join(folder, "kept.conf");
    writeFileSync(real, "# mine\n[global]\ntimeout = 5 \n\n; end\n");
    chmodSync(real, 0o600);
    symlinkSync(real, join(home, ".config", "pip", "pip.conf"));
    expect((await world.pen(["pip", "config", "set", "global.timeout", "7"], { env: { HOME: home, PIP_CONFIG_FILE: "" } })).status).toBe(0);
    expect(readFileSync(real, "utf8")).toBe("# mine\n[global]\ntimeout = 7\n\n; end\n");
    expect(lstatSync(real).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(home, ".config", "pip", "pip.conf")).isSymbolicLink()).toBe(true);
  });

  test("pip config set refuses what would make the file unreadable, and leaves it as it is", async () => {
    const home = join(folder, "home");
    for (const [key, value] of [
      ["a]b.c", "1"],
      ["global.a=b", "1"],
      ["global.#x", "1"],
      ["global.x", "a\n# b"],
      [".x", "1"],
      ["global.", "1"],
    ] as const) {
      const ran = await world.pen(["pip", "config", "set", key, value], { env: { HOME: home, PIP_CONFIG_FILE: "" } });
      expect([key, ran.status === 0]).toEqual([key, false]);
    }
    expect(existsSync(join(home, ".config", "pip", "pip.conf"))).toBe(false);
  });

  test("pip config edit: the shell reads the editor's command, never the file's name", async () => {
    const home = join(folder, "ho'me $(touch evil)");
    const ran = await world.pen(["pip", "config", "edit", "--editor", "printf '%s' "], {
      env: { HOME: home, PIP_CONFIG_FILE: "" },
      cwd: folder,
    });
    expect(ran).toMatchObject({ status: 0, stdout: join(home, ".config", "pip", "pip.conf") });
    expect(existsSync(join(folder, "evil"))).toBe(false);
    expect((await world.pen(["pip", "config", "edit"], { env: { HOME: home, PIP_CONFIG_FILE: "", EDITOR: "false" } })).status).toBe(1);
  });

  test("pip's configuration decides what pen pip asks, PEN_ variables go before it, and -v says where it comes from", async () => {
    const home = join(folder, "home");
    mkdirSync(join(home, ".config", "pip"), { recursive: true });
    writeFileSync(join(home, ".config", "pip", "pip.conf"), `[global]\nindex-url = ${world.index.indexUrl}\n[list]\nformat = json\n`);
    const env = { HOME: home, PEN_INDEX_URL: "", PIP_CONFIG_FILE: "" };
    const ran = await world.pen(["pip", "index", "versions", "lib", "-v"], { environment, env });
    expect(ran.stdout).toStartWith("lib (2.0)\n");
    expect(ran.stderr).toContain(
      `--index-url is ${world.index.indexUrl} (from ${join(home, ".config", "pip", "pip.conf")}, line 2, index-url in [global])`,
    );
    expect(JSON.parse((await world.pen(["pip", "list"], { environment, env })).stdout)).toBeArray();
    const wrong = await world.pen(["pip", "index", "versions", "lib"], {
      environment,
      env: { ...env, PIP_INDEX_URL: "http://127.0.0.1:9/simple", PIP_RETRIES: "0" },
    });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain("note: --index-url comes from the variable PIP_INDEX_URL");
    const pen = await world.pen(["pip", "index", "versions", "lib"], {
      environment,
      env: { HOME: home, PIP_CONFIG_FILE: "", PIP_INDEX_URL: "http://127.0.0.1:9/simple" },
    });
    expect(pen.status).toBe(0);
    const bad = await world.pen(["pip", "list"], { environment, env: { ...env, PIP_FORMAT: "yaml" } });
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain("the variable PIP_FORMAT");
  });

  test("a pip.conf in the project folder is never read", async () => {
    for (const name of ["pip.conf", ".pip/pip.conf", ".config/pip/pip.conf"]) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), "[global]\nformat = json\nindex-url = http://127.0.0.1:9/\n");
    }
    const ran = await world.pen(["pip", "list", "-v"], { environment, cwd: folder, env: { PIP_CONFIG_FILE: "" } });
    expect(ran.stdout).toStartWith("Package");
    expect(ran.stderr).not.toContain(folder);
  });

  for (const args of [["-r", "a.txt"], ["-r", "a.txt", "-r", "b.txt"], ["-r", "a.txt", "--exclude", "lib"], ["-l"], ["--user"]]) {
    test(`pip freeze ${args.join(" ")}`, async () => {
      for (const name of ["pen", "pip"]) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, "a.txt"), "# first\n\n--pre\nlib >= 1  # why\npip\nnowhere==2\n");
        writeFileSync(join(folder, name, "b.txt"), "--pre\n# second\nlib\n");
      }
      const { pen, pip } = await both(["freeze", ...args]);
      expect(pen.stdout).toBe(pip.stdout);
      expect(pen.status).toBe(pip.status);
      expect(pen.stderr.toLowerCase()).toBe(pip.stderr.toLowerCase());
    });
  }

  for (const args of [
    ["list", "--user"],
    ["list", "--include-editable"],
    ["list", "--format", "freeze"],
    ["list", "-o", "-u"],
    ["list", "-o", "--format", "freeze"],
    ["cache", "nonsense"],
    ["cache", "remove"],
    ["cache", "list", "a", "b"],
    ["cache", "info", "x"],
    ["cache", "--no-cache-dir", "dir"],
    ["hash"],
    ["search", "x"],
  ]) {
    test(`pip ${args.join(" ")} ends as pip's`, async () => {
      const { pen, pip } = await both(args);
      // Of pip before 24.2 some of these end otherwise; what they print for people differs.
      expect(pen.status === 0).toBe(pip.status === 0);
      if (pip.status === 0) expect(pen.stdout).toBe(pip.stdout);
    });
  }

  test("pip cache in pip's words: list, remove, purge", async () => {
    const env = { PEN_CACHE_DIR: join(folder, "cache") };
    const call = (...words: string[]): Promise<Ran> => world.pen(["pip", "cache", ...words], { environment, env });
    expect((await call("list")).stdout).toBe("No locally built wheels cached.\n");
    expect((await world.pen(["pip", "install", "--target", join(folder, "t"), "app"], { environment, env })).status).toBe(0);
    expect((await call("list")).stdout).toMatch(
      /^Cache contents:\n\n - app-1\.0-py3-none-any\.whl \(\d+ bytes\)\n - lib-1\.0-py3-none-any\.whl \(\d+ bytes\)\n$/,
    );
    expect((await call("list", "li?-1*")).stdout).toContain("lib-1.0");
    expect((await call("list", "li")).stdout).toBe("No locally built wheels cached.\n");
    expect((await call("remove", "lib")).stdout).toMatch(/^Files removed: 1 \(/);
    expect((await call("remove", "lib")).stderr).toContain('No matching packages for pattern "lib"');
    expect((await call("purge")).stdout).toMatch(/^Files removed: \d+ \(/);
    expect((await call("info")).stdout).toContain("Number of locally built wheels: 0\n");
    expect((await call("dir")).stdout).toBe(`${join(folder, "cache")}\n`);
  });

  test("pip install --group, --requirements-from-script and --only-deps", async () => {
    writeFileSync(
      join(folder, "pyproject.toml"),
      '[dependency-groups]\ndev = ["app", {include-group = "Base_One"}]\nbase-one = ["fast; python_version < \'3\'"]\nloop = [{include-group = "loop"}]\n',
    );
    writeFileSync(join(folder, "script.py"), '# /// script\n# dependencies = ["lib<2"]\n# ///\nimport lib\n');
    const wouldInstall = async (...words: string[]): Promise<string[]> => {
      const ran = await world.pen(["pip", "install", "--dry-run", "--json", "--target", join(folder, "t"), ...words], {
        environment,
        cwd: folder,
      });
      const { packages = [], error } = JSON.parse(ran.stdout) as { packages?: Array<{ name: string }>; error?: { code: string } };
      return error === undefined ? packages.map(({ name }) => name).sort() : [error.code];
    };
    expect(await wouldInstall("--group", "dev")).toEqual(["app", "lib"]);
    expect(await wouldInstall("--group", "pyproject.toml:DEV")).toEqual(["app", "lib"]);
    expect(await wouldInstall("--requirements-from-script", "script.py")).toEqual(["lib"]);
    expect(await wouldInstall("--only-deps", "app")).toEqual(["lib"]);
    expect(await wouldInstall("--only-deps", "app", "lib")).toEqual([]);
    expect(await wouldInstall("--group", "loop")).toEqual(["INVALID_PROJECT"]);
    expect(await wouldInstall("--group", "nowhere")).toEqual(["INVALID_PROJECT"]);
    expect(await wouldInstall("--only-deps", "--no-deps", "app")).toEqual(["OPTION_CONFLICT"]);
    expect(await wouldInstall("--requirements-from-script", "pyproject.toml")).toEqual(["INVALID_PROJECT"]);
  });

  test("a bundle: one file for two Pythons and platforms, from which an environment is filled without a network", async () => {
    const file = join(folder, "app.tar");
    const target = ["--python-version", "3.12", "--python-platform", "linux", "--python-platform", "windows"];
    const made = await world.pen(["pip", "download", "--bundle", file, ...target, "app", "fast"], { environment, cwd: folder });
    expect(made).toMatchObject({ status: 0, stdout: "Saved ./app.tar\nSuccessfully downloaded app fast lib only-windows\n" });
    const bytes = readFileSync(file);
    expect((await world.pen(["pip", "download", "--bundle", file, ...target, "app", "fast"], { environment })).status).toBe(0);
    expect(readFileSync(file)).toEqual(bytes);
    for (const name of ["pylock.Python-3-12-linux.toml", "pylock.Python-3-12-windows.toml", "wheels/fast-1.0-cp312-cp312-win_amd64.whl"])
      expect(bytes.includes(name)).toBe(true);
    const offline = { PEN_INDEX_URL: "http://127.0.0.1:9/", PEN_CACHE_DIR: join(folder, "cache") };
    const install = (...words: string[]): Promise<Ran> =>
      world.pen(["pip", "install", "--offline", "--target", join(folder, "t"), ...words], { environment, env: offline });
    expect(await install("--bundle", file, "app")).toMatchObject({ status: 0 });
    expect(readdirSync(join(folder, "t")).filter((name) => name.endsWith(".dist-info"))).toEqual([
      "app-1.0.dist-info",
      "lib-1.0.dist-info",
    ]);
    // Damage is found before anything is looked at.
    const at = bytes.indexOf("pen-bundle/wheels/lib-1.0-py3-none-any.whl") + 512 + 40;
    writeFileSync(file, Buffer.concat([bytes.subarray(0, at), Buffer.from("damage"), bytes.subarray(at + 6)]));
    const damaged = await install("--bundle", file, "--force-reinstall", "app");
    expect(damaged.status).toBe(1);
    expect(damaged.stderr).toContain("[HASH_MISMATCH]");
    writeFileSync(file, "no tar");
    expect((await install("--bundle", file)).stderr).toContain("[INVALID_SOURCE]");
    expect((await install("--bundle", join(folder, "absent.tar"))).status).toBe(1);
    expect((await world.pen(["pip", "download", "--bundle", file, "-d", "x", "app"], { environment })).stderr).toContain(
      "[OPTION_CONFLICT]",
    );
  }, 30_000);

  test("under the name pip: pip's version line, and pip's rule for several indexes", async () => {
    const other = await openWorld({ projects: projects({ name: "lib", version: "9.0" }) });
    try {
      const pip = join(folder, "pip");
      symlinkSync(program(), pip);
      const call = (path: string, words: readonly string[]): Promise<Ran> =>
        execute(path, words, { cwd: folder, env: { ...world.env, VIRTUAL_ENV: environment } });
      expect((await call(pip, ["--version"])).stdout).toMatch(/^pip 26\.3 from \//);
      const words = ["index", "versions", "lib", "--extra-index-url", other.index.indexUrl];
      expect((await call(pip, words)).stdout).toStartWith("lib (9.0)\n");
      expect((await call(pip, [...words, "--index-strategy", "first-index"])).stdout).toStartWith("lib (2.0)\n");
      expect((await world.pen(["pip", ...words], { environment })).stdout).toStartWith("lib (2.0)\n");
    } finally {
      await other.close();
    }
  });

  test("--log adds what happened to a file", async () => {
    for (let round = 0; round < 2; round += 1)
      await world.pen(["pip", "install", "--log", "logs/pen.log", "nowhere"], { environment, cwd: folder });
    const lines = readFileSync(join(folder, "logs/pen.log"), "utf8").split("\n");
    expect(lines.filter((line) => /^\d{4}-\d\d-\d\dT[\d:,]+ Command line: pen pip install/.test(line))).toHaveLength(2);
    expect(lines.join("\n")).toContain("PACKAGE_NOT_FOUND");
  });
});
