/**
 * The benchmark: `bun bench/run.ts [--rows a,b] [--runs N] [--quick] [--pen PATH] [--python PATH] [--write | --no-write]`. Compares pen with uv,
 * virtualenv, pip, pipenv and `python -m venv`, prints the figures and, when all rows ran, writes docs/benchmarks.md; with `--write` also when some were left out, whose
 * names the page then gives. Ends with 1 when a check failed.
 */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compare, type RowResult } from "./compare.ts";
import { describeMachine } from "./machine.ts";
import { installPeers, type Peers } from "./peers.ts";
import { cutOff, readRecording, type Recording } from "./recording.ts";
import { startReplay } from "./replay.ts";
import { page, terminalLines } from "./report.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";
import { isOwnSource } from "./rows-building.ts";
import { emptyRubbish, remove, scratchFolder } from "./scratch.ts";
import { Workshop } from "./workshop.ts";

const root = join(import.meta.dir, "..");

interface Options {
  readonly rows: readonly Row[];
  readonly runs: (row: Row) => number;
  readonly pen: string;
  readonly python: string | undefined;
  readonly write: boolean;
}

/** Throws with the names of the rows when one is unknown. */
function readOptions(words: string[]): Options {
  const { values } = parseArgs({
    args: words,
    options: {
      rows: { type: "string" },
      runs: { type: "string" },
      quick: { type: "boolean", default: false },
      pen: { type: "string", default: join(root, "dist", "pen") },
      python: { type: "string" },
      write: { type: "boolean", default: false },
      "no-write": { type: "boolean", default: false },
    },
  });
  const wanted = values.rows?.split(",") ?? rows.map(({ name }) => name);
  const unknown = wanted.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`No row is called ${unknown.join(", ")}. There are: ${rows.map(({ name }) => name).join(", ")}`);
  const given = values.runs === undefined ? undefined : Number(values.runs);
  if (given !== undefined && !(Number.isInteger(given) && given > 0)) throw new Error("--runs takes a whole number above 0");
  return {
    rows: rows.filter(({ name }) => wanted.includes(name)),
    // Quick is never more than the row itself wants.
    runs: ({ runs }) => given ?? (values.quick ? Math.min(3, runs) : runs),
    pen: resolve(values.pen),
    python: values.python,
    write: !values["no-write"] && (values.write || wanted.length === rows.length),
  };
}

/** A word for the page, without where things are on this machine. */
function withoutPlace(word: string): string {
  const path = relative(root, word);
  return !isAbsolute(word) ? word : path.startsWith("..") ? basename(word) : path;
}

function recordingText({ recordedAt, cutOffHolds, pages, wheels }: Recording): string {
  const state = cutOffHolds
    ? `without anything uploaded after ${cutOff.slice(0, 10)}`
    : "with all versions of that day (the index gave no upload times)";
  const html = pages.filter(({ type }) => !type.endsWith("+json")).length;
  const form =
    html === 0 ? "" : `; ${html} pages came as HTML and are served as the same facts in JSON, without the sizes that HTML does not give`;
  return `Index: ${pages.length} pages and ${wheels.length} wheels, recorded ${recordedAt.slice(0, 10)}, ${state}${form}`;
}

/**
 * A copy for the length of the run: a build meanwhile does not mix two programs in one table, and the kernel keeps all programs in pieces of one kind (a file that
 * was just written is mapped in larger pieces than one that was read in by and by, which is worth a quarter of a short command).
 */
async function keptCopy(name: string, path: string): Promise<string> {
  const copy = join(scratchFolder, name);
  mkdirSync(scratchFolder, { recursive: true });
  await remove(copy);
  if (existsSync(path)) copyFileSync(path, copy);
  return copy;
}

async function runRows(options: Options, peers: Peers): Promise<{ results: RowResult[]; misses: string[] }> {
  const replay = await startReplay();
  const results: RowResult[] = [];
  try {
    const folder = join(scratchFolder, "run");
    await remove(folder);
    const workshop = new Workshop(peers, replay.origin, folder);
    await workshop.pin();
    for (const row of options.rows) {
      const result = await compare(row, workshop, options.runs(row));
      results.push(result);
      console.log(`${terminalLines(result)}\n`);
    }
    await remove(folder);
    return { results, misses: [...new Set(await replay.misses())].filter((path) => !isOwnSource(path)) };
  } finally {
    await replay.stop();
    await emptyRubbish();
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const recording = readRecording();
  if (!existsSync(options.pen)) console.log(`There is no ${options.pen} (npm run build makes it): its side of every row will fail.\n`);
  const installed = await installPeers(scratchFolder, { ...options, pen: await keptCopy("pen", options.pen) });
  const peers = { ...installed, uv: await keptCopy("uv", installed.uv) };
  const machine = await describeMachine(scratchFolder);
  const { results, misses } = await runRows(options, peers);
  const failed = results.filter(({ outcomes }) => outcomes.some(({ failure }) => failure !== undefined));
  const load = loadavg()[1] ?? 0;
  const left = rows.filter((row) => !options.rows.includes(row)).map(({ name }) => name);
  const notes = [
    ...(left.length === 0 ? [] : [`Not run this time: ${left.join(", ")}.`]),
    `Load over the last five minutes of the run: ${load.toFixed(2)} on ${availableParallelism()} cores.${load > 1.5 ? " Others used the machine meanwhile: the figures are rough, run it again when it is quiet." : ""}`,
    misses.length === 0
      ? "The tools asked the index for nothing that is not recorded."
      : `Asked for but not recorded: ${misses.join(", ")}.`,
    ...(failed.length === 0 ? [] : [`FAILED: ${failed.map(({ row }) => row.name).join(", ")}.`]),
  ];
  console.log(notes.join("\n"));
  if (options.write) {
    const command = ["bun bench/run.ts", ...process.argv.slice(2)].map(withoutPlace).join(" ");
    const { pen, uv, virtualenv, pip, Python, "newer Python": newer } = peers.versions;
    const versions = [
      `pen ${pen}`,
      `uv ${uv}`,
      `virtualenv ${virtualenv}`,
      `pip ${pip}`,
      `Python ${Python} (and ${newer} for environments with pip)`,
    ];
    writeFileSync(
      join(root, "docs", "benchmarks.md"),
      page({ results, command, machine, versions, recording: recordingText(recording), notes }),
    );
  }
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();
