/** How all threads of pen work on the parts of one thing: each takes the next part until none is left, or one of them fails. */
import { inThread, threadCount, threadsAwake } from "./threads.ts";

/** Memory that all of a crew see: 1 when all shall stop, and how many parts are taken. */
export type Crew = SharedArrayBuffer;

const [stopped, taken] = [0, 1] as const;
/** Milliseconds of work before signals and the screen get their turn. */
const breath = 30;

/** The part that failed, and the name of the error. */
export interface Failed {
  readonly part: number;
  readonly errno: string;
}

/** A part under way. */
export interface PartWork {
  /** Does some of it, for less than a millisecond or so. True when it is whole; the name of the error when it failed. */
  some(): string | boolean;
  /** In any case, when nothing more is done. */
  end(): void;
}

export function newCrew(): Crew {
  return new SharedArrayBuffer(8);
}

/** What one thread does of a work of `parts` parts: a function that does some and gives what failed, or that there is no more to do. */
function turnsOf(crew: Crew, parts: number, begin: (part: number) => PartWork): () => Failed | "done" | undefined {
  const counts = new Int32Array(crew);
  let part = -1;
  let work: PartWork | undefined;
  const end = (): void => {
    work?.end();
    work = undefined;
  };
  return () => {
    if (Atomics.load(counts, stopped) === 1) {
      end();
      return "done";
    }
    if (work === undefined) {
      part = Atomics.add(counts, taken, 1);
      if (part >= parts) return "done";
      work = begin(part);
    }
    const answer = work.some();
    if (answer === false) return undefined;
    end();
    if (answer === true) return undefined;
    // Whoever stops the others knows why; what fails because of that says nothing.
    return Atomics.exchange(counts, stopped, 1) === 0 ? { part, errno: answer } : "done";
  };
}

/** What a thread of a crew does that another one leads. */
export function joinCrew(crew: Crew, parts: number, begin: (part: number) => PartWork): Failed | undefined {
  const turn = turnsOf(crew, parts, begin);
  for (;;) {
    const ended = turn();
    if (ended !== undefined) return ended === "done" ? undefined : ended;
  }
}

/** Fewer things than these are done before another thread is awake; and fewer than those before one that is awake hears of them. */
const [paysToWake, paysToAsk] = [3000, 300] as const;

/** How many other threads shall help with a work of `things` in `parts`. */
export const helpersFor = (things: number, parts: number): number =>
  parts > 1 && things >= (threadsAwake() ? paysToAsk : paysToWake) ? Math.max(0, threadCount() - 1) : 0;

interface Leading {
  readonly parts: number;
  readonly begin: (part: number) => PartWork;
  /** What `helpers` other threads do meanwhile: a work that calls {@link joinCrew}, and its input. */
  readonly helpers: number;
  readonly work: string;
  readonly input: unknown;
  /** Called now and then; ends all when it throws. */
  readonly pause?: () => Promise<void>;
}

/** Works with others until all is done or something failed. When this ends, by an error of `pause` too, no thread works any more. */
export async function leadCrew(crew: Crew, { parts, begin, helpers, work, input, pause }: Leading): Promise<Failed | undefined> {
  const others: Array<Promise<Failed | undefined>> = [];
  try {
    for (let helper = 0; helper < helpers; helper += 1) others.push(inThread(work, input));
    const turn = turnsOf(crew, parts, begin);
    let last = performance.now();
    let own = turn();
    for (; own === undefined; own = turn()) {
      if (pause === undefined || performance.now() - last < breath) continue;
      await pause();
      last = performance.now();
    }
    const failed = own === "done" ? undefined : own;
    return others.length === 0 ? failed : [failed, ...(await Promise.all(others))].find((one) => one !== undefined);
  } finally {
    Atomics.store(new Int32Array(crew), stopped, 1);
    if (others.length > 0) await Promise.allSettled(others);
  }
}
