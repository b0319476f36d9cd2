/** Runs the contenders of a row in turn and keeps what was measured. */
import type { Sample } from "./measure.ts";
import type { Contender, Row, Turn } from "./row.ts";
import { remove, scratchFolder } from "./scratch.ts";
import type { Workshop } from "./workshop.ts";

export interface Outcome {
  readonly label: string;
  readonly tool: string;
  /** One for each counted turn. */
  readonly samples: readonly Sample[];
  /** What the last check found. */
  readonly note: string | undefined;
  readonly failure: string | undefined;
}

export interface RowResult {
  readonly row: Row;
  readonly outcomes: readonly Outcome[];
}

interface Standing {
  readonly contender: Contender;
  readonly samples: Sample[];
  note: string | undefined;
  failure: string | undefined;
}

/** What went wrong, without where things are on this machine. */
function words(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(`${scratchFolder}/`, "").replaceAll(process.cwd(), ".").replace(/\s+/g, " ").slice(0, 500);
}

/** A contender that fails drops out and is reported as failed; the others go on. The first turn is not counted. */
export async function compare(row: Row, workshop: Workshop, runs: number): Promise<RowResult> {
  const standings: Standing[] = row
    .contenders(workshop)
    .map((contender) => ({ contender, samples: [], note: undefined, failure: undefined }));
  for (const standing of standings) {
    await standing.contender.setup?.().catch((error: unknown) => void (standing.failure = `preparation: ${words(error)}`));
  }
  for (let number = 0; number <= runs; number += 1) {
    for (const [index, standing] of standings.entries()) {
      if (standing.failure !== undefined) continue;
      const turn = { number, place: workshop.place(`${row.name}-${number}-${index}`) };
      try {
        await take(standing, turn, workshop);
      } catch (error) {
        standing.failure = words(error);
        await remove(turn.place);
      }
    }
  }
  return {
    row,
    outcomes: standings.map(({ contender, samples, note, failure }) => ({
      label: contender.label,
      tool: contender.tool,
      samples,
      note,
      failure,
    })),
  };
}

async function take(standing: Standing, turn: Turn, workshop: Workshop): Promise<void> {
  const { contender } = standing;
  await contender.prepare?.(turn);
  await workshop.settle();
  const sample = await workshop.measure(contender.commands(turn), contender.surroundings);
  standing.note = await contender.check(turn);
  await contender.clear?.(turn);
  if (turn.number > 0) standing.samples.push(sample);
}
