import { join } from "#foundation";
import type { BuildEnvironment } from "#builds";
import type { Host } from "#foundation";
import { applyPlan, planInstall, readInstalled } from "#installer";
import type { Interpreter } from "#python";
import type { StoredWheel } from "#store";
import { createEnvironment, type Environment } from "#venv";
import { bytecodeFor } from "../packages/bytecode.ts";
import type { Context } from "../context.ts";
import { environmentAround, environmentDestination } from "../environment.ts";
import type { SourcesInput } from "./source-types.ts";

interface IsolatedOptions {
  readonly interpreter: Interpreter;
  /** An existing folder to make it in, which the caller removes. */
  readonly folder: string;
  readonly requires: readonly string[];
  /** The wheels that requirements come down to. */
  readonly resolve: (requires: readonly string[]) => Promise<readonly StoredWheel[]>;
}

/** Makes an environment that holds build requirements and nothing else, linked from the store. Errors: those of resolving and installing. */
export async function openIsolated(context: Context, options: IsolatedOptions): Promise<BuildEnvironment> {
  const { interpreter, requires } = options;
  const wheels = await options.resolve(requires);
  const environment = createEnvironment({
    host: context.host,
    root: join(options.folder, "environment"),
    interpreter,
    activators: [],
    vcsIgnore: false,
  });
  await fill(context, environment, wheels);
  let present = requires;
  return {
    python: environment.python,
    variables: buildVariables(context.host, { root: environment.root, scripts: environment.paths.scripts }),
    requires,
    add: async (more) => {
      present = [...present, ...more];
      await fill(context, environment, await options.resolve(present));
    },
    close: () => {},
  };
}

/** The environment of the person as it is, for `--no-build-isolation`, and what is installed there, on which the result of a build depends. */
export async function openShared(
  context: Context,
  { environment, interpreter, python }: SourcesInput,
): Promise<{ readonly environment: BuildEnvironment; readonly contents: string }> {
  const found = environment ?? (await environmentAround(context, python));
  const own =
    found === undefined
      ? { python: interpreter.executable, root: interpreter.prefix, paths: interpreter.paths }
      : { python: found.python, root: found.root, paths: found.paths };
  const installed = readInstalled({ root: own.root, paths: own.paths, pythonVersion: interpreter.version });
  return {
    contents: installed
      .map(({ name, version }) => `${name} ${version}`)
      .sort()
      .join("\n"),
    environment: {
      python: own.python,
      variables: buildVariables(context.host, { root: own.root, scripts: own.paths.scripts }),
      requires: undefined,
      add: async () => {},
      close: () => {},
    },
  };
}

async function fill(context: Context, environment: Environment, wheels: readonly StoredWheel[]): Promise<void> {
  const destination = environmentDestination(environment);
  const plan = planInstall(
    readInstalled(destination.target),
    wheels.map((wheel) => ({ wheel, requested: false })),
    {},
  );
  // Compiled here and once for all builds. What a build leaves in its environment is never taken over: foreign code has run there.
  const bytecode = await bytecodeFor(context, destination, { wheels, shown: false, compile: true });
  await applyPlan(plan, destination.target, {
    linkMode: "auto",
    emit: () => {},
    durable: false,
    bytecode,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
}

/** The person's variables without those that would lead a Python elsewhere, and without pen's own, which may hold passwords. */
function buildVariables(
  host: Host,
  { root, scripts }: { readonly root: string; readonly scripts: string },
): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(host.env)) if (!/^(PYTHON|PEN_|__PYVENV_LAUNCHER__$)/.test(name)) env[name] = value;
  return {
    ...env,
    PATH: `${scripts}:${host.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"}`,
    VIRTUAL_ENV: root,
    PYTHONNOUSERSITE: "1",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}
