import { PenError, excerpt, printableLine } from "#foundation";

/** The rules that a wheel can break, as programs and tests know them. */
export type WheelRule =
  // The container.
  | "not-a-zip"
  | "trailing-data"
  | "archive-comment"
  | "split-archive"
  | "directory-mismatch"
  | "zip64-mismatch"
  | "directory-too-large"
  | "prefix-data"
  | "hidden-data"
  | "overlapping-members"
  | "header-mismatch"
  | "descriptor-mismatch"
  | "extra-field"
  | "encrypted-member"
  | "unsupported-method"
  | "broken-data"
  | "size-mismatch"
  | "crc-mismatch"
  | "compression-bomb"
  | "too-large"
  | "too-many-members"
  | "changed-while-read"
  // The names.
  | "name-encoding"
  | "name-control-character"
  | "name-too-long"
  | "path-escape"
  | "path-absolute"
  | "path-backslash"
  | "path-drive"
  | "path-not-normal"
  | "duplicate-member"
  | "case-collision"
  | "file-folder-conflict"
  | "folder-with-content"
  // What a wheel must hold, and may not.
  | "missing-dist-info"
  | "multiple-dist-info"
  | "name-mismatch"
  | "version-mismatch"
  | "data-folder-mismatch"
  | "unknown-scheme"
  | "overwrites-interpreter"
  | "overwrites-environment"
  | "missing-metadata"
  | "metadata-malformed"
  | "missing-wheel-file"
  | "wheel-file-malformed"
  | "unsupported-wheel-version"
  | "missing-record"
  | "record-malformed"
  | "record-unlisted"
  | "record-mismatch"
  | "entry-points-malformed"
  | "entry-point-unsafe"
  | "duplicate-script"
  | "script-in-folder"
  | "script-too-large";

export interface RefusalDetails {
  /** The member of the archive that is at fault, as it is named there. */
  readonly member?: string;
  readonly hint?: string;
}

/** Makes the `INVALID_WHEEL` error of one wheel. `why` is a whole sentence. */
export type Refuse = (rule: WheelRule, why: string, details?: RefusalDetails) => PenError;

/** The maker of errors for the wheel `filename`: `data.rule` is the rule it breaks, `data.member` the member at fault. All of it is printable. */
export function refusalOf(filename: string): Refuse {
  return (rule, why, details = {}) =>
    new PenError("INVALID_WHEEL", `${excerpt(filename, 120)} is broken or hostile and was refused`, {
      why: `${details.member === undefined ? "" : `${excerpt(details.member, 120)}: `}${printableLine(why)} (${rule})`,
      hint: details.hint ?? "Nothing of it was installed. Download it again; if it stays so, tell those who publish it.",
      data: { filename: printableLine(filename), rule, ...(details.member === undefined ? {} : { member: printableLine(details.member) }) },
    });
}
