/**
 * The benchmark: `bun bench/run.ts [--rows a,b] [--runs N] [--quick] [--pen PATH] [--python PATH] [--write | --no-write]`. Compares pen with uv,
 * virtualenv, pip, pipenv and `python -m venv`, prints the figures and, when all rows ran, writes docs/benchmarks.md; with `--write` also when some were left out, whose
 * names the page then gives. Ends with 1 when a check failed.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildExecutable } from "../scripts/executable.ts";
import { writeInPieces } from "../scripts/large-pages.ts";
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
  /** An executable to measure in place of one made of the present sources. */
  readonly pen: string | undefined;
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
      pen: { type: "string" },
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
    pen: values.pen === undefined ? undefined : resolve(values.pen),
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

/** What pip writes at a time when it takes a file out of a wheel, in bytes. */
const pieceOfPip = 1024 * 1024;

/**
 * Both programs of the short rows are written anew for the run, as those who install them do: pen by its build, uv in the pieces that pip writes. What was written in
 * one piece is mapped in one piece, and a file that was dropped from memory and read in by and by in many, which is worth a quarter of a short command.
 */
async function freshPrograms(given: string | undefined): Promise<{ pen: string; keepUv: (installed: string) => string }> {
  mkdirSync(scratchFolder, { recursive: true });
  const [pen, uv] = [join(scratchFolder, "pen"), join(scratchFolder, "uv")];
  for (const path of [pen, uv]) await remove(path);
  if (given === undefined) buildExecutable(pen);
  else copyFileSync(given, pen);
  const keepUv = (installed: string): string => {
    if (existsSync(installed)) writeInPieces(uv, readFileSync(installed), [], pieceOfPip);
    return uv;
  };
  return { pen, keepUv };
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
  const { pen, keepUv } = await freshPrograms(options.pen);
  const installed = await installPeers(scratchFolder, { ...options, pen });
  const peers = { ...installed, uv: keepUv(installed.uv) };
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
    const { uv, virtualenv, pip, Python, "newer Python": newer } = peers.versions;
    const versions = [
      `pen ${peers.versions.pen}`,
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
