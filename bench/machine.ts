/** What the figures depend on besides the tools: processor, memory, kernel, file system, load. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { output } from "./measure.ts";

/** One line for each fact; `folder` is where the benchmark works. */
export async function describeMachine(folder: string): Promise<string[]> {
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  const fileSystem = await output(["/usr/bin/stat", "-f", "-c", "%T", folder], { env: {}, cwd: "/" });
  return [
    `${cpus()[0]?.model.replace(/\s+/g, " ").trim() ?? "unknown processor"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    `${system}, Linux ${release()}, file system ${fileSystem.trim()}`,
    `load of the machine when the run began: ${loadavg()
      .map((load) => load.toFixed(2))
      .join(", ")}`,
  ];
}
