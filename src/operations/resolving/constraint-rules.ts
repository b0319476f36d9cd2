import { PenError, printableLine } from "#foundation";
import { originText, type RequirementEntry } from "#project";

/** A constraint bounds the versions of a named project and asks for nothing: pip's rules. Errors: `INVALID_REQUIREMENT`. */
export function checkConstraint({ source, editable, origin }: RequirementEntry): void {
  const refuse = (message: string, why: string, hint: string): PenError =>
    new PenError("INVALID_REQUIREMENT", message, {
      why: `${why} (${originText(origin)})`,
      hint,
      data: { file: origin.file, line: origin.line },
    });
  if (editable)
    throw refuse(
      "Editable requirements are not allowed as constraints",
      "A constraint only bounds versions; it installs nothing.",
      "Write the line into a requirements file: -r FILE",
    );
  if (source.kind === "location")
    throw refuse(
      "Unnamed requirements are not allowed as constraints",
      `A constraint says which project it is about, and ${printableLine(source.location)} does not.`,
      `Write: NAME @ ${printableLine(source.location)}`,
    );
  const { extras, rawName } = source.requirement;
  if (extras.length > 0)
    throw refuse(
      "Constraints cannot have extras",
      `${rawName}[${extras.join(",")}] asks for something, and a constraint only bounds versions.`,
      `Write ${rawName} without the brackets here, and ask for ${rawName}[${extras.join(",")}] itself.`,
    );
}
