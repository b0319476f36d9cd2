/** How the executable is built. In one place: what the tests run is what is released. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { largePieces, smallPiece, writeInPieces } from "./large-pages.ts";
import { alignSegments, isElf64, segmentsOf } from "./segments.ts";

const root = join(import.meta.dirname, "..");

/** The words with which Bun compiles it. */
function executableArguments(entries: readonly string[], outfile: string): string[] {
  return [
    "build",
    ...entries,
    "--compile",
    "--minify",
    "--bytecode",
    "--format=esm",
    // What a command does not need is neither loaded nor paid for at start.
    "--splitting",
    // Small parts stand with what loads them anyway.
    "--min-chunk-size=8192",
    // Code that runs for milliseconds never pays back what compiling it costs; long work gets the usual policy back (`easeJit`).
    "--compile-jit-policy=100",
    // A bunfig.toml or .env in the folder that pen is started in belongs to a project and may be hostile: it must not steer pen.
    "--no-compile-autoload-bunfig",
    "--no-compile-autoload-dotenv",
    `--outfile=${outfile}`,
  ];
}

function bun(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`The executable cannot be built: ${stderr}`);
}

/**
 * What a start of any program of this Bun needs of itself: the numbers of pieces, see page-probe.ts. None where the system does not tell:
 * the executable is then written in small pieces only.
 */
function neededPieces(folder: string): number[] {
  const compiled = join(folder, "compiled-probe");
  bun(executableArguments(["scripts/page-probe.ts"], compiled));
  const file = alignSegments(readFileSync(compiled));
  const probe = join(folder, "probe");
  writeInPieces(probe, file, []);
  const ranges = segmentsOf(file).map(({ address, size }) => `${address}-${address + size}`);
  const { status, stdout } = spawnSync(probe, [String(smallPiece), ...ranges], { encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as number[]) : [];
}

/** Makes the executable `outfile`; it appears there when it is whole. Throws what Bun says when the sources cannot be compiled. */
export function buildExecutable(outfile: string): void {
  const folder = mkdtempSync(join(dirname(outfile), ".building-"));
  try {
    const compiled = join(folder, "pen");
    bun(executableArguments(["src/cli/main.ts", "src/operations/thread.ts", "scripts/carried-modules.ts"], compiled));
    const file = readFileSync(compiled);
    if (!isElf64(file)) return renameSync(compiled, outfile);
    const aligned = alignSegments(file);
    const laidOut = join(folder, "laid-out");
    writeInPieces(laidOut, aligned, largePieces(segmentsOf(aligned), neededPieces(folder)));
    renameSync(laidOut, outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
