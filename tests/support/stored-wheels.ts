/**
 * Makes wheels as they stand in the store, without the store: for tests of the installer alone. The layout is the one that
 * `src/store/types.ts` promises: the tree of site-packages, launchers with the text for every environment, RECORD outside.
 */
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { normalizeName, type EntryPoint } from "#standards";
import type { StoredFile, StoredWheel, TopLevelEntry, WheelScheme } from "#store";

export interface SampleWheel {
  readonly name: string;
  readonly version: string;
  /** Files of site-packages by path; the dist-info folder is made. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Commands: name to `module:attribute`. */
  readonly commands?: Readonly<Record<string, string>>;
  /** Files of the `.data` schemes: `data/share/x`, `headers/x.h`, `scripts/x`. */
  readonly data?: Readonly<Record<string, string>>;
  readonly requires?: readonly string[];
  readonly purelib?: boolean;
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64url");

/** Writes the wheel below `store` and gives its manifest. */
export function storeSample(store: string, sample: SampleWheel): StoredWheel {
  const { name, version } = sample;
  const stem = `${name.replace(/[-.]+/g, "_")}-${version}`;
  const distInfo = `${stem}.dist-info`;
  const folder = join(store, `${stem}-${createHash("sha256").update(JSON.stringify(sample)).digest("hex").slice(0, 8)}`);
  const files: StoredFile[] = [];
  const write = (scheme: WheelScheme, path: string, content: string | Uint8Array, executable = false): void => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const source = `${scheme}/${path}`;
    mkdirSync(dirname(join(folder, source)), { recursive: true });
    writeFileSync(join(folder, source), bytes);
    chmodSync(join(folder, source), executable ? 0o555 : 0o444);
    utimesSync(join(folder, source), 1_580_601_600, 1_580_601_600);
    files.push({ path, scheme, source, size: bytes.length, hash: hashOf(bytes), executable });
  };
  for (const [path, content] of Object.entries(sample.files ?? {})) write("lib", path, content);
  const scripts: EntryPoint[] = [];
  for (const [command, object] of Object.entries(sample.commands ?? {})) {
    const [module = "", attribute = ""] = object.split(":");
    scripts.push({ group: "console_scripts", name: command, module, attribute, extras: [] });
    write("scripts", command, launcher(module, attribute), true);
  }
  for (const [path, content] of Object.entries(sample.data ?? {})) {
    const slash = path.indexOf("/");
    write(path.slice(0, slash) as WheelScheme, path.slice(slash + 1), content, path.startsWith("scripts/"));
  }
  const requires = (sample.requires ?? []).map((text) => `Requires-Dist: ${text}\n`).join("");
  const info: Record<string, string | Uint8Array> = {
    METADATA: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${requires}`,
    WHEEL: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: ${sample.purelib !== false}\nTag: py3-none-any\n`,
    INSTALLER: "pen\n",
  };
  if (scripts.length > 0)
    info["entry_points.txt"] = `[console_scripts]\n${Object.entries(sample.commands ?? {})
      .map(([command, object]) => `${command} = ${object}\n`)
      .join("")}`;
  for (const [file, content] of Object.entries(info))
    if (!(`${distInfo}/${file}` in (sample.files ?? {})) || file === "INSTALLER") write("lib", `${distInfo}/${file}`, content);
  const prefix: Record<WheelScheme, string> = {
    lib: "",
    scripts: "../../../bin/",
    data: "../../../",
    headers: `../../../include/${name}/`,
  };
  const rows = files.map(({ path, scheme, hash, size }) => `${prefix[scheme]}${path},sha256=${hash},${size}\n`).join("");
  const record = Buffer.from(`${rows}${distInfo}/RECORD,,\n`);
  writeFileSync(join(folder, "RECORD"), record);
  chmodSync(join(folder, "RECORD"), 0o444);
  const requested = { info: `requested/${distInfo}`, record: "requested/RECORD" };
  cpSync(join(folder, "lib", distInfo), join(folder, requested.info), { recursive: true });
  writeFileSync(join(folder, requested.info, "REQUESTED"), "");
  const requestedRow = `${distInfo}/REQUESTED,sha256=${hashOf(Buffer.from(""))},0\n`;
  writeFileSync(join(folder, requested.record), `${rows}${requestedRow}${distInfo}/RECORD,,\n`);
  for (const path of [`${requested.info}/REQUESTED`, requested.record]) chmodSync(join(folder, path), 0o444);
  files.push({ path: `${distInfo}/RECORD`, scheme: "lib", source: "RECORD", size: record.length, hash: "", executable: false });
  return {
    folder,
    manifest: {
      format: 1,
      filename: `${stem}-py3-none-any.whl`,
      name: normalizeName(name),
      version,
      sha256: createHash("sha256").update(record).digest("hex"),
      size: files.reduce((sum, { size }) => sum + size, 0),
      rootIsPurelib: sample.purelib !== false,
      distInfo,
      requested,
      record: "RECORD",
      folders: foldersOf(files),
      files,
      topLevel: topLevelOf(files),
      scripts,
    },
  };
}

function launcher(module: string, attribute: string): string {
  return `#!/bin/sh\n'''exec' "$(dirname -- "$0")/python" "$0" "$@"\n' '''\nimport sys\nfrom ${module} import ${attribute}\nsys.exit(${attribute}())\n`;
}

function foldersOf(files: readonly StoredFile[]): string[] {
  const folders = new Set<string>();
  for (const { path, scheme } of files) {
    const parts = path.split("/").slice(0, -1);
    if (scheme === "lib") parts.forEach((_, at) => folders.add(parts.slice(0, at + 1).join("/")));
  }
  return [...folders].sort();
}

function topLevelOf(files: readonly StoredFile[]): TopLevelEntry[] {
  const entries = new Map<string, TopLevelEntry>();
  for (const { path, scheme, source } of files) {
    const slash = path.indexOf("/");
    const name = slash < 0 ? path : path.slice(0, slash);
    const rest = path.length - name.length;
    entries.set(`${scheme}/${name}`, {
      name,
      kind: slash < 0 ? "file" : "folder",
      scheme,
      source: scheme === "lib" && path.endsWith("/RECORD") ? `lib/${name}` : source.slice(0, source.length - rest),
    });
  }
  return [...entries.values()];
}
