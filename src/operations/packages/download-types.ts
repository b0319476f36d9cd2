import type { Pin } from "../resolving/resolve-types.ts";

/** One file of the answer. */
export interface DownloadedDistribution {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
  /** `present`: the very file was there already. */
  readonly state: "saved" | "present";
}

export interface DownloadReport {
  /** Absolute. */
  readonly folder: string;
  /** By file name. With a bundle their paths are those inside of it. */
  readonly files: readonly DownloadedDistribution[];
  /** The tar file that was written, absolute. */
  readonly bundle?: string;
}

/** What was solved for one target, and the word that its lock is called by; undefined when there is only one. */
export interface BundledTarget {
  readonly label: string | undefined;
  readonly pins: readonly Pin[];
}
