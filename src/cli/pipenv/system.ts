/** `--system` of pipenv, in a file that `run` can load alone. */
import { PenError } from "#foundation";
import type { OptionSpec } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";

export const systemOption: OptionSpec = {
  name: "system",
  kind: "flag",
  variable: "PIPENV_SYSTEM",
  help: "Refused outside an active environment: pen never works on a global Python.",
};

/** `--system` is refused, unless an environment is active, which is then meant. */
export function checkSystem(context: CommandContext): void {
  if (!context.parsed.knows("system") || !context.parsed.flag("system") || context.host.env["VIRTUAL_ENV"]) return;
  throw new PenError("EXTERNALLY_MANAGED", "pen never installs into the global Python, so --system is refused", {
    why: "A project that shares the system's Python breaks it, or is broken by it, sooner or later.",
    hint: "In a container, make an environment and put it on PATH: pen venv /venv, then ENV PATH=/venv/bin:$PATH VIRTUAL_ENV=/venv",
  });
}
