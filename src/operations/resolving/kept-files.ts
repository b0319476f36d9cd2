import { listFolder, removeFile, statusOf, join } from "#foundation";
import type { IndexFile } from "#index";
import { tagText, type SupportedTags } from "#standards";

/** JSON leaves out what is undefined; here it is there again. */
const noFields = { requiresPython: undefined, yanked: undefined, uploadTime: undefined, metadata: undefined, size: undefined } as const;

/** A file of an index that was kept as JSON. */
export const fileOf = (kept: IndexFile): IndexFile => ({ ...noFields, ...kept });

/** Makes room for one more file in a folder of at most `most`: the oldest go. */
export function forgetOldest(folder: string, most: number): void {
  const names = listFolder(folder).map(({ name }) => join(folder, name));
  if (names.length < most) return;
  const dated = names.map((path) => ({ path, time: statusOf(path)?.mtimeMs ?? 0 })).sort((a, b) => a.time - b.time);
  for (const { path } of dated.slice(0, names.length - most + 1)) removeFile(path);
}

const tagTexts = new WeakMap<SupportedTags, string>();

/** All tags, best first, as a part of the question that a kept file answers. */
export function tagsText(tags: SupportedTags): string {
  let text = tagTexts.get(tags);
  if (text === undefined) tagTexts.set(tags, (text = tags.ordered.map(tagText).join(" ")));
  return text;
}
