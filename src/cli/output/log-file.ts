import { appendText, makeFolders, type Host, type PenEvent, dirname, resolve } from "#foundation";

/** The file of `--log`: everything that happens, each line with its time, added to what is there. Errors: `FILE_SYSTEM`. */
export class LogFile {
  readonly #path: string;
  readonly #now: () => number;

  constructor(path: string, { cwd, now }: Host) {
    this.#path = resolve(cwd, path);
    this.#now = now;
    makeFolders(dirname(this.#path));
  }

  /** Adds a text; each of its lines gets the time. */
  write(text: string): void {
    const time = new Date(this.#now()).toISOString().replace("Z", "").replace(".", ",");
    const lines = text.trimEnd().split("\n");
    appendText(this.#path, lines.map((line) => `${time} ${line}\n`).join(""));
  }

  take(event: PenEvent): void {
    switch (event.type) {
      case "phase":
        return this.write(`Phase: ${event.phase}`);
      case "change":
        return this.write(`${event.action}: ${event.name} ${event.version}`);
      case "waiting":
        return this.write(`Waiting for ${event.resource}`);
      case "log":
        return this.write(`${event.level}: ${event.message}`);
      case "progress":
        if (event.total !== undefined && event.done >= event.total) this.write(`${event.phase}: ${event.id} is done`);
    }
  }
}
