import { isFolder, makeFolders, makeTemporaryFolder, readTextIfAny, runProcess, statusOf, writeNew, join } from "#foundation";
import { tryParseWheelFilename } from "#standards";
import { driverScript } from "./driver-script.ts";
import { buildFailure, type FailedRun } from "./failure.ts";
import type { BuildEnvironment, BuildOptions, BuildSystem, BuiltWheel, SourceTree } from "./types.ts";

/** Bytes of a log that are kept: its end. */
const keptLog = 1024 * 1024;
const graceMs = 3000;

type Operation = "metadata" | "wheel" | "legacy-place";

type Answer =
  | { readonly status: "done"; readonly value: string }
  | { readonly status: "needs"; readonly requires: readonly string[] }
  | { readonly status: "no-hook" | "no-editable" }
  | ({ readonly status: "failed" } & FailedRun);

export interface BackendSession {
  readonly tree: SourceTree;
  readonly system: BuildSystem;
  readonly environment: BuildEnvironment;
  readonly options: BuildOptions;
}

/** The hooks of one project's backend in one environment. What the backend asks for is added before the first hook that needs it. */
export class Backend {
  readonly #session: BackendSession;
  #added: string[] = [];
  #asked = false;

  constructor(session: BackendSession) {
    this.#session = session;
  }

  /**
   * The folder with METADATA that the backend prepares; undefined when it has no hook for that, or (editable) no editable builds at all. Errors:
   * BUILD_FAILED, and what adding build requirements may end with.
   */
  async prepareMetadata(): Promise<string | undefined> {
    const output = this.#outputFolder();
    const answer = await this.#run("metadata", output, undefined);
    if (answer.status !== "done") return undefined;
    const folder = join(output, answer.value);
    if (!isPlainName(answer.value) || !answer.value.endsWith(".dist-info") || !isFolder(folder))
      throw this.#failure({ kind: "bad-answer", message: `it named the folder ${JSON.stringify(answer.value)}` }, "");
    return folder;
  }

  /** The wheel that the backend builds; `no-editable` when it has no editable builds. `metadata` is what {@link prepareMetadata} gave. Errors as there. */
  async buildWheel(metadata: string | undefined): Promise<BuiltWheel | "no-editable"> {
    const output = this.#outputFolder();
    const answer = await this.#run("wheel", output, metadata);
    if (answer.status !== "done") return "no-editable";
    const path = join(output, answer.value);
    if (!isPlainName(answer.value) || tryParseWheelFilename(answer.value) === undefined || statusOf(path)?.kind !== "file")
      throw this.#failure({ kind: "bad-answer", message: `it named the wheel ${JSON.stringify(answer.value)}` }, "");
    return { path, filename: answer.value };
  }

  /** Where a setup.py project has its modules, relative to it, with its extension modules built in place. Errors: BUILD_FAILED. */
  async legacyPlace(): Promise<string> {
    const answer = await this.#run("legacy-place", this.#outputFolder(), undefined);
    return answer.status === "done" ? answer.value : ".";
  }

  #outputFolder(): string {
    return makeTemporaryFolder(this.#session.tree.scratch);
  }

  async #run(operation: Operation, output: string, metadata: string | undefined): Promise<Exclude<Answer, { status: "needs" | "failed" }>> {
    const { environment, system } = this.#session;
    const isolated = environment.requires !== undefined;
    // A backend that always asks for something new would keep us here forever.
    for (let round = 0; round < 4; round += 1) {
      const known = [...(environment.requires ?? []), ...this.#added];
      const { answer, log } = await this.#start({
        operation,
        output,
        metadata: metadata ?? null,
        known,
        askRequires: isolated && !this.#asked && operation !== "legacy-place",
        editable: this.#session.options.editable,
        settings: settingsFor(this.#session.options),
        root: this.#session.tree.root,
        backend: system.backend,
        backendPath: system.backendPath,
        timeout: (this.#session.options.timeoutMs ?? 0) / 1000,
      });
      if (answer.status === "failed") throw this.#failure(answer, log);
      if (answer.status !== "needs") {
        this.#asked = true;
        return answer;
      }
      await environment.add(answer.requires);
      this.#added = [...this.#added, ...answer.requires];
    }
    throw this.#failure({ kind: "bad-answer", hook: "get_requires", message: "it asks for something new each time" }, "");
  }

  async #start(request: Readonly<Record<string, unknown>>): Promise<{ answer: Answer; log: string }> {
    const { tree, environment, options } = this.#session;
    const folder = makeTemporaryFolder(tree.scratch);
    const [script, asked, answered] = ["driver.py", "request.json", "answer.json"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeNew(script, driverScript);
    writeNew(asked, JSON.stringify(request));
    makeFolders(tree.scratch);
    const tell = lineTeller(options);
    const result = await runProcess(environment.python, ["-I", script, asked, answered], {
      cwd: folder,
      env: environment.variables,
      maxOutput: keptLog,
      graceMs,
      onError: tell,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs + 2 * graceMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return { answer: readAnswer(answered, result.timedOut, result.status), log: result.stderr };
  }

  #failure(run: FailedRun, log: string): Error {
    return buildFailure(run, { system: this.#session.system, log, options: this.#session.options });
  }
}

const isPlainName = (name: string): boolean => /^[^/\\\u0000-\u001f]{1,255}$/.test(name) && name !== "." && name !== "..";

function settingsFor({ settings }: BuildOptions): Readonly<Record<string, unknown>> | null {
  return Object.keys(settings).length === 0 ? null : settings;
}

/** With `-v` people see what the backend prints while it prints. */
function lineTeller({ emit, label }: BuildOptions): (bytes: Uint8Array) => void {
  let rest = "";
  return (bytes) => {
    const lines = (rest + Buffer.from(bytes).toString("utf8")).split("\n");
    rest = (lines.pop() ?? "").slice(-10_000);
    for (const line of lines) emit({ type: "log", level: "debug", code: "build-output", message: `${label}: ${line.slice(0, 2000)}` });
  };
}

function readAnswer(path: string, timedOut: boolean, status: number | undefined): Answer {
  if (timedOut) return { status: "failed", kind: "timeout" };
  // A backend can write here, too; what it wrote must at least be an answer.
  const text = (statusOf(path)?.size ?? 0) > 1024 * 1024 ? undefined : readTextIfAny(path);
  const value = text === undefined ? undefined : tryJson(text);
  if (isAnswer(value)) return value;
  return { status: "failed", kind: "ended", ...(status === undefined ? {} : { code: status }) };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAnswer(value: unknown): value is Answer {
  if (typeof value !== "object" || value === null || !("status" in value)) return false;
  switch (value.status) {
    case "done":
      return "value" in value && typeof value.value === "string";
    case "needs":
      return "requires" in value && Array.isArray(value.requires) && value.requires.every((text) => typeof text === "string");
    case "failed":
      return "kind" in value && typeof value.kind === "string";
    default:
      return value.status === "no-hook" || value.status === "no-editable";
  }
}
