import { isPrerelease, rangeContains, type NormalizedName, type VersionRange } from "#standards";
import { pending, type Answers } from "./answers.ts";
import type { Rules } from "./rules.ts";
import { spanOf } from "./selection.ts";
import type { Candidate, Candidates } from "./types.ts";

/**
 * Asks ahead while the solver waits: for the versions of every project in sight, then for the metadata of the version that will
 * most likely be chosen, then for what that one needs. It only fills {@link Answers}, so it cannot change what is resolved.
 */
export class Scout {
  private readonly answers: Answers;
  private readonly rules: Rules;
  private readonly seen = new Set<NormalizedName>();
  private readonly queue: Array<readonly [NormalizedName, VersionRange]> = [];
  private ended = false;

  constructor(answers: Answers, rules: Rules) {
    this.answers = answers;
    this.rules = rules;
  }

  /** Looks at these projects next, and at what they need. Returns at once. */
  look(names: Iterable<readonly [NormalizedName, VersionRange]>): void {
    for (const [name, range] of names) this.enqueue(name, range);
    this.work();
  }

  /** No more questions from now on. */
  end(): void {
    this.ended = true;
  }

  private enqueue(name: NormalizedName, range: VersionRange): void {
    if (this.seen.has(name)) return;
    this.seen.add(name);
    this.queue.push([name, range]);
  }

  // A queue rather than recursion: answers that are at hand may lead thousands of projects deep.
  private work(): void {
    for (let next = this.queue.shift(); next !== undefined && !this.ended; next = this.queue.shift()) this.ask(next[0], next[1]);
  }

  private ask(name: NormalizedName, range: VersionRange): void {
    this.whenKnown(
      () => this.answers.candidates(name),
      (candidates) => {
        const candidate = this.likely(candidates ?? [], range);
        if (candidate === undefined) return;
        this.whenKnown(
          () => this.answers.dependencies(candidate),
          (dependencies) => {
            if ("detail" in dependencies) return;
            for (const active of this.rules.activeOf(dependencies, undefined)) {
              if (active.requirement.url === undefined) this.enqueue(active.requirement.name, active.range);
            }
          },
        );
      },
    );
  }

  // Errors are not the scout's business: the solver meets them if it comes that way.
  private whenKnown<T>(question: () => T | typeof pending, use: (answer: T) => void): void {
    const attempt = (): boolean => {
      try {
        const answer = question();
        if (answer === pending) return false;
        use(answer);
      } catch {
        // See above.
      }
      return true;
    };
    if (this.ended || attempt()) return;
    void this.answers.arrival.then(() => {
      if (this.ended) return;
      attempt();
      this.work();
    });
  }

  // Files are looked at last: of thousands of versions few are in the range, and the first of those mostly fits.
  private likely(candidates: Candidates, range: VersionRange): Candidate | undefined {
    const [start, end] = spanOf(candidates, range);
    let prerelease: Candidate | undefined;
    for (let at = start; at < end; at += 1) {
      const one = candidates.at(at) as Candidate;
      const isPre = isPrerelease(one.version);
      if ((isPre && prerelease !== undefined) || !rangeContains(range, one.version) || !this.fits(one)) continue;
      if (!isPre) return one;
      prerelease = one;
    }
    return prerelease;
  }

  private fits(one: Candidate): boolean {
    if (one.unusable !== undefined || one.yanked !== undefined) return false;
    return one.requiresPython === undefined || this.rules.environments.admitsPython(one.requiresPython);
  }
}
