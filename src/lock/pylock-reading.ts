import { PenError } from "#foundation";
import {
  isStrongHash,
  parseHash,
  parseMarker,
  parseRequirement,
  parseSpecifiers,
  parseVersion,
  sameVersion,
  tryNormalizeName,
  tryParseSdistFilename,
  tryParseWheelFilename,
  type DirectUrl,
  type NormalizedName,
} from "#standards";
import { parse as parseToml } from "smol-toml";
import { sortLock } from "./lock.ts";
import { staysInside, urlInside } from "./paths.ts";
import { Place } from "./places.ts";
import type { Lock, LockedDependency, LockedFile, LockedPackage } from "./types.ts";

export interface PylockReading {
  /** The name of the file, for errors. */
  readonly file?: string;
  /** Absolute path of the folder that the lock lies in: local sources become `file:` URLs below it. */
  readonly folder?: string;
}

const maxLength = 64 * 1024 * 1024;

/**
 * Reads `pylock.toml` (PEP 751). Everything that installing relies on is checked: versions of the format, names, hashes of every file
 * (one strong one at least), paths that stay inside the lock's folder, and that a package has one kind of source. Fails with
 * INVALID_LOCK, the place in `why` and `data.place`. Unknown keys are passed over.
 */
export function parsePylock(text: string, reading: PylockReading = {}): Lock {
  const root = new Place(readToml(text, reading.file ?? "pylock.toml"), "", reading.file ?? "pylock.toml");
  checkVersion(root.need("lock-version"));
  root.need("created-by").text();
  const packages = root
    .need("packages")
    .items()
    .map((place) => readPackage(place, reading));
  const extras = root.get("extras")?.items().map(readName);
  const dependencyGroups = root.get("dependency-groups")?.items().map(readName);
  const defaultGroups = root.get("default-groups")?.items().map(readName);
  return sortLock({
    requiresPython: root.get("requires-python")?.parse(parseSpecifiers),
    environments:
      root
        .get("environments")
        ?.items()
        .map((place) => place.parse(parseMarker)) ?? [],
    packages,
    ...(extras === undefined ? {} : { extras }),
    ...(dependencyGroups === undefined ? {} : { dependencyGroups }),
    ...(defaultGroups === undefined ? {} : { defaultGroups }),
  });
}

function readToml(text: string, file: string): unknown {
  const place = new Place(undefined, "", file);
  if (text.length > maxLength) return place.fail("It is larger than 64 MiB.");
  try {
    return parseToml(text.replace(/^\ufeff/, ""), { maxDepth: 32 });
  } catch (error) {
    const at =
      error instanceof Error && "line" in error && "column" in error ? ` (line ${String(error.line)}, column ${String(error.column)})` : "";
    const [reason] = error instanceof Error ? error.message.split("\n") : [];
    throw new PenError("INVALID_LOCK", `${file} is not a valid lock`, {
      why: `It is not TOML: ${reason ?? "syntax error"}${at}.`,
      data: { place: "" },
      cause: error,
    });
  }
}

function checkVersion(place: Place): void {
  const match = /^(\d{1,4})\.(\d{1,4})$/.exec(place.text());
  if (match === null) place.fail(`${place.quoted()} is not a version of the format, such as '1.0'.`);
  if (match[1] !== "1") place.fail(`The format ${place.quoted()} is newer than this pen; it reads 1.x.`);
}

function readName(place: Place): NormalizedName {
  return tryNormalizeName(place.text()) ?? place.fail(`${place.quoted()} is not a name.`);
}

function readPackage(place: Place, reading: PylockReading): LockedPackage {
  const name = readName(place.need("name"));
  const versionPlace = place.get("version");
  const version = versionPlace?.text();
  versionPlace?.parse(parseVersion);
  const known = { name, version };
  const direct = readSource(place, reading);
  const own = readOwn(place);
  const files = direct === undefined ? readFiles(place, known) : direct.files;
  const named = (place.get("dependencies")?.items() ?? []).map((one) => readName(one.need("name")));
  const plain = [...new Set(named)].map((dependency): LockedDependency => ({ name: dependency, extras: [], marker: undefined }));
  return {
    name,
    version,
    marker: place.get("marker")?.parse(parseMarker),
    requiresPython: place.get("requires-python")?.parse(parseSpecifiers),
    extras: own?.get("extras")?.items().map(readName) ?? [],
    direct: direct?.url,
    index: place.get("index") === undefined ? undefined : readUrl(place.need("index")),
    files,
    requiredBy:
      own
        ?.get("required-by")
        ?.items()
        .map((one) => one.text()) ?? [],
    dependencies: own?.get("dependencies")?.items().map(readDependency) ?? plain,
  };
}

function readOwn(place: Place): Place | undefined {
  return place.get("tool")?.get("pen");
}

function readDependency(place: Place): LockedDependency {
  const { name, extras, marker } = place.parse(parseRequirement);
  return { name, extras, marker };
}

interface Source {
  readonly url: DirectUrl;
  readonly files: readonly LockedFile[];
}

const sourceKinds = ["vcs", "directory", "archive"] as const;

function readSource(place: Place, reading: PylockReading): Source | undefined {
  const kinds = sourceKinds.filter((kind) => place.get(kind) !== undefined);
  const [kind] = kinds;
  const hasFiles = place.get("wheels") !== undefined || place.get("sdist") !== undefined;
  if (kinds.length > 1 || (kind !== undefined && hasFiles))
    place.fail("It must have one source: vcs, directory, archive, or wheels and sdist.");
  if (kind === undefined) return hasFiles ? undefined : place.fail("It has no source: vcs, directory, archive, wheels or sdist.");
  const source = place.need(kind);
  const subdirectory = source.get("subdirectory");
  if (subdirectory !== undefined && !staysInside(subdirectory.text()))
    subdirectory.fail(`${subdirectory.quoted()} leads out of the source.`);
  const common = subdirectory === undefined ? {} : { subdirectory: subdirectory.text() };
  switch (kind) {
    case "vcs": {
      const revision = source.get("requested-revision")?.text();
      const info = {
        kind,
        vcs: source.need("type").text(),
        commitId: source.need("commit-id").text(),
        ...(revision === undefined ? {} : { requestedRevision: revision }),
      };
      return { url: { url: readLocation(source, reading), ...common, info }, files: [] };
    }
    case "directory": {
      const info = { kind: "dir", editable: source.get("editable")?.flag() ?? false } as const;
      return { url: { url: urlInside(readPath(source.need("path")), reading.folder), ...common, info }, files: [] };
    }
    case "archive": {
      const file = readFile(source, undefined);
      return { url: { url: readLocation(source, reading), ...common, info: { kind, hashes: file.hashes } }, files: [file] };
    }
  }
}

function readLocation(place: Place, reading: PylockReading): string {
  const url = place.get("url");
  const path = place.get("path");
  if (path !== undefined) return urlInside(readPath(path), reading.folder);
  return url === undefined ? place.fail("It needs 'url' or 'path'.") : readUrl(url);
}

function readUrl(place: Place): string {
  const url = place.text();
  if (!/^(?:https?|file|ssh|git):\/\/[^\s]+$/i.test(url)) place.fail(`${place.quoted()} is not a URL that can be fetched.`);
  return url;
}

function readPath(place: Place): string {
  const path = place.text();
  if (path === "." || staysInside(path)) return path;
  return place.fail(`${place.quoted()} leads out of the lock's folder, or is not a relative path with '/'.`);
}

interface Known {
  readonly name: NormalizedName;
  readonly version: string | undefined;
}

function readFiles(place: Place, known: Known): LockedFile[] {
  const sdist = place.get("sdist");
  const wheels = place.get("wheels")?.items() ?? [];
  if (wheels.length === 0 && sdist === undefined) place.need("wheels").fail("It is empty, and there is no sdist.");
  const files = wheels.map((wheel) => {
    const file = readFile(wheel, known);
    checkWheelName(wheel, file.filename, known);
    return file;
  });
  if (sdist === undefined) return files;
  const file = readFile(sdist, known);
  checkSdistName(sdist, file.filename, known);
  return [...files, file];
}

function checkWheelName(place: Place, filename: string, known: Known): void {
  const wheel = tryParseWheelFilename(filename);
  if (wheel === undefined) place.fail(`'${filename}' is not the file name of a wheel.`);
  if (wheel.name !== known.name) place.fail(`'${filename}' is a wheel of ${wheel.name}, not of ${known.name}.`);
  if (known.version !== undefined && !sameVersion(wheel.version, parseVersion(known.version))) {
    place.fail(`'${filename}' is a wheel of version ${wheel.versionText}, not ${known.version}.`);
  }
}

function checkSdistName(place: Place, filename: string, known: Known): void {
  if (filename.endsWith(".whl")) place.fail(`'${filename}' is a wheel, not a source distribution.`);
  const sdist = tryParseSdistFilename(filename, known.name);
  // Names of old releases follow no rule; one that is understood must agree.
  if (sdist !== undefined && known.version !== undefined && !sameVersion(sdist.version, parseVersion(known.version))) {
    place.fail(`'${filename}' is version ${sdist.versionText}, not ${known.version}.`);
  }
}

function readFile(place: Place, known: Known | undefined): LockedFile {
  const url = place.get("url");
  const path = place.get("path");
  if (url === undefined && path === undefined) place.fail("It needs 'url' or 'path'.");
  const file = {
    url: url === undefined ? undefined : readUrl(url),
    path: path === undefined ? undefined : readPath(path),
    hashes: readHashes(place.need("hashes")),
    size: place.get("size")?.size(),
    uploadTime: place.get("upload-time")?.time(),
  };
  const filename = place.get("name")?.text() ?? lastPart(file.path ?? file.url ?? "");
  if (filename === "" || filename === "." || filename === ".." || /[/\\]/.test(filename)) {
    if (known !== undefined) place.fail("It has no usable file name.");
  }
  return { filename, ...file };
}

function lastPart(location: string): string {
  const [plain = ""] = location.split(/[?#]/);
  try {
    return decodeURIComponent(plain.slice(plain.lastIndexOf("/") + 1));
  } catch {
    return "";
  }
}

function readHashes(place: Place): Record<string, string> {
  const hashes: Record<string, string> = Object.create(null) as Record<string, string>;
  let strong = false;
  for (const algorithm of Object.keys(place.table()).sort()) {
    const entry = place.need(algorithm);
    const name = algorithm.toLowerCase();
    if (isStrongHash(name)) {
      hashes[name] = entry.parse((digest) => parseHash(`${name}:${digest}`)).digest;
      strong = true;
    } else if (/^[a-z0-9_-]{1,40}$/.test(name)) hashes[name] = entry.text().toLowerCase();
  }
  if (!strong) place.fail("It needs a hash that protects the file, such as sha256.");
  return { ...hashes };
}
