/** What a wheel may cost before it is refused. */
export interface WheelLimits {
  /** Bytes of all members together. */
  readonly maxSize: number;
  /** Unpacked bytes for each byte of the archive; looked at from 32 MiB unpacked on. */
  readonly maxRatio: number;
  readonly maxMembers: number;
  /** The archive is for a file system that takes `A` and `a` for one name. */
  readonly ignoresCase: boolean;
}

/** PyPI refuses uploads that grow more than 50-fold; the greatest wheels there unpack to some gigabytes. */
export const defaultLimits: WheelLimits = { maxSize: 32 * 2 ** 30, maxRatio: 100, maxMembers: 1_000_000, ignoresCase: false };

/** Below this the ratio says nothing: a few empty tables compress a thousandfold. */
export const ratioFreeSize: number = 32 * 2 ** 20;
