import { isFolder, makeFolders, statusOf, symbolicLink, dirname, resolve } from "#foundation";
import { isSha256, storePlaces } from "./places.ts";

/**
 * Shows wheels of one store in another, by a link to each: for work that may read a store and must not write to it. What `from` does not have,
 * and what `to` has already, is passed over.
 */
export function lendWheels(from: string, to: string, hashes: readonly string[]): void {
  for (const sha256 of hashes.filter(isSha256)) {
    const source = resolve(storePlaces(from).entry(sha256));
    const place = storePlaces(to).entry(sha256);
    if (!isFolder(source) || statusOf(place) !== undefined) continue;
    makeFolders(dirname(place));
    symbolicLink(source, place);
  }
}
