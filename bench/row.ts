/** The form of a row of the benchmark. */
import type { Command, Surroundings } from "./measure.ts";
import type { ToolName } from "./peers.ts";
import type { Workshop } from "./workshop.ts";

/** One tool doing the row's work in one way. */
export interface Contender {
  readonly label: string;
  readonly tool: ToolName;
  readonly surroundings: Surroundings;
  /** Once, before the first turn; not measured. */
  setup?(): Promise<void>;
  /** Brings everything into the state that the row says; not measured. */
  prepare?(turn: Turn): Promise<void>;
  /** What is measured, from the start of the first to the end of the last. */
  commands(turn: Turn): readonly Command[];
  /** Throws when the work was not done; else a few words on what is there. */
  check(turn: Turn): Promise<string | undefined>;
  /** Clears away; not measured. */
  clear?(turn: Turn): Promise<void>;
}

export interface Turn {
  /** 0 is the first, which is not counted. */
  readonly number: number;
  /** A path of this row, turn and contender alone; nothing is there before `prepare`. */
  readonly place: string;
}

export interface Row {
  /** For `--rows`. */
  readonly name: string;
  readonly work: string;
  /** The state of caches and input, and what exactly each side does. */
  readonly state: string;
  /** At most so many times the reference's median time. */
  readonly limit?: number;
  /** The label that the limit is measured against. */
  readonly reference: string;
  readonly runs: number;
  contenders(workshop: Workshop): readonly Contender[];
}

/** The limit of the peak memory in every row that has a limit of time. */
export const memoryLimit = 2.5;
