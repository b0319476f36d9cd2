import { PenError, printableLine, isAbsolute, relative, sep } from "#foundation";
import { parseRequirementArgument, type PipfileEdit, type PipfileTable, type RequirementEntry } from "#project";
import { markerText, type NormalizedName, type Requirement } from "#standards";
import type { Context } from "../context.ts";

/** What a person adds to a project. */
export interface Additions {
  /** As on pip's command line: `flask`, `flask[async]>=3; python_version < "3.12"`, `git+https://…@ref`, `./folder`, an archive. */
  readonly packages: readonly string[];
  /** `-e`. */
  readonly editables: readonly string[];
  /** The name of the source that they come from, where it is not the first one. */
  readonly index?: string | undefined;
  /** Only built from source. */
  readonly noBinary?: ReadonlySet<NormalizedName> | undefined;
  /** `KEY=VALUE` for the build backend. */
  readonly configSettings?: readonly string[] | undefined;
}

/** One addition with the name under which the Pipfile gets it. */
export interface Addition {
  readonly name: NormalizedName;
  readonly text: string;
  readonly value: string | PipfileTable;
}

/** Finds out what the project is called that stands at a place. */
export type NameOf = (entry: RequirementEntry) => Promise<NormalizedName>;

/**
 * What the Pipfile gets for each addition, in pipenv's form: a text where a version is all there is to say, else a table with pipenv's keys in its order. Errors:
 * `INVALID_REQUIREMENT` with the column, and those of `nameOf`.
 */
export async function additionsOf(
  { host }: Pick<Context, "host">,
  given: Additions,
  { root, nameOf }: { readonly root: string; readonly nameOf: NameOf },
): Promise<Addition[]> {
  const added: Addition[] = [];
  const all = [...given.packages.map((text) => [text, false] as const), ...given.editables.map((text) => [text, true] as const)];
  for (const [text, editable] of all) {
    const entry = parseRequirementArgument(text, host.cwd, editable);
    const { source } = entry;
    const name = source.kind === "named" ? source.requirement.name : await nameOf(entry);
    const table = source.kind === "named" ? namedTable(source.requirement, editable) : placeTable(source, { text, editable, root });
    const whole: PipfileTable = {
      ...table,
      ...(given.index === undefined ? {} : { index: given.index }),
      ...markersOf(source),
      ...(given.noBinary?.has(name) === true ? { no_binary: true } : {}),
      ...((given.configSettings ?? []).length > 0
        ? { pip_args: (given.configSettings ?? []).flatMap((setting) => ["--config-settings", setting]) }
        : {}),
    };
    const [only, ...others] = Object.keys(whole);
    added.push({ name, text, value: only === "version" && others.length === 0 ? (whole["version"] as string) : whole });
  }
  return added;
}

/** The edits that put additions into categories. */
export function editsFor(additions: readonly Addition[], categories: readonly string[]): PipfileEdit[] {
  return additions.flatMap(({ name, value }) => categories.map((category) => ({ kind: "put", category, name, value }) as const));
}

type Source = RequirementEntry["source"];

function markersOf(source: Source): { markers?: string } {
  if (source.kind === "location") return source.marker === undefined ? {} : { markers: source.marker };
  const { marker } = source.requirement;
  // As Python's packaging writes markers.
  return marker === undefined ? {} : { markers: markerText(marker).replaceAll("'", '"') };
}

const extrasOf = (extras: readonly string[]): { extras?: string[] } => (extras.length === 0 ? {} : { extras: [...extras].sort() });

function namedTable({ extras, specifiers, url }: Requirement, editable: boolean): PipfileTable {
  if (url !== undefined) return urlTable(url, extras, editable);
  const version = specifiers.specifiers.map(({ operator, version, wildcard }) => `${operator}${version}${wildcard ? ".*" : ""}`).sort();
  return { ...extrasOf(extras), version: version.length === 0 ? "*" : version.join(",") };
}

function urlTable(url: string, extras: readonly string[], editable: boolean): PipfileTable {
  const [, vcs, place = ""] = /^(git|hg|svn|bzr)\+(.*)$/s.exec(url) ?? [];
  if (vcs === undefined) return { ...extrasOf(extras), file: url, ...(editable ? { editable } : {}) };
  const [bare = "", fragment = ""] = place.split("#", 2);
  const at = bare.lastIndexOf("@");
  const hasRef = at > bare.lastIndexOf("/") && at > 0;
  const subdirectory = new URLSearchParams(fragment).get("subdirectory");
  return {
    ...(editable ? { editable } : {}),
    ...extrasOf(extras),
    ...(hasRef ? { ref: bare.slice(at + 1) } : {}),
    [vcs]: hasRef ? bare.slice(0, at) : bare,
    ...(subdirectory ? { subdirectory } : {}),
  };
}

interface Written {
  readonly text: string;
  readonly editable: boolean;
  readonly root: string;
}

function placeTable(source: Source & { readonly kind: "location" }, { text, editable, root }: Written): PipfileTable {
  const { location, extras } = source;
  if (/^(?:git|hg|svn|bzr)\+/.test(location)) return urlTable(location, extras, editable);
  const own = editable ? { editable } : {};
  const written = text.trim();
  if (/^https?:/i.test(location)) return { ...extrasOf(extras), file: location, ...own };
  if (/^file:/i.test(written)) return { ...extrasOf(extras), file: written, ...own };
  const path = location.replace(/^file:\/\//, "");
  const way = relative(root, path).replaceAll(sep, "/");
  if (/[\u0000-\u001f\u007f]/.test(way)) {
    throw new PenError("INVALID_REQUIREMENT", `The path ${printableLine(path)} cannot stand in a Pipfile`, {
      why: "It holds a control character.",
      hint: "Rename the folder.",
    });
  }
  // A path that a person wrote as an absolute one stays so.
  const near = way === "" ? "." : way.startsWith("..") ? way : `./${way}`;
  return { ...extrasOf(extras), path: isAbsolute(written) ? written : near, ...own };
}
