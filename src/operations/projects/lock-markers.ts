import { bothMarkers, packagingText, requiresPythonText } from "#lock";
import { andMarkers, markerImplies, markerText, parseMarker, type Marker, type NormalizedName } from "#standards";
import { isPenError } from "#foundation";

/** What the marker of a locked package is made of. */
export interface MarkerInput {
  readonly name: NormalizedName;
  /** Where the project is locked for. */
  readonly target: Marker;
  /** Where the package is needed, within the target; undefined means everywhere. */
  readonly need: Marker | undefined;
  /** Requires-Python, as its index writes it. */
  readonly requiresPython: string | undefined;
  /** The table of a Pipfile that names it; `text` for an entry that is a text; undefined for a package that only others need. */
  readonly written: MarkerTable | "text" | undefined;
  /** The markers of the requirements on it, of packages that need it. */
  readonly asked: readonly (Marker | undefined)[];
  /** The markers that the entries of the Pipfile, through which it is needed, have; `""` for one without. */
  readonly inherited: readonly string[];
}

/** The keys of a Pipfile's table that say where a package is needed; all values are texts. */
export type MarkerTable = ReadonlyMap<string, string>;

/**
 * The marker of a locked package, as text. pipenv's own spelling is kept wherever it says the truth; where it would lose a platform on which the
 * package is needed, or name one on which it is not, the marker says exactly where it is needed, and its Requires-Python.
 */
export function entryMarker(input: MarkerInput): string | undefined {
  const python = input.requiresPython === undefined ? undefined : requiresPythonText(input.requiresPython);
  const spellings = input.written === undefined ? neededSpellings(input, python) : [namedSpelling(input.written, python)];
  for (const spelling of spellings) if (saysNeed(spelling, input)) return spelling;
  if (input.need === undefined) return python;
  const need = packagingText(markerText(input.need));
  return python === undefined ? need : packagingText(`(${python}) and (${need})`);
}

function saysNeed(spelling: string | undefined, { target, need }: MarkerInput): boolean {
  if (spelling === undefined) return need === undefined;
  const said = tryMarker(spelling);
  if (said === undefined || !markerImplies(andMarkers(target, need), said)) return false;
  return need === undefined || markerImplies(andMarkers(target, said), need);
}

function tryMarker(text: string): Marker | undefined {
  try {
    return parseMarker(text);
  } catch (error) {
    if (isPenError(error)) return undefined;
    throw error;
  }
}

/** For a package that others need: the marker of the Pipfile's entry above it, else its Requires-Python, else that of the requirement. */
function neededSpellings({ asked, inherited }: MarkerInput, python: string | undefined): (string | undefined)[] {
  const own = python === undefined ? asked.map((marker) => (marker === undefined ? undefined : markerText(marker))) : [python];
  const above = [...new Set(inherited)].sort();
  return (above.length === 0 ? [""] : above).flatMap((text) => (text === "" ? own : [text]).map(withoutExtra));
}

function withoutExtra(text: string | undefined): string | undefined {
  return text === undefined || text.includes("extra") ? undefined : packagingText(text);
}

/** Texts as Python prints them, which pipenv compares with what stands in the Pipfile. */
function printed(text: string): string {
  return packagingText(text).replaceAll("'", '"');
}

/** For a package that the Pipfile names. */
function namedSpelling(written: MarkerTable | "text", python: string | undefined): string | undefined {
  if (written === "text") return python;
  const stated = joinedKeys(written, written.get("markers"));
  const above = inheritedText(written);
  let marker = above === "" ? (python === undefined ? stated : printed(python)) : above;
  if (stated !== undefined) marker = bothMarkers(marker, stated);
  const markers = written.get("markers");
  if (markers !== undefined) marker = bothMarkers(marker, markers);
  const system = written.get("os_name");
  if (system !== undefined) marker = bothMarkers(marker, `os_name ${system}`);
  if (marker?.includes("extra") === true) marker = undefined;
  const last = markers ?? marker;
  if (last === undefined) return undefined;
  const joined = joinedKeys(written, last);
  return joined === undefined ? undefined : packagingText(joined);
}

/** `markers` and the keys that are variables, without `os_name`, in order of their texts. */
function joinedKeys(written: MarkerTable, markers: string | undefined): string | undefined {
  const texts = new Set(markers === undefined || markers.includes("extra") ? [] : [printed(markers)]);
  for (const [key, value] of written) if (key !== "markers" && key !== "os_name") texts.add(printed(`${key} ${value}`));
  return texts.size === 0 ? undefined : printed([...texts].sort().join(" and "));
}

/** What an entry hands down to what its package needs. */
export function inheritedText(written: MarkerTable | "text" | undefined): string {
  if (written === undefined || written === "text") return "";
  const parts = [
    written.get("sys_platform") === undefined ? undefined : `sys_platform ${written.get("sys_platform") ?? ""}`,
    written.get("markers"),
    written.get("platform_machine") === undefined ? undefined : `platform_machine ${written.get("platform_machine") ?? ""}`,
  ];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => `(${part})`)
    .join(" and ");
}
