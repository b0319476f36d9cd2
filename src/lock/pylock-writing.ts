import { PenError } from "#foundation";
import { isStrongHash, markerText, specifiersText, type DirectUrl } from "#standards";
import { pathInside, staysInside } from "./paths.ts";
import { inlineTable, tomlString, tomlStrings } from "./toml-writing.ts";
import type { Lock, LockedDependency, LockedFile, LockedPackage } from "./types.ts";

export interface PylockOptions {
  /** Absolute path of the folder that the lock lies in: local sources are written relative to it. Needed only when there are any. */
  readonly folder?: string;
}

/**
 * The lock as `pylock.toml` (PEP 751), the same bytes for the same lock. What the format has no place for (extras, who asked)
 * stands under `packages.tool.pen`. Fails with HASH_REQUIRED for a file without a strong hash, and with INVALID_LOCK for a
 * local source outside the lock's folder.
 */
export function formatPylock(lock: Lock, options: PylockOptions = {}): string {
  const lines = ['lock-version = "1.0"'];
  if (lock.environments.length > 0)
    lines.push(`environments = ${tomlList(lock.environments.map((marker) => tomlString(markerText(marker))))}`);
  if (lock.requiresPython !== undefined && lock.requiresPython.specifiers.length > 0)
    lines.push(`requires-python = ${tomlString(specifiersText(lock.requiresPython))}`);
  if (lock.extras !== undefined) lines.push(`extras = ${tomlStrings(lock.extras)}`);
  if (lock.dependencyGroups !== undefined) lines.push(`dependency-groups = ${tomlStrings(lock.dependencyGroups)}`);
  if (lock.defaultGroups !== undefined) lines.push(`default-groups = ${tomlStrings(lock.defaultGroups)}`);
  lines.push('created-by = "pen"');
  if (lock.packages.length === 0) lines.push("packages = []");
  for (const one of lock.packages) lines.push("", "[[packages]]", ...packageLines(one, lock, options));
  return `${lines.join("\n")}\n`;
}

function packageLines(one: LockedPackage, lock: Lock, options: PylockOptions): string[] {
  const lines = [`name = ${tomlString(one.name)}`];
  if (one.version !== undefined) lines.push(`version = ${tomlString(one.version)}`);
  if (one.marker !== undefined) lines.push(`marker = ${tomlString(markerText(one.marker))}`);
  if (one.requiresPython !== undefined && one.requiresPython.specifiers.length > 0)
    lines.push(`requires-python = ${tomlString(specifiersText(one.requiresPython))}`);
  const dependencies = one.dependencies.flatMap((dependency) => dependencyTables(dependency, lock));
  if (dependencies.length > 0) lines.push(`dependencies = ${tomlList([...new Set(dependencies)])}`);
  if (one.direct !== undefined) lines.push(sourceLine(one, one.direct, options));
  if (one.index !== undefined) lines.push(`index = ${tomlString(one.index)}`);
  if (one.direct === undefined) lines.push(...fileLines(one));
  const own = ownLines(one);
  if (own.length > 0) lines.push("", "[packages.tool.pen]", ...own);
  return lines;
}

// The least that tells which entry is meant: the name, and the version where the name has several entries.
function dependencyTables(dependency: LockedDependency, lock: Lock): string[] {
  const entries = lock.packages.filter((one) => one.name === dependency.name);
  const tables = entries.map((entry) =>
    inlineTable([
      ["name", tomlString(entry.name)],
      ["version", entries.length > 1 && entry.version !== undefined ? tomlString(entry.version) : undefined],
    ]),
  );
  return tables.flatMap((table) => (table === undefined ? [] : [table]));
}

function fileLines(one: LockedPackage): string[] {
  const wheels = one.files.filter((file) => file.filename.endsWith(".whl"));
  const [sdist, ...more] = one.files.filter((file) => !file.filename.endsWith(".whl"));
  if (more.length > 0)
    throw new PenError("INVALID_LOCK", `${one.name} ${one.version ?? ""} has more than one source distribution`, {
      why: "A pylock.toml can hold one for each package.",
    });
  const lines: string[] = [];
  if (sdist !== undefined) lines.push(`sdist = ${fileTable(one, sdist)}`);
  if (wheels.length > 0) lines.push(`wheels = ${tomlList(wheels.map((file) => fileTable(one, file)))}`);
  return lines;
}

function fileTable(one: LockedPackage, file: LockedFile): string {
  return inlineTable([["name", tomlString(file.filename)], ...fileEntries(one, file)]) as string;
}

function fileEntries(one: LockedPackage, file: LockedFile): Array<readonly [string, string | undefined]> {
  return [
    ["upload-time", file.uploadTime === undefined ? undefined : new Date(file.uploadTime).toISOString()],
    ["url", file.url === undefined ? undefined : tomlString(file.url)],
    ["path", file.path === undefined ? undefined : tomlString(file.path)],
    ["size", file.size === undefined ? undefined : String(file.size)],
    ["hashes", hashTable(one, file.filename, file.hashes)],
  ];
}

function hashTable(one: LockedPackage, filename: string, hashes: LockedFile["hashes"]): string {
  if (!Object.keys(hashes).some(isStrongHash)) {
    throw new PenError("HASH_REQUIRED", `There is no hash for ${one.name} ${one.version ?? ""}`.trimEnd(), {
      why: `A lock holds a hash of every file, and the index gave ${filename} without one that protects it.`,
    });
  }
  return inlineTable(
    Object.keys(hashes)
      .sort()
      .map((algorithm) => [algorithm, tomlString(hashes[algorithm] ?? "")]),
  ) as string;
}

function sourceLine(one: LockedPackage, direct: DirectUrl, options: PylockOptions): string {
  const { info } = direct;
  const inside = localPath(direct.url, options.folder, one.name);
  const url = inside === undefined ? tomlString(direct.url) : undefined;
  const path = inside === undefined ? undefined : tomlString(inside);
  const subdirectory = direct.subdirectory === undefined ? undefined : tomlString(direct.subdirectory);
  switch (info.kind) {
    case "vcs": {
      const revision = info.requestedRevision === undefined ? undefined : tomlString(info.requestedRevision);
      const entries = [
        ["type", tomlString(info.vcs)],
        ["url", url],
        ["path", path],
        ["requested-revision", revision],
        ["commit-id", tomlString(info.commitId)],
      ] as const;
      return `vcs = ${inlineTable([...entries, ["subdirectory", subdirectory]])}`;
    }
    case "dir":
      return `directory = ${inlineTable([
        ["path", path ?? url],
        ["editable", info.editable ? "true" : undefined],
        ["subdirectory", subdirectory],
      ])}`;
    case "archive": {
      const [file] = one.files;
      const hashes = hashTable(one, file?.filename ?? direct.url, file?.hashes ?? info.hashes);
      const size = file?.size === undefined ? undefined : String(file.size);
      const uploaded = file?.uploadTime === undefined ? undefined : new Date(file.uploadTime).toISOString();
      return `archive = ${inlineTable([
        ["url", url],
        ["path", path],
        ["size", size],
        ["upload-time", uploaded],
        ["hashes", hashes],
        ["subdirectory", subdirectory],
      ])}`;
    }
  }
}

// A lock that was read without saying where it lies holds paths as they were written.
function localPath(url: string, folder: string | undefined, name: string): string | undefined {
  if (url.startsWith("file:")) return pathInside(url, folder, name);
  return url === "." || (!url.includes(":") && staysInside(url)) ? url : undefined;
}

function ownLines(one: LockedPackage): string[] {
  const lines: string[] = [];
  if (one.extras.length > 0) lines.push(`extras = ${tomlStrings(one.extras)}`);
  if (one.requiredBy.length > 0) lines.push(`required-by = ${tomlStrings(one.requiredBy)}`);
  const detailed = one.dependencies.filter((dependency) => dependency.extras.length > 0 || dependency.marker !== undefined);
  if (detailed.length > 0)
    lines.push(`dependencies = ${tomlList(one.dependencies.map((dependency) => tomlString(dependencyText(dependency))))}`);
  return lines;
}

function dependencyText({ name, extras, marker }: LockedDependency): string {
  return `${name}${extras.length === 0 ? "" : `[${extras.join(",")}]`}${marker === undefined ? "" : ` ; ${markerText(marker)}`}`;
}

/** One item to a line as soon as there are several. */
function tomlList(items: readonly string[]): string {
  return items.length < 2 ? `[${items.join("")}]` : `[\n${items.map((item) => `    ${item},\n`).join("")}]`;
}
