/** The way of a person through a first day, typed into a real shell: make, activate, install, use, run, remove. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execute, program } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

const offered = projects(
  {
    name: "flask",
    version: "3.1.0",
    requires: ["werkzeug>=3", "click>=8"],
    entryPoints: { console_scripts: { flask: "flask:main" } },
    files: { "flask/__init__.py": "import werkzeug\n\ndef main():\n    import sys\n    print('flask 3.1.0', sys.argv[1:])\n" },
  },
  { name: "werkzeug", version: "3.0.1" },
  { name: "click", version: "8.1.7" },
  { name: "requests", version: "2.32.3" },
  { name: "jupyter", version: "1.1.1" },
);

const shells = ["sh", "bash", "zsh"].filter((shell) => spawnSync(shell, ["-c", "true"]).status === 0);

describe.skipIf(python === undefined)("needs a Python with venv and ensurepip", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
    mkdirSync(join(world.folder, "bin"));
    symlinkSync(program(), join(world.folder, "bin", "pen"));
  });
  afterAll(() => world?.close());

  for (const shell of shells) {
    test(`with ${shell}`, async () => {
      const folder = join(world.work, `with-${shell}`);
      mkdirSync(folder);
      const step = 'echo "--- $?"';
      const script = [
        "set -e",
        `pen venv -p '${python}'; ${step}`,
        `. .venv/bin/activate; ${step}`,
        `pen pip install flask requests jupyter; ${step}`,
        `pen pip list; ${step}`,
        `flask --version; ${step}`,
        `pen run python -c "import flask, sys; print(flask.__name__, sys.prefix != sys.base_prefix)"; ${step}`,
        `pip --version | cut -d' ' -f1; command -v pip; command -v python; ${step}`,
        `pen pip uninstall flask; ${step}`,
        "python -c 'import flask' 2>/dev/null || echo gone",
        "pen pip check || echo broken",
        "deactivate",
        'echo "[$VIRTUAL_ENV]"',
      ].join("\n");
      writeFileSync(join(folder, "day.sh"), script);
      const ran = await execute(shell, ["day.sh"], {
        cwd: folder,
        env: { ...world.env, PATH: `${join(world.folder, "bin")}:${world.env["PATH"]}` },
      });
      // The index of the test has no pip; the one that Python brings is taken, and that is said.
      expect({ status: ran.status, stderr: ran.stderr.replace(/^warning: .* from this machine\.\n/, "") }).toEqual({
        status: 0,
        stderr: "",
      });
      const parts = ran.stdout.split(/^--- 0\n/m);
      expect(parts).toHaveLength(9);
      const [made, activated, installed, listed, command, run, pip, removed, rest] = parts;
      expect(made).toMatch(/^Made \.venv: Python 3\.[\d.]+ with pip [\d.]+, in .*\.\nActivate it: \. \.venv\/bin\/activate\n$/);
      expect(activated).toBe("");
      expect(installed?.split("\n").slice(0, -2)).toEqual([
        " + click 8.1.7",
        " + flask 3.1.0",
        " + jupyter 1.1.1",
        " + requests 2.32.3",
        " + werkzeug 3.0.1",
      ]);
      expect(listed).toMatch(
        /^Package {2}Version\n-+ -+\nclick {4}8\.1\.7\nflask {4}3\.1\.0\njupyter {2}1\.1\.1\npip {6}[\d.]+\nrequests 2\.32\.3\n/,
      );
      expect(command).toBe("flask 3.1.0 ['--version']\n");
      expect(run).toBe("flask True\n");
      expect(pip).toBe(`pip\n${folder}/.venv/bin/pip\n${folder}/.venv/bin/python\n`);
      expect(removed).toBe("Successfully uninstalled flask-3.1.0\n");
      expect(rest).toBe("gone\nNo broken requirements found.\n[]\n");
      expect(readdirSync(folder).sort()).toEqual([".venv", "day.sh"]);
    });
  }

  test("called pip, pen is pip", async () => {
    const bin = join(world.folder, "as-pip");
    mkdirSync(bin);
    for (const name of ["pip", "pip3"]) symlinkSync(program(), join(bin, name));
    const environment = world.bareEnvironment("as-pip");
    for (const name of ["pip", "pip3"]) {
      const call = { cwd: world.work, env: { ...world.env, VIRTUAL_ENV: environment } };
      expect(await execute(join(bin, name), ["install", "click"], call)).toMatchObject({ status: 0, stderr: "" });
      expect(await execute(join(bin, name), ["freeze"], call)).toMatchObject({ status: 0, stdout: "click==8.1.7\n" });
      const failed = await execute(join(bin, name), ["instal"], call);
      expect(failed.stderr).toContain(`${name} has no command instal`);
      expect(failed.stderr).toContain(`Did you mean: ${name} install`);
    }
  });
});
