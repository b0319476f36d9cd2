/** Child processes that run a module of pen, under Bun as it stands or under Node as it is built. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

export type Runtime = "bun" | "node";
export const runtimes: readonly Runtime[] = ["bun", "node"];

/** Writes a script and gives the command that runs it. For Node it is put into one file with all that it imports. */
export function scriptCommand(folder: string, source: string, runtime: Runtime): readonly [string, string] {
  mkdirSync(folder, { recursive: true });
  const name = `script-${Bun.hash(source).toString(36)}`;
  const written = join(folder, `${name}.ts`);
  if (!existsSync(written)) writeFileSync(written, source);
  if (runtime === "bun") return [process.execPath, written];
  const built = join(folder, `${name}.mjs`);
  if (!existsSync(built)) {
    const run = spawnSync(process.execPath, ["build", written, "--target", "node", "--outfile", built], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`${basename(written)}: ${run.stderr}`);
  }
  return ["node", built];
}

/** A child whose printed lines can be waited for. */
export interface TalkingChild {
  readonly process: ChildProcess;
  /** The next line that it prints; undefined when it has ended. */
  line(): Promise<string | undefined>;
  /** Exit status or signal. */
  readonly ended: Promise<number | string>;
}

export function startChild([command = "", ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): TalkingChild {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { PATH: process.env["PATH"] ?? "", ...env } });
  const lines: string[] = [];
  const waiting: Array<(line: string | undefined) => void> = [];
  let rest = "";
  let over = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const next = waiting.shift();
      if (next === undefined) lines.push(part);
      else next(part);
    }
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (status, signal) => {
      over = true;
      for (const next of waiting) next(undefined);
      resolve(status ?? signal ?? "");
    });
  });
  return {
    process: child,
    ended,
    line: () => (lines.length > 0 || over ? Promise.resolve(lines.shift()) : new Promise((resolve) => waiting.push(resolve))),
  };
}
