/** Starts and stops the replay server, a process of its own so that it takes no time from the program that measures. */
import { join } from "node:path";
import { recordingFolder } from "./recording.ts";

export interface Replay {
  readonly origin: string;
  /** Paths that were asked for and are not in the recording. */
  misses(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startReplay(folder: string = recordingFolder): Promise<Replay> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "replay-server.ts"), folder], {
    stdout: "pipe",
    stderr: "inherit",
    stdin: "pipe",
  });
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const origin = new TextDecoder().decode(value).trim();
  if (!origin.startsWith("http://")) throw new Error("The replay server did not start");
  return {
    origin,
    misses: async () => (await (await fetch(`${origin}/-/misses`)).json()) as string[],
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}
