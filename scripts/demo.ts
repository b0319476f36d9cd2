/**
 * Plays the story of two projects that need two versions of one library, on the real index: project a with psycopg 2 and Django 4.2,
 * project b with psycopg 3 and Django 5.2, an environment for each. Proves that the global Python stays as it was.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment } from "./clean-environment.ts";

const root = join(import.meta.dirname, "..");
const pen = join(root, "dist", "pen");
const place = mkdtempSync(join(tmpdir(), "pen-demo-"));
const environment = cleanEnvironment(join(place, "home"), { PEN_CACHE_DIR: process.env["PEN_CACHE_DIR"] ?? join(place, "cache") });
const times: Array<readonly [what: string, milliseconds: number]> = [];

function run(command: string, args: readonly string[], options: { readonly cwd?: string; readonly show?: boolean } = {}): string {
  const { stdout, stderr, status, error } = spawnSync(command, args, { cwd: options.cwd ?? root, env: environment, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (options.show === true) process.stdout.write(indent(`${stdout}${stderr}`));
  if (status !== 0) {
    process.stderr.write(`${command} ${args.join(" ")} failed with status ${status}\n${stdout}${stderr}\n`);
    process.exit(1);
  }
  return stdout;
}

function timed(what: string, args: readonly string[], cwd: string): void {
  console.log(`  $ pen ${args.join(" ")}`);
  const started = performance.now();
  run(pen, args, { cwd, show: true });
  times.push([what, performance.now() - started]);
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, "    ");

/** A digest of the names, sizes, times and kinds of everything below a folder. */
function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const walk = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      const full = join(path, name);
      const status = lstatSync(full);
      hash.update(`${full}\0${status.size}\0${status.mtimeMs}\0${status.mode}\n`);
      if (status.isDirectory()) walk(full);
    }
  };
  walk(folder);
  return hash.digest("hex");
}

interface Project {
  readonly name: string;
  readonly requirements: readonly string[];
  readonly module: string;
}

const projects: readonly Project[] = [
  { name: "a", requirements: ["psycopg2-binary", "django==4.2.*"], module: "psycopg2" },
  { name: "b", requirements: ["psycopg[binary]", "django==5.2.*"], module: "psycopg" },
];

run(process.execPath, [join(root, "scripts", "build.ts"), "--only", "executable"]);
mkdirSync(join(place, "home"));
const python = run(pen, ["python", "find", ">=3.10"]).trim();
const folders = JSON.parse(
  run(python, ["-I", "-c", "import site, json; print(json.dumps([p for p in site.getsitepackages() if __import__('os').path.isdir(p)]))"]),
) as string[];
const before = folders.map(digestOf);
console.log(`The global Python is ${python}\n`);

for (const project of projects) {
  const folder = join(place, project.name);
  mkdirSync(folder);
  console.log(`Project ${project.name} needs ${project.requirements.join(" and ")}`);
  timed(`${project.name}: make the environment`, ["venv", "--python", python], folder);
  timed(`${project.name}: install`, ["pip", "install", ...project.requirements], folder);
}

console.log("\nEach project sees its own versions:");
for (const { name, module } of projects) {
  const lines = [
    `import sys, django, ${module}`,
    `print("import ${module}:", ${module}.__version__)`,
    'print("import django:", django.get_version())',
    'print("sys.prefix:     ", sys.prefix)',
    'print("sys.base_prefix:", sys.base_prefix)',
    "assert sys.prefix != sys.base_prefix",
  ];
  console.log(`  ${name}:`);
  run(pen, ["run", "python", "-c", lines.join("\n")], { cwd: join(place, name), show: true });
}

const touched = folders.filter((folder, at) => digestOf(folder) !== before[at]);
if (touched.length > 0) {
  console.error(`The global Python was changed: ${touched.join(", ")}`);
  process.exit(1);
}
console.log(`\nThe global Python is untouched: every name, size and time in ${folders.join(", ")} is as before.\n`);
for (const [what, milliseconds] of times) console.log(`  ${what.padEnd(26)} ${milliseconds.toFixed(0).padStart(6)} ms`);
rmSync(place, { recursive: true, force: true });
