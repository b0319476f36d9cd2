import { pipRelease, readText, type JsonValue } from "#foundation";
import { formatDirectUrl, metadataJson, parseMetadata } from "#standards";
import type { InstallReport } from "./install.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { metadataFile } from "./stored-metadata.ts";

/** The report of `pip install --report` (format version 1) for what was, or would be, installed. */
export function installReportJson(outcome: InstallReport): { readonly [key: string]: JsonValue } {
  const pins = new Map(outcome.pins.map((pin) => [pin.locked.name, pin]));
  const items = outcome.plan.steps.flatMap((step): JsonValue[] => {
    // An install that is to be reported has all its wheels: see `InstallOptions.report`.
    if (step.action === "keep" || step.action === "uninstall" || "unbuilt" in step.wanted) return [];
    const pin = pins.get(step.name);
    const metadata = metadataJson(parseMetadata(readText(metadataFile(step.wanted.wheel)))) as JsonValue;
    return [
      {
        download_info: downloadInfo(pin, step.wanted.wheel.manifest.sha256),
        is_direct: pin?.locked.direct !== undefined,
        is_yanked: pin?.file?.yanked !== undefined,
        requested: step.wanted.requested,
        ...(pin === undefined || pin.locked.extras.length === 0 ? {} : { requested_extras: [...pin.locked.extras] }),
        metadata,
      },
    ];
  });
  return { version: "1", pip_version: pipRelease, install: items, environment: { ...outcome.markers } };
}

function downloadInfo(pin: Pin | undefined, sha256: string): JsonValue {
  if (pin?.locked.direct !== undefined) return JSON.parse(formatDirectUrl(pin.locked.direct)) as JsonValue;
  // What was downloaded is the source, not the wheel that was built of it.
  if (pin?.source !== undefined && pin.file !== undefined) {
    const { url, hashes } = pin.file;
    const [algorithm, digest] = Object.entries(hashes)[0] ?? [];
    return { url, archive_info: algorithm === undefined ? {} : { hash: `${algorithm}=${digest}`, hashes: { [algorithm]: digest ?? "" } } };
  }
  return { url: pin?.file?.url ?? "", archive_info: { hash: `sha256=${sha256}`, hashes: { sha256 } } };
}
