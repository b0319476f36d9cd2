import { printableLine, type Emit, type PenEvent, type Phase } from "#foundation";
import type { Colours } from "../command.ts";
import type { Terminal } from "../arguments/types.ts";
import { BuildLine } from "./build-line.ts";
import { sizeText } from "./sizes.ts";

interface Running {
  readonly done: number;
  readonly total: number | undefined;
  readonly unit: "bytes" | "items";
}

const words: Record<Phase, string> = {
  discover: "Looking for Pythons",
  resolve: "Resolving",
  download: "Downloading",
  build: "Building",
  unpack: "Unpacking",
  install: "Installing",
};

const minimumPause = 50;
const barWidth = 24;
/** A build that prints nothing for minutes must be seen to go on. */
const tickMs = 1000;

/**
 * Draws events as one live line on a terminal, and prints warnings and waits as lines of their own. Everything that came from
 * packages is made printable. `finish` removes the live line.
 */
export class ProgressReporter {
  readonly #terminal: Terminal;
  readonly #colour: Colours;
  readonly #quiet: number;
  readonly #verbose: number;
  readonly #live: boolean;
  readonly #warning: string;
  readonly #running = new Map<Phase, Map<string, Running>>();
  readonly #builds = new BuildLine();
  #ticking: ReturnType<typeof setInterval> | undefined;
  #phase: Phase | undefined;
  #drawn = false;
  #last = 0;

  constructor(
    terminal: Terminal,
    options: {
      readonly colour: Colours;
      readonly quiet: number;
      readonly verbose: number;
      readonly bars: boolean;
      /** Under pip's own name labels are written as pip writes them, which scripts look for: `WARNING:`. */
      readonly asPip: boolean;
    },
  ) {
    this.#terminal = terminal;
    this.#colour = options.colour;
    this.#quiet = options.quiet;
    this.#verbose = options.verbose;
    this.#warning = options.asPip ? "WARNING:" : "warning:";
    this.#live = terminal.errIsTerminal && options.quiet === 0 && options.bars;
  }

  readonly emit: Emit = (event: PenEvent): void => {
    const isBuilding = this.#builds.take(event, Date.now());
    switch (event.type) {
      case "phase":
        this.#phase = event.phase;
        this.#running.clear();
        this.#draw(false);
        break;
      case "progress":
        this.#track(event);
        this.#draw(true);
        break;
      case "waiting":
        if (this.#quiet < 2)
          this.#line(`Waiting for ${printableLine(event.resource)}${event.pid === undefined ? "" : ` (waiting for PID ${event.pid})`} …`);
        break;
      case "log":
        this.#log(event);
        if (isBuilding) this.#draw(true);
        break;
      case "change":
        break;
    }
  };

  /** Wheels are unpacked while others still come in: the download is shown until the last of it is there. */
  #track(event: Extract<PenEvent, { type: "progress" }>): void {
    const items = this.#running.get(event.phase) ?? new Map<string, Running>();
    this.#running.set(event.phase, items.set(event.id, { done: event.done, total: event.total, unit: event.unit }));
    const downloads = [...(this.#running.get("download")?.values() ?? [])];
    const isComing = downloads.some(({ done, total }) => total === undefined || done < total);
    this.#phase = event.phase === "unpack" && isComing ? "download" : event.phase;
  }

  finish(): void {
    this.#stopTicking();
    if (this.#drawn) this.#terminal.err("\r\u001b[K");
    this.#drawn = false;
    this.#phase = undefined;
  }

  #log(event: Extract<PenEvent, { type: "log" }>): void {
    const text = printableLine(event.message);
    if (event.level === "warning" && this.#quiet < 2) this.#line(`${this.#colour.bold(this.#colour.yellow(this.#warning))} ${text}`);
    if (event.level === "info" && this.#quiet === 0) this.#line(text);
    if (event.level === "debug" && this.#verbose > 0) this.#line(this.#colour.dim(text));
  }

  #line(text: string): void {
    if (this.#drawn) this.#terminal.err("\r\u001b[K");
    this.#drawn = false;
    this.#terminal.err(`${text}\n`);
  }

  #draw(throttled: boolean): void {
    if (!this.#live || this.#phase === undefined) return;
    const now = Date.now();
    if (throttled && now - this.#last < minimumPause) return;
    this.#last = now;
    this.#tick();
    const text = `${words[this.#phase]} ${this.#amount()}`.slice(0, Math.max(10, this.#terminal.columns - 1));
    this.#terminal.err(`\r\u001b[K${this.#colour.dim(text)}`);
    this.#drawn = true;
  }

  #tick(): void {
    if (this.#phase !== "build") return this.#stopTicking();
    this.#ticking ??= setInterval(() => this.#draw(false), tickMs);
    this.#ticking.unref();
  }

  #stopTicking(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }

  #amount(): string {
    if (this.#phase === "build") return this.#builds.text(Date.now());
    const all = [...((this.#phase === undefined ? undefined : this.#running.get(this.#phase))?.values() ?? [])];
    if (all.length === 0) return "…";
    const done = all.reduce((sum, item) => sum + item.done, 0);
    const total = all.every((item) => item.total !== undefined) ? all.reduce((sum, item) => sum + (item.total ?? 0), 0) : undefined;
    const isBytes = all[0]?.unit === "bytes";
    const show = (amount: number): string => (isBytes ? sizeText(amount) : String(amount));
    if (total === undefined || total === 0) return done === 0 ? "…" : this.#phase === "resolve" ? `${show(done)} packages` : show(done);
    const filled = Math.round((Math.min(done, total) / total) * barWidth);
    return `${"━".repeat(filled)}${"─".repeat(barWidth - filled)} ${show(done)} of ${show(total)}`;
  }
}
