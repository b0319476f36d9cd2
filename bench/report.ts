/** Turns what was measured into the table that is printed and the page in `docs/`. */
import type { Outcome, RowResult } from "./compare.ts";
import { spread, type Spread } from "./measure.ts";
import { memoryLimit } from "./row.ts";

export interface Comparison {
  readonly work: string;
  readonly pen: string;
  readonly peer: string;
  readonly ratio: string;
  readonly limit: string;
  readonly memory: string;
}

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const ratioText = (value: number): string => (value < 0.1 ? value.toFixed(3) : value.toFixed(2));

function timeText({ median, min, max }: Spread): string {
  const [unit, scale] = median >= 1000 ? ["s", 1000] : ["ms", 1];
  const text = (value: number): string => digits(value / scale);
  return `${text(median)} ${unit} (${text(min)}–${text(max)})`;
}

const timesOf = (outcome: Outcome): Spread => spread(outcome.samples.map(({ ms }) => ms));

/** Median of the peak in MiB of the tool's own commands; the Python that only imports is not the tool. */
function memoryOf({ samples }: Outcome): number {
  const peaks = samples.map(({ parts }) => Math.max(...(parts.length > 1 ? parts.slice(0, -1) : parts).map(({ rss }) => rss)));
  return spread(peaks).median / 1024;
}

function pairText(pen: Outcome, peer: Outcome): string {
  const rounds = pen.samples.flatMap(({ ms }, index) => {
    const other = peer.samples[index];
    return other === undefined ? [] : [ms / other.ms];
  });
  const { min, max } = spread(rounds);
  return `${ratioText(timesOf(pen).median / timesOf(peer).median)} (${ratioText(min)}–${ratioText(max)})`;
}

const verdict = (value: number, limit: number): string => (value <= limit ? "reached" : "missed");

/** One line for each peer of the row; a side that failed says FAILED and has no figures. */
function comparisons({ row, outcomes }: RowResult): Comparison[] {
  const pen = outcomes.find(({ tool }) => tool === "pen");
  return outcomes
    .filter((outcome) => outcome !== pen)
    .map((peer) => {
      const whole = pen !== undefined && pen.failure === undefined && peer.failure === undefined;
      const isLimited = row.limit !== undefined && peer.label === row.reference;
      const show = (outcome: Outcome | undefined): string =>
        outcome === undefined || outcome.failure !== undefined ? "FAILED" : timeText(timesOf(outcome));
      const memory = (outcome: Outcome | undefined): string =>
        outcome === undefined || outcome.failure !== undefined ? "–" : digits(memoryOf(outcome));
      const heavier = whole ? memoryOf(pen) / memoryOf(peer) : Number.NaN;
      return {
        work: row.work,
        pen: show(pen),
        peer: `${peer.label} ${show(peer)}`,
        ratio: whole ? pairText(pen, peer) : "–",
        limit: !isLimited ? "" : `${row.limit}${whole ? ` ${verdict(timesOf(pen).median / timesOf(peer).median, row.limit ?? 0)}` : ""}`,
        memory: `${memory(pen)} / ${memory(peer)}${whole ? ` = ${heavier.toFixed(2)}${isLimited ? ` ${verdict(heavier, memoryLimit)}` : ""}` : ""}`,
      };
    });
}

/** The line for the terminal, as soon as a row is done. */
export function terminalLines(result: RowResult): string {
  const lines = comparisons(result).map(
    ({ pen, peer, ratio, limit, memory }) =>
      `  pen ${pen} | ${peer} | ratio ${ratio}${limit === "" ? "" : ` | at most ${limit}`} | MiB ${memory}`,
  );
  const notes = result.outcomes.flatMap(({ label, note, failure }) =>
    failure !== undefined ? [`  FAILED ${label}: ${failure}`] : note === undefined ? [] : [`  ${label}: ${note}`],
  );
  return [`${result.row.name}: ${result.row.work}`, ...lines, ...notes].join("\n");
}

export interface PageInput {
  readonly results: readonly RowResult[];
  readonly command: string;
  readonly machine: readonly string[];
  readonly versions: readonly string[];
  readonly recording: string;
  readonly notes: readonly string[];
}

/** `docs/benchmarks.md`. */
export function page({ results, command, machine, versions, recording, notes }: PageInput): string {
  const table = results
    .flatMap(comparisons)
    .map((line) => `| ${[line.work, line.pen, line.peer, line.ratio, line.limit, line.memory].join(" | ")} |`);
  const rowNotes = results.flatMap(({ row, outcomes }) => [
    `**${row.name}** (${row.work}). ${row.state}`,
    ...outcomes.map(({ label, samples, note, failure }) =>
      failure === undefined
        ? `- ${label}: ${samples.length} runs${note === undefined ? "" : `; ${note}`}`
        : `- ${label}: FAILED: ${failure}`,
    ),
    "",
  ]);
  return `# Benchmarks

Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}; do not edit. Every figure on this page was measured in that one run.

${machine.map((fact) => `- ${fact}`).join("\n")}
- ${versions.join(", ")}
- ${recording}

Times are whole processes, from start to end, by a monotonic clock: the median, and in brackets the fastest and the slowest run. The tools take
turns (A B A B …), each with variables, home and cache of its own, and one turn before the first counted one is thrown away. The ratio is that of
the medians, with the smallest and the largest ratio of two neighbouring runs in brackets. Memory is the peak of resident memory of the largest
process in MiB, the median of the runs. After every run a check looks whether the work was really done; a side that did not do it says FAILED.
The files of tools, wheels and caches are in the page cache of the kernel, pen as its build and uv as pip writes it, both written anew
for the run; before each run the disk finishes what was written, and nothing is deleted before all is measured.

| work | pen | peer | ratio | at most | memory pen / peer |
|---|---|---|---|---|---|
${table.join("\n")}

The limit of memory is ${memoryLimit} in every row that has a limit of time.

## What each row does

${rowNotes.join("\n")}
## Notes

${notes.map((note) => `- ${note}`).join("\n")}
`;
}
