/** What the tests of `pen virtualenv` share: the real virtualenv and its wheels, and pen under the name `virtualenv`. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { program } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { tool } from "../support/tools.ts";
import type { ServedFile } from "../support/index-server.ts";

/** The folder of the wheels that the real virtualenv carries: pip and setuptools for the tests' index. */
export const wheelFolder: string | undefined = findWheels();

function findWheels(): string | undefined {
  const python = tool("python");
  if (python === undefined) return undefined;
  const { status, stdout } = spawnSync(python, ["-c", "import virtualenv.seed.wheels.embed as e; print(e.BUNDLE_FOLDER)"], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** These wheels as an index offers them. */
export function seedProjects(): Record<string, ServedFile[]> {
  const found: Record<string, ServedFile[]> = {};
  for (const filename of wheelFolder === undefined
    ? []
    : readdirSync(wheelFolder)
        .filter((name) => name.endsWith(".whl"))
        .sort())
    (found[filename.split("-")[0] ?? ""] ??= []).push({ filename, bytes: readFileSync(join(wheelFolder ?? "", filename)) });
  return found;
}

/** A Python without setuptools by default, and an older one with it, both for which the real virtualenv has seeds. */
export const modern: string | undefined = pythons().findLast(({ release: [, minor], managed }) => managed && minor >= 12)?.path;
export const older: string | undefined = pythons().findLast(
  ({ release: [, minor], managed }) => managed && (minor === 10 || minor === 11),
)?.path;

/** A folder with pen under the name `virtualenv`, to stand first on PATH. */
export function namedFolder(below: string): string {
  const folder = join(below, "named");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "virtualenv"))) symlinkSync(program(), join(folder, "virtualenv"));
  return folder;
}
