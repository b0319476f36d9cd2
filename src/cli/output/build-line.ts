import { printableLine, type PenEvent } from "#foundation";

interface Running {
  readonly since: number;
  line: string;
}

/** What is being built right now, for how long, and the last line that the newest of it printed. Fed with all events. */
export class BuildLine {
  readonly #running = new Map<string, Running>();

  /** True when the event changed what {@link text} gives. `now` in milliseconds. */
  take(event: PenEvent, now: number): boolean {
    if (event.type === "progress" && event.phase === "build") {
      const isDone = event.total !== undefined && event.done >= event.total;
      if (isDone) this.#running.delete(event.id);
      else if (!this.#running.has(event.id)) this.#running.set(event.id, { since: now, line: "" });
      return true;
    }
    if (event.type !== "log" || event.code !== "build-output") return false;
    for (const [id, running] of this.#running) {
      const line = event.message.startsWith(`${id}: `) ? printableLine(event.message.slice(id.length + 2)).trim() : "";
      if (line === "") continue;
      running.line = line;
      return true;
    }
    return false;
  }

  /** `markupsafe 3.0.2 and 1 more, 12 s: running build_ext`: that which has taken longest, and its last line. `…` while nothing is. */
  text(now: number): string {
    const [[name, first] = ["", undefined]] = this.#running;
    if (first === undefined) return "…";
    const more = this.#running.size === 1 ? "" : ` and ${this.#running.size - 1} more`;
    const seconds = Math.floor((now - first.since) / 1000);
    return `${printableLine(name)}${more}${seconds < 1 ? "" : `, ${durationText(seconds)}`}${first.line === "" ? "" : `: ${first.line}`}`;
  }
}

function durationText(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
