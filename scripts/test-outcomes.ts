/** Reads what the test runners print at their end. Tests print too: only the runner's own closing lines count. */

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Names of the tests that were skipped or left for later. */
  readonly skipped: readonly string[];
}

/**
 * The outcome of `bun test`, from its standard error and status. Its last lines are one count each (` 2 pass`, ` 1 skip`, ` 0 fail`, …)
 * and `Ran N tests across M files.`; without them, as when a test ends the process, the run counts as failed.
 */
export function bunOutcome(stderr: string, status: number): Outcome {
  const lines = stderr.replace(/\u001b\[[\d;]*m/g, "").split("\n");
  const end = lines.findLastIndex((line) => /^Ran \d+ tests? across \d+ files?\./.test(line));
  const counts = new Map<string, number>();
  for (let at = end - 1; at >= 0; at -= 1) {
    const [, amount, word] =
      /^ *(\d+) (pass|skip|todo|fail|errors?|snapshots?|expect\(\) calls|filtered out)\b/.exec(lines[at] ?? "") ?? [];
    if (amount === undefined || word === undefined) break;
    counts.set(word.replace(/^error$/, "errors"), Number(amount));
  }
  const failed = Math.max(counts.get("fail") ?? 0, counts.get("errors") ?? 0);
  const named = lines.slice(0, Math.max(0, end)).flatMap((line) => /^\((?:skip|todo)\) (.*)$/.exec(line)?.[1] ?? []);
  const count = (counts.get("skip") ?? 0) + (counts.get("todo") ?? 0);
  return {
    passed: counts.get("pass") ?? 0,
    skipped: count === named.length ? named : Array.from({ length: count }, (_, at) => named[at] ?? "(a test without a line of its own)"),
    failed: failed === 0 && (status !== 0 || end < 0) ? 1 : failed,
  };
}

/** The outcome of `node --test` in the TAP format, from its standard output and status. The counts are the last lines. */
export function nodeOutcome(stdout: string, status: number): Outcome {
  const last = (word: string): number | undefined => {
    const found = [...stdout.matchAll(new RegExp(`^# ${word} (\\d+)$`, "gm"))].at(-1)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const failed = (last("fail") ?? 0) + (last("cancelled") ?? 0);
  const skipped = (last("skipped") ?? 0) + (last("todo") ?? 0);
  const named = [...stdout.matchAll(/^ *ok \d+ - (.*) # (?:SKIP|TODO)\b.*$/gm)].map((match) => match[1] ?? "");
  return {
    passed: last("pass") ?? 0,
    skipped: Array.from({ length: skipped }, (_, at) => named[at] ?? "(a test under Node)"),
    failed: failed === 0 && (status !== 0 || last("pass") === undefined) ? 1 : failed,
  };
}
