/** What `pen venv` does, without the tables of its options. */
import { isPenError, PenError, printableLine, type JsonValue } from "#foundation";
import { createEnvironment } from "#operations";
import type { CommandContext } from "../command.ts";
import { loadConfiguration } from "../configuration/configuration.ts";
import { createdJson, madeText } from "./created.ts";
import { linkModeOf } from "./sources.ts";
import { seedsOf } from "./venv-seeds.ts";
import { readVenvSettings } from "./venv-settings.ts";

/** Makes the environments that the command line asks for. Errors: those of `createEnvironment`, and `USAGE`. */
export async function run(context: CommandContext): Promise<void> {
  const { parsed } = context;
  const { host, places, seedAge, ...settings } = readVenvSettings(context);
  const configuration = await loadConfiguration(parsed, { host, emit: context.emit });
  const options = {
    host,
    onEvent: context.emit,
    signal: context.signal,
    python: parsed.value("python"),
    ...settings,
    seed: seedsOf(parsed, configuration.seed),
    prompt: parsed.value("prompt"),
    relocatable: parsed.flag("relocatable"),
    linkMode: linkModeOf(parsed),
  };
  if (parsed.flag("upgrade")) {
    const { upgrade } = await import("./venv-upgrade.ts");
    return forEach(context, places, (path) => upgrade(context, { ...options, path }));
  }
  return forEach(context, places, async (path) => {
    const started = Date.now();
    const created = await createEnvironment({
      ...options,
      path,
      systemSitePackages: parsed.flag("system-site-packages"),
      inherit: parsed.list("inherit"),
      copies: parsed.flag("copies"),
      clear: parsed.flag("clear"),
      allowExisting: parsed.flag("allow-existing"),
      force: parsed.flag("force"),
      vcsIgnore: !parsed.flag("no-vcs-ignore"),
      ...(seedAge === undefined ? {} : { seedAge }),
    });
    if (!context.json && context.quiet === 0) context.terminal.out(madeText(context, created, Date.now() - started));
    return createdJson(created);
  });
}

/** Does the work in every place, also when it fails in one; then the failures are the error. */
async function forEach(
  context: CommandContext,
  places: readonly string[],
  work: (path: string) => Promise<{ [key: string]: JsonValue }>,
): Promise<void> {
  const environments: { [key: string]: JsonValue }[] = [];
  const failed: Array<{ readonly path: string; readonly error: PenError }> = [];
  for (const path of places) {
    try {
      environments.push(await work(path));
    } catch (error) {
      if (places.length === 1 || !isPenError(error) || error.code === "CANCELLED" || context.signal.aborted) throw error;
      failed.push({ path, error });
    }
  }
  const [first] = failed;
  if (first === undefined) {
    if (context.json) context.result({ environments });
    return;
  }
  const made = environments.flatMap(({ path }) => (typeof path === "string" ? [path] : []));
  throw new PenError(
    first.error.code,
    `${failed.length} of ${places.length} environments failed${made.length === 0 ? "" : "; the others are done"}`,
    {
      why: failed
        .map(({ path, error }) => `${printableLine(path)}: ${error.message}${error.why === undefined ? "" : `. ${error.why}`}`)
        .join("\n"),
      ...(first.error.hint === undefined ? {} : { hint: first.error.hint }),
      data: { made, failed: failed.map(({ path, error }) => ({ path, code: error.code, message: error.message })) },
      cause: first.error,
    },
  );
}
