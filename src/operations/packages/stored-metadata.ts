import { PenError, join } from "#foundation";
import type { StoredWheel } from "#store";

/** The path of the METADATA file of a wheel in the store. */
export function metadataFile(wheel: StoredWheel): string {
  const path = `${wheel.manifest.distInfo}/METADATA`;
  const file = wheel.manifest.files.find((stored) => stored.path === path && stored.scheme === "lib");
  if (file === undefined)
    throw new PenError("STORE_DAMAGED", `The stored wheel ${wheel.manifest.filename} has no METADATA`, { hint: "Run: pen cache verify" });
  return join(wheel.folder, file.source);
}
