/** What the README shows of Docker and CI is run: the lines of its blocks, with the folders of an image below a folder of this machine. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execute, program, type Ran } from "./support/program.ts";
import { openWorld, projects, python, type World } from "./support/world.ts";

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);

const offered = projects(
  { name: "pip", version: "26.0" },
  { name: "lib", version: "1.0", files: { "lib.py": "words = 'from the image'\n" } },
  { name: "more", version: "1.0", files: { "more.py": "" } },
  {
    name: "pytest",
    version: "9.0",
    entryPoints: { console_scripts: { pytest: "pytest:main" } },
    files: { "pytest.py": "import lib\ndef main():\n    print('1 passed', lib.words)\n" },
  },
);
const pinned = (name: string, version: string): string =>
  `${name}==${version} --hash=sha256:${createHash("sha256")
    .update(offered[name]?.[0]?.bytes ?? "")
    .digest("hex")}\n`;

describe.skipIf(python === undefined)("README.md (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
  });
  afterAll(() => world?.close());

  /** A shell of the image; answers what the last line printed. */
  const shell = (line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> =>
    execute("/bin/sh", ["-ec", line], { cwd, env: { ...world.env, ...env } });

  test("the image: COPY, ENV and RUN of both blocks, one after the other", async () => {
    const image = join(world.folder, "image");
    const inside = (text: string): string => text.replace(/(?<![\w.$}])\/(?=(?:usr|app|cache)\b)/g, `${image}/`);
    const cwd = join(image, "work");
    const context = join(world.folder, "context");
    for (const folder of [cwd, context]) mkdirSync(folder, { recursive: true });
    copyFileSync(program(), join(context, "pen"));
    writeFileSync(join(context, "requirements.txt"), "lib==1.0\n");
    writeFileSync(join(cwd, "more.txt"), "more\n");
    const env: Record<string, string> = { PATH: `${image}/usr/local/bin:${dirname(python ?? "")}:/usr/bin:/bin` };
    let lines = 0;
    for (const line of blocks("dockerfile").join("").trim().split("\n")) {
      const [, word = "", rest = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
      lines += 1;
      if (word === "COPY") {
        const [from = "", to = ""] = rest.split(" ");
        const target = join(to.startsWith("/") ? image : cwd, to.endsWith(".") ? from : to);
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(join(context, from), target);
      } else if (word === "ENV") {
        for (const [, name = "", value = ""] of rest.matchAll(/(\w+)=(\S+)/g))
          env[name] = inside(value).replace(/\$(\w+)/g, (_, other: string) => env[other] ?? "");
      } else {
        expect([line, word]).toEqual([line, "RUN"]);
        const ran = await shell(inside(rest.replace(/^--mount=\S+ /, "")), cwd, env);
        expect([line, ran.status, ran.stderr]).toEqual([line, 0, expect.any(String)]);
      }
    }
    expect(lines).toBe(7);
    const ran = await shell("python -c 'import lib, more; print(lib.words)'", cwd, env);
    expect(ran).toMatchObject({ status: 0, stdout: "from the image\n" });
  });

  test("the job of CI: every step that is run", async () => {
    const cwd = join(world.folder, "checkout");
    mkdirSync(cwd);
    writeFileSync(join(cwd, "requirements.txt"), pinned("lib", "1.0") + pinned("pytest", "9.0"));
    const bin = join(world.folder, "ci-bin");
    mkdirSync(bin);
    copyFileSync(program(), join(bin, "pen"));
    const env = { PATH: `${bin}:${dirname(python ?? "")}:/usr/bin:/bin`, CI: "true" };
    const steps = blocks("yaml").flatMap((text) => [...text.matchAll(/^ {2}- run: (.*)$/gm)].map(([, line = ""]) => line));
    expect(steps.length).toBe(3);
    let last = "";
    for (const step of steps) {
      const ran = await shell(step, cwd, env);
      expect([step, ran.status, ran.stderr]).toEqual([step, 0, expect.any(String)]);
      last = ran.stdout;
    }
    expect(last).toBe("1 passed from the image\n");
  });
});
