/** What `pen venv` does for a plain command line (plain.ts): only the options that such a line may have are looked at. */
import { createEnvironment } from "#operations";
import type { CommandContext } from "../command.ts";
import { prepareForWork } from "../longer-work.ts";
import { madeText } from "./created.ts";

/** Makes the environment that the command line asks for. Errors: those of `createEnvironment`. */
export async function run(context: CommandContext): Promise<void> {
  const { parsed, host } = context;
  const started = Date.now();
  const seed = parsed.flagIfGiven("seed") === false || parsed.flag("without-pip") ? [] : ["pip"];
  if (seed.length > 0) prepareForWork();
  const created = await createEnvironment({
    host,
    onEvent: context.emit,
    signal: context.signal,
    path: parsed.arguments[0] ?? ".venv",
    python: parsed.value("python"),
    seed,
    indexes: { indexUrl: parsed.value("index-url"), offline: parsed.flag("offline") },
  });
  if (context.quiet === 0) context.terminal.out(madeText(context, created, Date.now() - started));
}
