import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPenError } from "#foundation";
import { cleanEnvironment, programOnPath, realPythons, run } from "../../tests/support/interpreters.ts";
import { entryPointLauncher, isOwnLauncher, rewriteScriptShebang } from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const base = mkdtempSync(join(tmpdir(), "pen-launchers-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const env = cleanEnvironment(join(base, "home"));
const pythons = realPythons();

/** A folder with a `python` link and executable files. */
function bin(folder: string, python: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(python, join(folder, "python"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const report =
  "import os, sys\ndef main():\n    print(os.path.realpath(os.path.dirname(sys.executable)) + '/' + os.path.basename(sys.executable), sys.argv)\n    return 3\nclass tool:\n    run = staticmethod(main)\n";
const launcher = entryPointLauncher({ module: "command_module", attribute: "main" });
const rewritten = (text: string): string => Buffer.from(rewriteScriptShebang(Buffer.from(text, "latin1"))!).toString("latin1");

describe("entryPointLauncher", () => {
  test("is the same text for every environment, and known as our own", () => {
    expect(entryPointLauncher({ module: "command_module", attribute: "main" })).toBe(launcher);
    expect(isOwnLauncher(launcher)).toBe(true);
    expect(isOwnLauncher("#!/bin/sh\necho\n")).toBe(false);
    expect(isOwnLauncher("#!/usr/bin/python3\nimport sys\n")).toBe(false);
  });

  test("module and attribute that are not Python names never become code", () => {
    for (const [module, attribute] of [
      ["os;import x", "main"],
      ["os", "main()#"],
      ["os\nimport x", "main"],
      ["os'''", "main"],
      ["", "main"],
      ["os", ""],
      ["a..b", "c"],
      ["a", "b-c"],
    ] as const) {
      try {
        entryPointLauncher({ module, attribute });
        throw new Error(`accepted ${module}:${attribute}`);
      } catch (error) {
        expect(isPenError(error, "INVALID_ENTRY_POINT")).toBe(true);
      }
    }
  });

  for (const python of pythons) {
    test(`runs under ${python.replace(/^.*versions\//, "")}`, () => {
      const folder = bin(mkdtempSync(join(base, "run-")) + "/bin", python, {
        tool: launcher,
        "dotted-script.pyw": entryPointLauncher({ module: "command_module", attribute: "tool.run" }),
        "tool.exe": launcher,
        "command_module.py": report,
      });
      for (const [name, shown] of [
        ["tool", "tool"],
        ["dotted-script.pyw", "dotted"],
        ["tool.exe", "tool"],
      ] as const) {
        const result = run([join(folder, name), "a b", "-x", "*"], {
          env: { ...env, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "error" },
          cwd: base,
        });
        expect(result).toEqual({ status: 3, stdout: `${folder}/python ['${folder}/${shown}', 'a b', '-x', '*']\n`, stderr: "" });
      }
    });
  }

  test.skipIf(pythons.length === 0)("finds its Python by every way of calling it, and after a move", () => {
    for (const name of ["plain", "a b", "it's", 'a"b', "$(touch pwned)", "`touch pwned`", "a\nb", "é", "*", "-n", "a\\b", "a\n"]) {
      const root = mkdtempSync(join(base, "call-"));
      let folder = bin(join(root, name, "bin"), pythons.at(-1)!, { tool: launcher, "command_module.py": report });
      const check = (command: readonly string[], cwd: string, PATH: string = env["PATH"]!) => {
        const { stdout, stderr } = run(command, { env: { ...env, PATH, PYTHONDONTWRITEBYTECODE: "1" }, cwd });
        expect({ name, command, stderr, executable: stdout.slice(0, folder.length + 7) }).toEqual({
          name,
          command,
          stderr: "",
          executable: `${folder}/python`,
        });
      };
      check([join(folder, "tool")], root);
      check(["./tool"], folder);
      check(["sh", "tool"], folder);
      check(["sh", "-c", "tool"], root, `${folder}:${env["PATH"]}`);
      symlinkSync(join(folder, "tool"), join(root, "absolute link"));
      check([join(root, "absolute link")], root);
      mkdirSync(join(root, "deep"));
      symlinkSync(`../${name}/bin/tool`, join(root, "deep", "relative"));
      check([join(root, "deep", "relative")], base);
      symlinkSync("deep/relative", join(root, "chain"));
      check([join(root, "chain")], base);
      linkSync(join(folder, "tool"), join(folder, "hard"));
      check([join(folder, "hard")], base);
      renameSync(dirname(folder), join(root, "moved"));
      folder = join(root, "moved", "bin");
      check([join(folder, "tool")], root);
      expect(run(["ls"], { env, cwd: root }).stdout).not.toContain("pwned");
    }
  });

  test("without its Python it says so and ends with 127", () => {
    const folder = bin(mkdtempSync(join(base, "gone-")), "/nowhere/python3", { tool: launcher });
    const { status, stderr } = run([join(folder, "tool")], { env, cwd: base });
    expect(status).toBe(127);
    expect(stderr).toBe(
      `${folder}/tool: the Python of this environment is missing: ${folder}/python\nMake the environment again, for example with: pen venv --clear\n`,
    );
  });

  for (const shell of ["bash", "dash", "zsh", "busybox", "ksh"]) {
    const path = programOnPath(shell);
    test.skipIf(path === undefined || pythons.length === 0)(
      `also when sh is ${shell}${path === undefined ? " (skipped: not installed)" : ""}`,
      () => {
        const folder = bin(mkdtempSync(join(base, "sh-")), pythons[0]!, { tool: launcher, "command_module.py": report });
        symlinkSync("tool", join(folder, "link"));
        const sh = join(folder, "sh");
        copyFileSync(path!, sh);
        for (const name of ["tool", "link"]) {
          const { stdout, stderr } = run([sh, join(folder, name), "x"], { env: { ...env, PYTHONDONTWRITEBYTECODE: "1" }, cwd: base });
          expect({ stdout, stderr }).toEqual({ stdout: `${folder}/python ['${folder}/${name}', 'x']\n`, stderr: "" });
        }
      },
    );
  }
});

describe("rewriteScriptShebang", () => {
  test("takes only scripts that begin with #!python", () => {
    for (const text of [
      "#!/bin/sh\n",
      "#!/usr/bin/env python\n",
      "#! python\n",
      "#!pythonic\n",
      "#!/usr/bin/python\n",
      "",
      "import os\n",
      "\ufeff#!python\n",
      " #!python\n",
    ])
      expect(rewriteScriptShebang(Buffer.from(text))).toBeUndefined();
    for (const text of ["#!python\n", "#!pythonw\r\n", "#!python3\nx = 1\n", "#!python -u\n", "#!python", "#!python3.11 -E -s\r\n"]) {
      expect(isOwnLauncher(rewritten(text))).toBe(true);
    }
  });

  test("keeps plain options and nothing that a shell would expand", () => {
    expect(rewritten("#!python -u -E\n")).toContain('/python" -u -E "$_pen_self"');
    expect(rewritten("#!python -c $(touch x)\n")).not.toContain("touch");
    expect(rewritten("#!python ;reboot\n")).not.toContain("reboot");
  });

  const body = "print(ascii('\u00e9'), __name__, ascii(__doc__))\n";
  const scripts: Readonly<Record<string, readonly [text: string, printed: string]>> = {
    plain: ["#!python\nprint(ascii('\u00c3\u00a9'), __name__)\n", "'\\xe9' __main__"],
    "windows line ends": ["#!python\r\n\r\n# one\r\n\r\nif True:\r\n    print('x')\r\n", "x"],
    "old mac line ends": ["#!python\r# one\r\rprint('x')\r", "x"],
    "cookie in line 2": [`#!python\n# -*- coding: latin-1 -*-\n'''doc \u00e9'''\n${body}`, "'\\xe9' __main__ 'doc \\xe9'"],
    "cookie in line 1": [`#!python -*- coding: latin-1 -*-\n${body.replace(", ascii(__doc__)", "")}`, "'\\xe9' __main__"],
    docstring: ['#!python\n"""Usage: x\n\nit\'s"""\nprint(__doc__ == "Usage: x\\n\\nit\'s")\n', "True"],
    "docstring of parts": ["#!python\nr'a\\d' \"b\"; print(__doc__)\n", "a\\db"],
    future: ["#!python\n# c\n\n\fimport sys\n", ""],
    "from __future__": ["#!python\n# c\nfrom __future__ import division\nprint(1 / 2)\n", "0.5"],
    "docstring and from __future__": ["#!python\n'''doc'''\nfrom __future__ import division\nprint(__doc__.endswith('doc'))\n", "True"],
    "last line without end": ["#!python\nprint('x')", "x"],
    "blank lines with blanks": ["#!python\n   \n\t\n# a\n  # b\nprint('x')\n", "x"],
  };
  for (const python of [pythons[0], pythons.at(-2)].filter((path) => path !== undefined)) {
    for (const [what, [text, printed]] of Object.entries(scripts)) {
      test(`${what}: runs as before under ${python.replace(/^.*versions\//, "")}`, () => {
        const folder = bin(mkdtempSync(join(base, "script-")), python, { script: rewriteScriptShebang(Buffer.from(text, "latin1"))! });
        const { stdout, stderr } = run([join(folder, "script")], { env: { ...env, PYTHONWARNINGS: "error" }, cwd: base });
        expect({ stdout: stdout.trimEnd(), stderr }).toEqual({ stdout: printed, stderr: "" });
      });
    }
  }

  test("hostile input of 64 KiB is answered in under 100 ms", () => {
    for (const filler of [" ", "\r", "# \r", "\f", "-a ", "coding:", "'", "\n", "from __future__ "]) {
      const bytes = Buffer.from(`#!python ${filler.repeat(65536 / filler.length)}`, "latin1");
      const start = processorTime();
      rewriteScriptShebang(bytes);
      rewriteScriptShebang(Buffer.from(`#!python\n${filler.repeat(65536 / filler.length)}`, "latin1"));
      expect(processorTime() - start).toBeLessThan(100);
    }
  });
});
