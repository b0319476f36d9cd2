/**
 * Makes source distributions and projects for tests: tar files with any header, and projects whose build backend stands in themselves, so that
 * nothing has to be fetched to build them.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** One member of a tar file; fields that are left out are those of an honest regular file. */
export interface TarEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** The type flag: `0` file, `1` hard link, `2` link, `3` device, `5` folder, `6` pipe. */
  readonly type?: string;
  readonly target?: string;
  readonly mode?: number;
  /** What the header says, where that is a lie. */
  readonly size?: number;
  /** Records of a PAX header before it. */
  readonly pax?: Readonly<Record<string, string>>;
  readonly badChecksum?: boolean;
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;

function block(entry: TarEntry, size: number): Buffer {
  const out = Buffer.alloc(512);
  out.write(entry.name.slice(0, 100), 0, "utf8");
  out.write(octal(entry.mode ?? (entry.type === "5" ? 0o755 : 0o644), 8), 100);
  out.write(octal(0, 8), 108);
  out.write(octal(0, 8), 116);
  out.write(octal(size, 12), 124);
  out.write(octal(1_600_000_000, 12), 136);
  out.write(entry.type ?? "0", 156);
  out.write(entry.target ?? "", 157);
  out.write("ustar\u000000", 257, "latin1");
  out.fill(" ", 148, 156);
  const sum = out.reduce((total, byte) => total + byte, 0) + (entry.badChecksum === true ? 1 : 0);
  out.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return out;
}

function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** A tar file with these members. */
export function tarOf(entries: readonly TarEntry[], options: { readonly end?: boolean; readonly suffix?: Uint8Array } = {}): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "");
    if (entry.pax !== undefined) {
      const records = Buffer.from(
        Object.entries(entry.pax)
          .map(([key, value]) => paxRecord(key, value))
          .join(""),
      );
      parts.push(block({ name: "PaxHeader", type: "x" }, records.length), padded(records));
    }
    parts.push(block(entry, entry.size ?? content.length), padded(content));
  }
  return Buffer.concat([...parts, options.end === false ? Buffer.alloc(0) : Buffer.alloc(1024), options.suffix ?? Buffer.alloc(0)]);
}

export const tarGz = (entries: readonly TarEntry[], options: Parameters<typeof tarOf>[1] = {}): Buffer => gzipSync(tarOf(entries, options));

/**
 * A build backend of one file, for `backend-path`. Its `wheel` packs the project's `.py` files flat; the texts that tests put into it make it misbehave.
 */
function backendSource(more: string = ""): string {
  return `
import base64, hashlib, os, pathlib, sys, zipfile

NAME, VERSION, REQUIRES = "__NAME__", "__VERSION__", __REQUIRES__

def _info():
    return NAME.replace("-", "_") + "-" + VERSION + ".dist-info"

def _metadata():
    lines = ["Metadata-Version: 2.1", "Name: " + NAME, "Version: " + VERSION]
    return "\\n".join(lines + ["Requires-Dist: " + text for text in REQUIRES]) + "\\n"

def _write(path, files):
    rows = []
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files:
            data = text.encode()
            archive.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(name + ",sha256=" + digest + "," + str(len(data)))
        rows.append(_info() + "/RECORD,,")
        archive.writestr(_info() + "/RECORD", "\\n".join(rows) + "\\n")

def _build(directory, files, settings):
    name = NAME.replace("-", "_") + "-" + VERSION + "-py3-none-any.whl"
    text = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files = files + [(_info() + "/METADATA", _metadata()), (_info() + "/WHEEL", text)]
    _write(os.path.join(directory, name), files)
    return name

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    module = NAME.replace("-", "_")
    files = [(module + ".py", "settings = " + repr(config_settings) + "\\npython = " + repr(sys.version_info[:2]) + "\\n")]
    return _build(wheel_directory, files, config_settings)

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    module = NAME.replace("-", "_")
    return _build(wheel_directory, [("__editable__." + module + ".pth", os.getcwd() + "\\n")], config_settings)

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = os.path.join(metadata_directory, _info())
    os.mkdir(folder)
    pathlib.Path(folder, "METADATA").write_text(_metadata())
    return _info()

prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel
${more}
`;
}

export interface ProjectOptions {
  readonly name: string;
  readonly version: string;
  readonly requires?: readonly string[];
  /** Python that is put at the end of the backend: it may replace hooks, or delete them. */
  readonly backend?: string;
  /** `[build-system] requires`. */
  readonly buildRequires?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Without it there is no PKG-INFO. */
  readonly packageInfo?: string;
}

/** The files of a project with a backend of its own, by path. */
export function projectFiles(options: ProjectOptions): Record<string, string> {
  const { name, version, requires = [], buildRequires = [] } = options;
  const backend = backendSource(options.backend)
    .replaceAll("__NAME__", name)
    .replaceAll("__VERSION__", version)
    .replaceAll("__REQUIRES__", JSON.stringify(requires));
  return {
    "pyproject.toml": `[build-system]\nrequires = ${JSON.stringify(buildRequires)}\nbuild-backend = "own_backend"\nbackend-path = ["."]\n`,
    "own_backend.py": backend,
    ...(options.packageInfo === undefined ? {} : { "PKG-INFO": options.packageInfo }),
    ...options.files,
  };
}

export interface BuiltSource {
  readonly filename: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** The source distribution of such a project, as an index offers it. */
export function buildSource(options: ProjectOptions & { readonly root?: string }): BuiltSource {
  const stem = `${options.name.replaceAll("-", "_")}-${options.version}`;
  const root = options.root ?? stem;
  const files = projectFiles(options);
  const bytes = tarGz(Object.entries(files).map(([path, content]) => ({ name: `${root}/${path}`, content })));
  return { filename: `${stem}.tar.gz`, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Writes files below a folder, which is made. */
export function writeProject(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
