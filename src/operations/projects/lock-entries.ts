import { relative } from "#foundation";
import type { JsonValue } from "#foundation";
import { newPipfileLockEntry, type LockedPackage, type PipfileLockEntry } from "#lock";
import type { Pipfile, PipfileEntry } from "#project";
import { isTomlTable } from "#project";
import type { Marker, NormalizedName } from "#standards";
import type { Pin } from "../resolving/resolve-types.ts";
import { entryMarker, inheritedText, type MarkerTable } from "./lock-markers.ts";
import { localPath } from "./locked-paths.ts";

/** The answer for one category, to be written. */
export interface CategoryAnswer {
  readonly pipfile: Pipfile;
  /** The folder of the Pipfile. */
  readonly root: string;
  /** As the Pipfile calls it. */
  readonly category: string;
  readonly entries: readonly PipfileEntry[];
  readonly pins: readonly Pin[];
  /** Where the project is locked for. */
  readonly target: Marker;
  readonly defaultSource: string | undefined;
}

/** The keys of a table that say where a package is needed. */
const markerKeys = [
  "markers",
  "implementation_name",
  "implementation_version",
  "os_name",
  "platform_machine",
  "platform_release",
  "platform_system",
  "platform_version",
  "python_full_version",
  "platform_python_implementation",
  "python_version",
  "sys_platform",
];

/** The entries of a category, in order of name. */
export function categoryEntries(answer: CategoryAnswer): PipfileLockEntry[] {
  const byName = new Map(answer.entries.map((entry) => [entry.name, entry]));
  const graph = new Requirers(answer, byName);
  return answer.pins
    .map((pin) => lockEntry(answer, { pin, entry: byName.get(pin.locked.name), graph }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Found {
  readonly pin: Pin;
  readonly entry: PipfileEntry | undefined;
  readonly graph: Requirers;
}

function lockEntry(answer: CategoryAnswer, { pin, entry, graph }: Found): PipfileLockEntry {
  const { locked } = pin;
  const key = lockKey(entry?.key ?? graph.writtenName(locked.name));
  const marker = entryMarker({
    name: locked.name,
    target: answer.target,
    need: locked.marker,
    requiresPython: locked.direct === undefined && entry?.skipResolver !== true ? pin.file?.requiresPython : undefined,
    written: entry && markerTable(answer, entry),
    asked: graph.asked(locked.name),
    inherited: graph.inherited(locked.name),
  });
  const raw: Record<string, JsonValue> = { ...originOf(answer, locked, entry) };
  const hashes = lockedHashes(locked);
  if (hashes.length > 0) raw["hashes"] = hashes;
  const extras =
    entry?.form === "table" && entry.extras.length > 0
      ? writtenExtras(answer, entry)
      : [...new Set<string>([...locked.extras, ...graph.writtenExtras(locked.name)])];
  if (extras.length > 0) raw["extras"] = [...extras].sort();
  const index = indexOf(answer, entry, key);
  if (index !== undefined) raw["index"] = index;
  if (marker !== undefined) raw["markers"] = marker;
  if (entry?.editable === true) raw["editable"] = true;
  if (entry?.noBinary === true) raw["no_binary"] = true;
  if (entry !== undefined && entry.pipArguments.length > 0) raw["pip_args"] = entry.pipArguments;
  return newPipfileLockEntry(key, raw);
}

/** The name as pipenv spells it: dots stay, and so does `_` in a name that holds the name of a version control system. */
function lockKey(name: string): string {
  const lower = name.toLowerCase();
  return /git|svn|hg|bzr/.test(lower) ? lower : lower.replace(/_/g, "-");
}

/** A text gets the name of the first source, a table only the one that it states. A name with dots is not found again by pipenv. */
function indexOf({ defaultSource }: CategoryAnswer, entry: PipfileEntry | undefined, key: string): string | undefined {
  if (entry === undefined || entry.origin.kind !== "index") return undefined;
  if (entry.form === "table") return entry.index;
  return key === entry.name ? defaultSource : undefined;
}

function tableOf({ pipfile, category }: CategoryAnswer, entry: PipfileEntry): Readonly<Record<string, unknown>> | undefined {
  const table = pipfile.raw[category];
  const value = isTomlTable(table) && Object.hasOwn(table, entry.key) ? table[entry.key] : undefined;
  return isTomlTable(value) ? value : undefined;
}

function markerTable(answer: CategoryAnswer, entry: PipfileEntry): MarkerTable | "text" {
  const table = tableOf(answer, entry);
  if (table === undefined) return "text";
  const found = markerKeys.flatMap((key) => (typeof table[key] === "string" ? [[key, table[key]] as const] : []));
  return new Map(found);
}

function writtenExtras(answer: CategoryAnswer, entry: PipfileEntry): readonly string[] {
  const extras = tableOf(answer, entry)?.["extras"];
  return Array.isArray(extras) ? extras.filter((one) => typeof one === "string") : entry.extras;
}

function originOf(answer: CategoryAnswer, locked: LockedPackage, entry: PipfileEntry | undefined): Record<string, JsonValue> {
  const origin = entry?.origin ?? { kind: "index" };
  switch (origin.kind) {
    case "path":
      return { path: origin.path };
    case "file":
      return { file: withoutSecrets(origin.url) };
    case "vcs":
    case "index":
      break;
  }
  const { direct } = locked;
  if (direct === undefined) return { version: `==${locked.version ?? ""}` };
  if (direct.info.kind === "vcs") {
    const url = origin.kind === "vcs" ? origin.url : direct.url;
    const subdirectory = direct.subdirectory ?? (origin.kind === "vcs" ? origin.subdirectory : undefined);
    return {
      [direct.info.vcs]: withoutSecrets(url),
      ref: direct.info.commitId,
      ...(subdirectory === undefined || subdirectory === "" ? {} : { subdirectory }),
    };
  }
  const path = localPath(direct.url, answer.root);
  return { file: path === undefined ? withoutSecrets(direct.url) : relative(answer.root, path).replaceAll("\\", "/") || "." };
}

/** A password stays only where it is the name of a variable, and so does a user without one, who may be a token; `git@` is no secret. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (whole, scheme: string, user: string) =>
    user === "git" || /^(?:[^:]*:)?(?:'?\$\{[^}]+\}'?|\$\w+)$/.test(user) ? whole : scheme,
  );
}

/** Of all files; of an archive its own. Folders and repositories have none. */
function lockedHashes({ files, direct }: LockedPackage): string[] {
  if (direct !== undefined && direct.info.kind !== "archive") return [];
  const archive = direct?.info.kind === "archive" ? [direct.info.hashes] : [];
  const all = [...files.map(({ hashes }) => hashes), ...archive];
  const texts = all.map((hashes) => {
    const algorithm = hashes["sha256"] === undefined ? Object.keys(hashes).sort().reverse()[0] : "sha256";
    return algorithm === undefined ? "" : `${algorithm}:${hashes[algorithm] ?? ""}`;
  });
  return [...new Set(texts.filter((text) => text !== ""))].sort();
}

/** Who asks for what in an answer, and how. */
class Requirers {
  private readonly answer: CategoryAnswer;
  private readonly byName: ReadonlyMap<NormalizedName, PipfileEntry>;
  private readonly into = new Map<NormalizedName, { from: NormalizedName; dependency: LockedPackage["dependencies"][number] }[]>();

  constructor(answer: CategoryAnswer, byName: ReadonlyMap<NormalizedName, PipfileEntry>) {
    this.answer = answer;
    this.byName = byName;
    for (const { locked } of answer.pins)
      for (const dependency of locked.dependencies)
        this.into.set(dependency.name, [...(this.into.get(dependency.name) ?? []), { from: locked.name, dependency }]);
  }

  /** The name as those who need the package write it. */
  writtenName(name: NormalizedName): string {
    return this.into.get(name)?.find(({ dependency }) => dependency.requirement !== undefined)?.dependency.requirement?.rawName ?? name;
  }

  /** Extras in other spellings than their own: pipenv locks these beside it. */
  writtenExtras(name: NormalizedName): string[] {
    return (this.into.get(name) ?? []).flatMap(({ dependency }) => dependency.requirement?.rawExtras ?? []);
  }

  asked(name: NormalizedName): (Marker | undefined)[] {
    const asked = this.into.get(name) ?? [];
    return asked.length === 0 ? [undefined] : asked.map(({ dependency }) => dependency.requirement?.marker);
  }

  /** The markers of all entries through which the package is needed. */
  inherited(name: NormalizedName): string[] {
    const seen = new Set<NormalizedName>([name]);
    const queue = [name];
    const texts = new Set<string>();
    for (const one of queue)
      for (const { from } of this.into.get(one) ?? []) {
        if (seen.has(from)) continue;
        seen.add(from);
        const entry = this.byName.get(from);
        if (entry === undefined) queue.push(from);
        else texts.add(inheritedText(markerTable(this.answer, entry)));
      }
    return [...texts];
  }
}
