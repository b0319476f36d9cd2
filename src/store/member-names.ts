import type { Refuse } from "./invalid.ts";
import type { WheelLimits } from "./limits.ts";
import type { ZipMember } from "./zip-directory.ts";

/** C0, DEL, C1, the Unicode line breaks and the direction controls: no honest file has them in its name. */
const control = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const maxComponentBytes = 255;
const maxPathBytes = 1024;
const maxDepth = 100;

/**
 * Checks that every name is one plain relative path, written in the one way there is, and that no two members want the
 * same place. Throws INVALID_WHEEL.
 */
export function checkNames(members: readonly ZipMember[], limits: WheelLimits, refuse: Refuse): void {
  for (const member of members) checkName(member.name, refuse);
  checkPlaces(members, limits, refuse);
}

function checkName(name: string, refuse: Refuse): void {
  const details = { member: name };
  if (control.test(name)) throw refuse("name-control-character", "Its name holds a control character.", details);
  if (name.includes("\\")) throw refuse("path-backslash", "Its name holds a backslash, which is a separator for some readers.", details);
  if (name.startsWith("/")) throw refuse("path-absolute", "Its name is an absolute path.", details);
  if (/^[A-Za-z]:/.test(name)) throw refuse("path-drive", "Its name begins with a drive letter.", details);
  const parts = (name.endsWith("/") ? name.slice(0, -1) : name).split("/");
  for (const part of parts) {
    if (part === "..") throw refuse("path-escape", "Its name leads out of its folder.", details);
    if (part === "" || part === ".")
      throw refuse("path-not-normal", "Its name holds an empty part or '.', so that two names could mean one file.", details);
    if (part.length > 80 && Buffer.byteLength(part) > maxComponentBytes)
      throw refuse("name-too-long", `A part of its name is longer than ${maxComponentBytes} bytes.`, details);
  }
  if (parts.length > maxDepth || (name.length > 300 && Buffer.byteLength(name) > maxPathBytes))
    throw refuse("name-too-long", `Its path is longer than ${maxPathBytes} bytes or deeper than ${maxDepth} folders.`, details);
}

/** The folders above `path`, the nearest first: `a/b/c` gives `a/b`, `a`. */
export function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) yield path.slice(0, at);
}

/**
 * Places that members take, by the name under which a file system would find them: NFC, and lower case where the file
 * system ignores case. `take` returns the rule that a new file breaks, or undefined.
 */
export interface Places {
  takeFile(path: string): { rule: "duplicate-member" | "case-collision" | "file-folder-conflict"; other: string } | undefined;
  takeFolder(path: string): { rule: "case-collision" | "file-folder-conflict"; other: string } | undefined;
}

export function createPlaces(ignoresCase: boolean): Places {
  const keyOf = (path: string) => {
    const normal = path.normalize("NFC");
    return ignoresCase ? normal.toLowerCase() : normal;
  };
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  const takeFolder: Places["takeFolder"] = (path) => {
    for (let folder: string | undefined = path; folder !== undefined; folder = parentOf(folder)) {
      const key = keyOf(folder);
      const known = folders.get(key);
      if (known === folder) return undefined;
      // Two spellings of one folder would become one folder here and two elsewhere.
      if (known !== undefined) return { rule: "case-collision", other: known };
      const file = files.get(key);
      if (file !== undefined) return { rule: "file-folder-conflict", other: file };
      folders.set(key, folder);
    }
    return undefined;
  };
  return {
    takeFolder,
    takeFile: (path) => {
      const key = keyOf(path);
      const known = files.get(key);
      if (known !== undefined) return { rule: known === path ? "duplicate-member" : "case-collision", other: known };
      const folder = folders.get(key);
      if (folder !== undefined) return { rule: "file-folder-conflict", other: folder };
      files.set(key, path);
      const parent = parentOf(path);
      return parent === undefined ? undefined : takeFolder(parent);
    },
  };
}

function parentOf(path: string): string | undefined {
  const at = path.lastIndexOf("/");
  return at < 0 ? undefined : path.slice(0, at);
}

function checkPlaces(members: readonly ZipMember[], limits: WheelLimits, refuse: Refuse): void {
  const places = createPlaces(limits.ignoresCase);
  const folders = new Set<string>();
  for (const { name, isFolder } of members) {
    const path = isFolder ? name.slice(0, -1) : name;
    if (isFolder && folders.has(path)) throw refuse("duplicate-member", "It stands in the archive twice.", { member: name });
    if (isFolder) folders.add(path);
    const clash = isFolder ? places.takeFolder(path) : places.takeFile(path);
    if (clash !== undefined) throw refuse(clash.rule, `It wants the same place as '${clash.other}'.`, { member: name });
  }
}
