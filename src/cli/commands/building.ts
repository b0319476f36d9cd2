import { PenError, printableLine, resolve } from "#foundation";
import type { BuildChoices, BuildQuestion } from "#operations";
import { isCalledPip, type CommandContext } from "../command.ts";
import { askYes } from "../input.ts";

/**
 * What the build options of a command line say. Under the name of pip or pipenv everything may be built, as they do it. At a terminal the person is asked
 * about the rest; `--json`, `--no-input`, `-q` and a pipe ask nobody.
 */
export function buildsOf(context: CommandContext): BuildChoices {
  const { parsed, host } = context;
  const seconds = parsed.value("build-timeout");
  const folder = parsed.knows("src") ? parsed.value("src") : undefined;
  return {
    allowAll: parsed.flagIfGiven("allow-builds") ?? (isCalledPip(context) || context.calledAs === "pipenv"),
    allow: parsed.list("allow-build").flatMap((text) => text.split(",")),
    isolation: !parsed.flag("no-build-isolation"),
    settings: parsed.knows("config-settings-package") ? parsed.list("config-settings") : [],
    packageSettings: parsed.knows("config-settings-package") ? parsed.list("config-settings-package") : [],
    preferWheels: parsed.knows("prefer-binary") && parsed.flag("prefer-binary"),
    constraintFiles: parsed.list("build-constraint"),
    ...(seconds === undefined ? {} : { timeoutMs: secondsOf(seconds) * 1000 }),
    ...(folder === undefined ? {} : { sourceFolder: resolve(host.cwd, folder) }),
    ...(mayAsk(context) ? { confirm: (question) => confirmBuild(context, question) } : {}),
  };
}

function mayAsk({ parsed, terminal, json, quiet, host }: CommandContext): boolean {
  const isNoInput = (parsed.knows("no-input") && parsed.flag("no-input")) || (host.env["CI"] ?? "") !== "";
  return terminal.inIsTerminal && terminal.errIsTerminal && !json && quiet === 0 && !isNoInput;
}

function secondsOf(text: string): number {
  if (/^\d{1,7}(\.\d+)?$/.test(text)) return Number(text);
  throw new PenError("USAGE", `--build-timeout takes a number of seconds, not ${printableLine(text)}`, {
    hint: "Type for example: --build-timeout 600",
  });
}

/** Shows what would run, and asks. */
async function confirmBuild({ terminal, colour }: CommandContext, question: BuildQuestion): Promise<boolean> {
  const { what, origin, backend, requires } = question;
  const lines = [
    `${colour.bold(printableLine(what))} has no wheel that can be used; it can be built from source.`,
    `  source  ${printableLine(origin)}`,
    `  runs    ${printableLine(backend)}`,
    ...(requires.length === 0 ? [] : [`  with    ${requires.map(printableLine).join(", ")}`]),
    "",
  ];
  terminal.err(lines.join("\n"));
  return askYes("Build it? That runs code of this project on your machine.");
}
