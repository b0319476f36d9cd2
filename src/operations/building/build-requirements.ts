import { PenError, printableLine, readTextIfAny, resolve } from "#foundation";
import type { IndexClient } from "#index";
import { loadRequirements, parseRequirementArgument, type RequirementEntry } from "#project";
import type { StoredWheel } from "#store";
import type { ReadBuildChoices } from "./build-choices.ts";
import type { Context } from "../context.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import type { Source, Sources, SourcesInput } from "./source-types.ts";
import { singleTarget } from "../resolving/target.ts";

interface RequirementsOptions {
  readonly context: Context;
  readonly client: IndexClient;
  readonly input: SourcesInput;
  readonly choices: ReadBuildChoices;
  readonly open: (context: Context, client: IndexClient, input: SourcesInput) => Sources;
}

/** Turns build requirements into stored wheels, each set once in a command. They may have to be built themselves, where that is allowed. */
export class BuildRequirements {
  readonly #options: RequirementsOptions;
  readonly #known = new Map<string, Promise<readonly StoredWheel[]>>();
  readonly #opened: Sources[] = [];
  #constraints: Promise<readonly RequirementEntry[]> | undefined;

  constructor(options: RequirementsOptions) {
    this.#options = options;
  }

  /** Errors: those of resolving and fetching, and BUILD_FAILED for projects that need each other to be built. */
  resolve(requires: readonly string[], source: Source): Promise<readonly StoredWheel[]> {
    const chain = [...(this.#options.input.chain ?? []), source.name ?? source.label];
    const key = JSON.stringify([[...requires].sort(), chain]);
    let found = this.#known.get(key);
    if (found === undefined) this.#known.set(key, (found = this.#resolve(requires, chain)));
    return found;
  }

  /** What of the constraints decides the result of a build: their text, or the name of what is no local file. */
  constraintsKey(): string {
    const { host } = this.#options.context;
    return (this.#options.choices.constraintFiles ?? []).map((file) => readTextIfAny(resolve(host.cwd, file)) ?? file).join("\n");
  }

  close(): void {
    for (const sources of this.#opened) sources.close();
  }

  async #resolve(requires: readonly string[], chain: readonly string[]): Promise<readonly StoredWheel[]> {
    if (requires.length === 0) return [];
    checkCircle(chain);
    const { context, client, input, choices } = this.#options;
    // Settings are for what the person named, not for what its build needs.
    const { settings: _settings, packageSettings, ...rest } = choices;
    const sources = this.#options.open(context, client, {
      interpreter: input.interpreter,
      choices: { ...rest, packageSettings: Object.fromEntries(packageSettings) },
      noBinary: [],
      onlyBinary: input.onlyBinary,
      chain,
    });
    this.#opened.push(sources);
    const { resolveRequirements } = await import("../resolving/resolve.ts");
    const { wheelsOfPins } = await import("../packages/pinned-wheels.ts");
    try {
      const { pins } = await resolveRequirements({ ...context, emit: quieter(context) }, client, {
        ...plainQuestion,
        ...singleTarget(input.interpreter),
        requirements: requires.map((text) => ({
          ...parseRequirementArgument(text, context.host.cwd),
          origin: { file: `what ${chain.at(-1) ?? ""} is built with`, line: 0 },
        })),
        constraints: await this.#readConstraints(),
        sources,
      });
      return await wheelsOfPins(context, client, { pins, sources });
    } catch (error) {
      throw named(error, chain.at(-1) ?? "");
    }
  }

  #readConstraints(): Promise<readonly RequirementEntry[]> {
    const { context, client, choices } = this.#options;
    const files = choices.constraintFiles ?? [];
    if (files.length === 0) return Promise.resolve([]);
    return (this.#constraints ??= loadRequirements([], files, {
      host: context.host,
      fetchText: (url: string) => client.fetchText(url),
    }).then(({ constraints }) => constraints));
  }
}

/** The phases of an inner resolution would overwrite those of the command. */
const quieter =
  ({ emit }: Context): Context["emit"] =>
  (event) => {
    if (event.type !== "phase") emit(event);
  };

function checkCircle(chain: readonly string[]): void {
  const last = chain.at(-1);
  const first = chain.indexOf(last ?? "");
  if (chain.length < 32 && first === chain.length - 1) return;
  throw new PenError("BUILD_FAILED", `${printableLine(last ?? "")} is needed to build itself`, {
    why: `Build requirements lead in a circle: ${chain.slice(first).map(printableLine).join(" → ")}.`,
    hint: "Use a wheel of one of them: leave it out of --no-binary, or give one with --find-links.",
    data: { chain: [...chain], reason: "circle" },
  });
}

function named(error: unknown, what: string): unknown {
  if (!(error instanceof PenError) || (error.code !== "RESOLUTION_CONFLICT" && error.code !== "PACKAGE_NOT_FOUND")) return error;
  return new PenError(error.code, `The build requirements of ${printableLine(what)} cannot be met`, {
    why: `${error.message}${error.why === undefined ? "" : `\n${error.why}`}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    data: error.data,
    cause: error,
  });
}
