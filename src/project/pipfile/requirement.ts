import { fileURLToPath, dirname, resolve } from "#foundation";
import { anySpecifiers, markerText, type Requirement } from "#standards";
import type { RequirementEntry, RequirementSource } from "../requirements-file/types.ts";
import { expandVariables } from "./variables.ts";
import type { Pipfile, PipfileEntry, PipfileOrigin } from "./types.ts";

/**
 * What the resolver takes for an entry. Folders and archives are places, relative ones in the Pipfile's folder; a repository is a requirement
 * with a URL. `env` gives the values of `${VARIABLES}` in the URL of a repository or archive (error: `INVALID_PROJECT` naming one that is not
 * set); without it they stay as they are.
 */
export function pipfileRequirement(
  entry: PipfileEntry,
  pipfile: Pick<Pipfile, "path">,
  env?: Readonly<Record<string, string | undefined>>,
): RequirementEntry {
  const { origin, name, key, extras, specifiers, marker } = entry;
  const requirement = { name, rawName: key, extras, specifiers, ...(marker === undefined ? {} : { marker }) };
  const folder = dirname(resolve(pipfile.path));
  return {
    source: requirementSource({ requirement, origin }, folder, (text) => (env === undefined ? text : expandVariables(text, env))),
    editable: entry.editable,
    hashes: entry.hashes,
    buildOptions: buildOptions(entry.pipArguments),
    origin: { file: "Pipfile", line: entry.line },
  };
}

/** A requirement and where it comes from, as the resolver takes it; relative paths stand in `folder`. */
export function requirementSource(
  { requirement, origin }: { readonly requirement: Requirement; readonly origin: PipfileOrigin },
  folder: string,
  expand: (text: string) => string = (text) => text,
): RequirementSource {
  const { extras, marker } = requirement;
  const place = (location: string): RequirementSource => ({
    kind: "location",
    location,
    extras,
    marker: marker === undefined ? undefined : markerText(marker),
  });
  if (origin.kind === "path") return place(placeOf(origin.path, folder));
  if (origin.kind === "file") return place(placeOf(expand(origin.url), folder));
  if (origin.kind === "index") return { kind: "named", requirement };
  return { kind: "named", requirement: { ...requirement, specifiers: anySpecifiers, url: repositoryUrl(origin, expand) } };
}

/** A URL as it is, a path as an absolute one. */
function placeOf(text: string, folder: string): string {
  if (/^file:(?!\/\/)/i.test(text)) return resolve(folder, text.slice("file:".length));
  if (!/^file:/i.test(text) || text.includes("#")) return /^[a-z][a-z0-9+.-]+:/i.test(text) ? text : resolve(folder, text);
  try {
    return fileURLToPath(text);
  } catch {
    // Of another machine: who fetches it says so.
    return text;
  }
}

function repositoryUrl(origin: PipfileOrigin & { readonly kind: "vcs" }, expand: (text: string) => string): string {
  const ref = origin.ref === undefined || origin.ref === "" ? "" : `@${origin.ref}`;
  const subdirectory = origin.subdirectory === undefined || origin.subdirectory === "" ? "" : `#subdirectory=${origin.subdirectory}`;
  return `${origin.vcs}+${expand(origin.url)}${ref}${subdirectory}`;
}

/** `--config-settings` and its value become one option, as in a requirements file. */
function buildOptions(words: readonly string[]): string[] {
  const options: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word.includes("=") || words[at + 1] === undefined) options.push(word);
    else {
      options.push(`${word}=${words[at + 1] ?? ""}`);
      at += 1;
    }
  }
  return options;
}
