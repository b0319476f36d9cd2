/** Starts programs in a clean environment and measures them: wall time by a monotonic clock around start and end, peak memory by wait4. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Command = readonly [string, ...string[]];

export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface Part {
  /** Milliseconds. */
  readonly ms: number;
  /** Peak resident memory of the largest process of the command, in KiB. */
  readonly rss: number;
  readonly status: number;
}

export interface Sample {
  /** Milliseconds from the start of the first command to the end of the last. */
  readonly ms: number;
  readonly parts: readonly Part[];
}

/** The Python that runs the timer; without site packages it is the smallest process at hand. */
export interface Timer {
  readonly python: string;
  /** A file for what the measured programs say about errors. */
  readonly errors: string;
}

/** Runs the commands one after another; throws with the last lines of what a failing one said. */
export async function measure(timer: Timer, commands: readonly Command[], { env, cwd }: Surroundings): Promise<Sample> {
  const absent = commands.find(([program]) => program.startsWith("/") && !existsSync(program) && !program.endsWith("/bin/python"));
  if (absent !== undefined) throw new Error(`${absent[0]} is not there`);
  const input = JSON.stringify({ commands, env, cwd, errors: timer.errors });
  const text = await output([timer.python, "-I", "-S", "-B", join(import.meta.dir, "timer.py")], { env: {}, cwd }, input);
  const sample = JSON.parse(text) as Sample;
  const last = sample.parts.at(-1);
  if (last === undefined || last.status !== 0 || sample.parts.length !== commands.length) {
    const said = readFileSync(timer.errors, "utf8").trim().split("\n").slice(-6).join(" / ");
    throw new Error(`${commands[sample.parts.length - 1]?.join(" ") ?? "?"} ended with ${last?.status ?? "?"}: ${said}`);
  }
  return sample;
}

/** What a command prints; not measured. Throws when it fails. */
export async function output(command: Command, { env, cwd }: Surroundings, input = ""): Promise<string> {
  const child = Bun.spawn([...command], { env: { ...env }, cwd, stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
  const [out, error, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${error.trim().split("\n").slice(-6).join(" / ")}`);
  return out;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of at least one number. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}
