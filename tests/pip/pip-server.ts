/** The real pip 26.3, answering one command line after the other (see pip_server.py). */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { tool } from "../support/tools.ts";

/** The release that pen stands in for. */
const wantedPip = "26.3";

/** The folder of the package `pip` in PEN_TEST_TOOLS when it is that release. */
export const pipPackage: string | undefined = findPip();

function findPip(): string | undefined {
  const python = tool("python");
  if (python === undefined) return undefined;
  const { status, stdout } = spawnSync(python, ["-I", "-c", "import pip; print(pip.__version__); print(pip.__path__[0])"], {
    encoding: "utf8",
  });
  const [version, folder] = stdout.trim().split("\n");
  return status === 0 && version === wantedPip ? folder : undefined;
}

export interface PipCall {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | undefined;
}

export interface PipAnswer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PipServer {
  /** Calls are answered in turn. */
  call(call: PipCall): Promise<PipAnswer>;
  close(): Promise<void>;
}

/** Starts pip in an environment. `folder` takes a copy of the package, which is then no installed distribution, and the output of the calls. */
export async function startPip(environment: string, folder: string, env: Readonly<Record<string, string>>): Promise<PipServer> {
  cpSync(pipPackage ?? "", join(folder, "package", "pip"), { recursive: true });
  const child = spawn(
    join(environment, "bin", "python"),
    ["-I", "-B", join(import.meta.dirname, "pip_server.py"), join(folder, "package"), environment],
    {
      env,
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const waiting: Array<{ readonly take: (line: string) => void; readonly fail: (error: Error) => void }> = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.take(line));
  const answer = (): Promise<string> => new Promise((take, fail) => void waiting.push({ take, fail }));
  const ended = new Promise<void>((resolve) =>
    child.on("close", () => {
      for (const { fail } of waiting) fail(new Error("pip's server has ended"));
      resolve();
    }),
  );
  // Only then does it stand in its environment for good: the folder may be replaced under it.
  await answer();
  const files = { input: join(folder, "input"), stdout: join(folder, "stdout"), stderr: join(folder, "stderr") };
  return {
    call: async ({ args, cwd, env: variables, input = "" }) => {
      writeFileSync(files.input, input);
      const line = answer();
      child.stdin.write(`${JSON.stringify({ args, cwd, env: variables, ...files })}\n`);
      const { status } = JSON.parse(await line) as { status: number };
      return { status, stdout: readFileSync(files.stdout, "utf8"), stderr: readFileSync(files.stderr, "utf8") };
    },
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
