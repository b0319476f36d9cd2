import { listFolder, PenError, printableLine, readBytes, realPath, statusOf, join } from "#foundation";
import { zipOf, type ZipContent } from "./zip-writing.ts";

/** What a zip file without extensions can hold. */
const mostMembers = 65_534;
const mostBytes = 2 ** 31;

/**
 * The files of a source tree as a zip file with one folder in it, `name`. Version control is left out. A link is stored as the file that it leads to, where
 * that is in the tree, and else left out. The same tree gives the same bytes. Errors: INVALID_SOURCE for a tree that is too large.
 */
export function archiveTree(root: string, name: string): Uint8Array {
  const members: ZipContent[] = [];
  const real = realPath(root);
  let size = 0;
  const walk = (below: string): void => {
    for (const { name: entry, kind } of listFolder(join(root, below))) {
      const path = below === "" ? entry : `${below}/${entry}`;
      if (entry === ".git" || kind === "other") continue;
      if (kind === "folder") walk(path);
      else if (kind === "file" || isInside(join(root, path), real)) {
        const content = readBytes(join(root, path));
        size += content.length;
        members.push({ name: `${name}/${path}`, content, executable: ((statusOf(realPath(join(root, path)))?.mode ?? 0) & 0o111) !== 0 });
        if (members.length > mostMembers || size > mostBytes) throw tooLarge(name);
      }
    }
  };
  walk("");
  return zipOf(members);
}

function isInside(link: string, root: string): boolean {
  try {
    const target = realPath(link);
    return target.startsWith(`${root}/`) && statusOf(target)?.kind === "file";
  } catch {
    return false; // It leads to nothing.
  }
}

function tooLarge(name: string): PenError {
  return new PenError("INVALID_SOURCE", `${printableLine(name)} is too large for a zip file`, {
    why: `It has more than ${mostMembers} files, or more than 2 GiB.`,
    hint: "Build its wheel instead: pen pip wheel",
    data: { rule: "too-large" },
  });
}
