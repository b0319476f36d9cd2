/** Pipfile projects that are locked in this process, against a local index: for the tests of locking. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Host, PenEvent } from "#foundation";
import { findInterpreter, parseRequest, type Interpreter } from "#python";
import { lockProject, type LockProjectOptions, type LockReport } from "../../src/operations/projects/lock-project.ts";
import { openProject, type Project } from "../../src/operations/projects/project.ts";
import { startIndex, type IndexServer, type IndexServerOptions } from "./index-server.ts";
import { testHost } from "./interpreters.ts";
import { python } from "./world.ts";

export interface LockWorld {
  readonly folder: string;
  readonly index: IndexServer;
  readonly host: Host;
  readonly interpreter: Interpreter;
  readonly events: PenEvent[];
  /** Writes a Pipfile (with the index as its one source `main`, unless the text names sources) and other files into a folder of their own. */
  project(pipfile: string, files?: Readonly<Record<string, string | Uint8Array>>): Project;
  /** Locks it and writes the lock. */
  lock(project: Project, options?: Partial<LockProjectOptions>): Promise<LockReport>;
  /** The entries of a category, as they stand in the file. */
  entries(project: Project, category?: string): Record<string, Record<string, unknown>>;
  close(): Promise<void>;
}

export async function openLockWorld(options: IndexServerOptions, env: Readonly<Record<string, string>> = {}): Promise<LockWorld> {
  const index = await startIndex(options);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-lock-")));
  const plain = testHost(folder);
  const host = { ...plain, env: { ...plain.env, ...env } };
  const interpreter = await findInterpreter(parseRequest(python ?? "python3", host), {
    host,
    cacheFolder: join(folder, "cache"),
    signal: undefined,
  });
  const events: PenEvent[] = [];
  let count = 0;
  const common = { host, onEvent: (event: PenEvent) => void events.push(event) };
  return {
    folder,
    index,
    host,
    interpreter,
    events,
    project: (pipfile, files = {}) => {
      const root = join(folder, `project-${(count += 1)}`);
      const source = `[[source]]\nname = "main"\nurl = "${index.indexUrl}"\nverify_ssl = true\n\n`;
      const all = { ...files, Pipfile: pipfile.includes("[[source]]") ? pipfile : source + pipfile };
      for (const [path, content] of Object.entries(all)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
      return openProject({ host: { ...host, cwd: root } });
    },
    lock: (project, more = {}) => lockProject({ ...common, project, interpreter, builds: { allowAll: true }, write: true, ...more }),
    entries: (project, category = "default") =>
      (JSON.parse(readFileSync(project.lockPath, "utf8")) as Record<string, Record<string, Record<string, unknown>>>)[category] ?? {},
    close: async () => {
      await index.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
