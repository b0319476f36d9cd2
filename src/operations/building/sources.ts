import type { IndexClient } from "#index";
import { normalizeName } from "#standards";
import { formatControl, readChoices } from "./build-choices.ts";
import type { Context } from "../context.ts";
import type { Builder, Sources, SourcesInput } from "./source-types.ts";

/** Opens the building side of a command. Costs nothing until something is built. `close` removes what builds left in their work folders. */
export function openSources(context: Context, client: IndexClient, input: SourcesInput): Sources {
  const choices = readChoices(input.choices ?? {});
  const allowed = new Set<string>();
  const wheelsOnly = input.wheelsOnly === true;
  const format = formatControl(input.noBinary, wheelsOnly ? [":all:"] : input.onlyBinary);
  let opening: Promise<Builder> | undefined;
  let isPatient = choices.preferWheels === true;
  const sources: Sources = {
    format,
    wheelsOnly,
    choices,
    python: input.interpreter.executable,
    standpoint: JSON.stringify([
      input.foreign === true,
      choices.allowAll === true,
      choices.preferWheels === true,
      choices.allow ?? [],
      [...input.noBinary],
      wheelsOnly || [...input.onlyBinary],
    ]),
    environmentRoot: input.environment?.root,
    mayBuild: (name) => !isPatient && input.foreign !== true && (choices.allowAll === true || allowed.has(name)),
    refusal:
      input.foreign === true
        ? "its source cannot be built for another Python or platform"
        : "building its source is not allowed (--allow-builds)",
    refused: new Map(),
    buildOptions: new Map(),
    countSources: () => {
      const before = isPatient;
      isPatient = false;
      return before;
    },
    allow: (name) => void allowed.add(name),
    builder: () =>
      (opening ??= import("./source-builder.ts").then(
        ({ SourceBuilder }) => new SourceBuilder({ context, client, sources, input, choices, open: openSources }),
      )),
    close: () => void opening?.then((builder) => builder.close()).catch(() => {}),
  };
  return withNames(sources, choices.allow ?? []);
}

function withNames(sources: Sources, names: readonly string[]): Sources {
  for (const name of names) sources.allow(normalizeName(name));
  return sources;
}
