import { createHasher, isFolder, listFolder, PenError, pathExists, printableLine, readBytes, readText, writeNew, join } from "#foundation";
import { formatRecord, normalizeName, parseMetadata, parseVersion, versionText, type RecordEntry } from "#standards";
import type { BuiltWheel } from "./types.ts";
import { zipOf, type ZipContent } from "./zip-writing.ts";

export interface LegacyEditable {
  /** The folder with METADATA that the backend prepared. */
  readonly metadata: string;
  /** Where the project has its modules, absolute. */
  readonly place: string;
  /** Where to put the wheel. */
  readonly into: string;
}

/**
 * An editable wheel for a backend that cannot make one (PEP 660 came late): a `.pth` file that puts the project's folder on `sys.path`, and the
 * metadata that the backend prepared. Errors: INVALID_SOURCE for a folder whose name no `.pth` file can hold.
 */
export function writeEditableWheel({ metadata, place, into }: LegacyEditable): BuiltWheel {
  // A line that begins with `import` would be run, and a line break would begin one.
  if (/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(place) || /^import[ \t]/.test(place))
    throw new PenError("INVALID_SOURCE", `${printableLine(place)} cannot be installed in development mode`, {
      why: "Its path holds a character that would end the line in the .pth file.",
      hint: "Move the project to a folder with a plain name.",
    });
  const core = parseMetadata(readText(join(metadata, "METADATA")));
  const name = normalizeName(core.name).replaceAll("-", "_");
  const version = versionText(parseVersion(core.version));
  const info = `${name}-${version}.dist-info`;
  const utf8 = (text: string): Uint8Array => Buffer.from(text, "utf8");
  const members: ZipContent[] = [
    { name: `__editable__.${name}-${version}.pth`, content: utf8(`${place}\n`) },
    ...filesOf(metadata, "")
      .filter((path) => path !== "RECORD" && path !== "WHEEL")
      .map((path) => ({ name: `${info}/${path}`, content: readBytes(join(metadata, path)) })),
    { name: `${info}/WHEEL`, content: utf8("Wheel-Version: 1.0\nGenerator: pen\nRoot-Is-Purelib: true\nTag: py3-none-any\n") },
  ];
  const rows: RecordEntry[] = members.map((member) => ({
    path: member.name,
    hash: { algorithm: "sha256", digest: digestOf(member.content) },
    size: member.content.length,
  }));
  const record = formatRecord([...rows, { path: `${info}/RECORD` }]);
  const filename = `${name}-${version}-py3-none-any.whl`;
  const path = join(into, filename);
  writeNew(path, zipOf([...members, { name: `${info}/RECORD`, content: utf8(record) }]));
  return { path, filename };
}

function digestOf(content: Uint8Array): string {
  const hasher = createHasher();
  hasher.update(content);
  return hasher.base64url();
}

function filesOf(folder: string, below: string): string[] {
  return listFolder(join(folder, below)).flatMap(({ name, kind }) => {
    const path = below === "" ? name : `${below}/${name}`;
    if (kind === "folder") return filesOf(folder, path);
    return kind === "file" ? [path] : [];
  });
}

/** Where a project without a word on it has its modules: `src`, where there is one without being a package itself, else the folder itself. */
export function usualPlace(root: string): string {
  const source = join(root, "src");
  return isFolder(source) && !pathExists(join(source, "__init__.py")) ? source : root;
}
