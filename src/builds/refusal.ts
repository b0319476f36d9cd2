import { excerpt, PenError, printableLine } from "#foundation";

/** The rules that a source archive or project can break, as programs and tests know them. */
export type SourceRule =
  | "broken-archive"
  | "unsupported-archive"
  | "path-escape"
  | "path-absolute"
  | "path-backslash"
  | "path-drive"
  | "name-control-character"
  | "name-too-long"
  | "duplicate-member"
  | "file-folder-conflict"
  | "link-escape"
  | "device-file"
  | "sparse-file"
  | "too-large"
  | "too-many-members"
  | "compression-bomb"
  | "encrypted-member"
  | "root-folder"
  | "no-project"
  | "project-file"
  | "backend-path";

/** Makes the `INVALID_SOURCE` error of one source. `why` is a whole sentence. */
export type RefuseSource = (rule: SourceRule, why: string, member?: string) => PenError;

/** The maker of errors for the source `what`: `data.rule` is the rule it breaks, `data.member` the member at fault. All of it is printable. */
export function sourceRefusal(what: string): RefuseSource {
  return (rule, why, member) =>
    new PenError("INVALID_SOURCE", `${excerpt(what, 160)} is broken or hostile and was refused`, {
      why: `${member === undefined ? "" : `${excerpt(member, 120)}: `}${printableLine(why)} (${rule})`,
      hint: "Nothing of it was run. Fetch it again; if it stays so, tell those who publish it.",
      data: { source: printableLine(what), rule, ...(member === undefined ? {} : { member: printableLine(member) }) },
    });
}
