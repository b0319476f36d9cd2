/** What listing and checking packages need of their metadata; fields as in {@link CoreMetadata}. */
export interface BriefMetadata {
  readonly name: string;
  readonly version: string;
  readonly requiresDist: readonly string[];
  readonly requiresPython?: string | undefined;
}

/** The beginning that build tools write. */
const usualStart = /^Metadata-Version: [12]\.\d{1,4}\nName: ([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\nVersion: ([^\s]+)\n/;
/** A line that is neither a header nor goes on with one. */
const oddLine = /\n(?![!-9;-~]+:|[ \t]|$)/;
const wanted = /^(requires-dist|requires-python|name|version|metadata-version)[ \t]*:[ \t]*(.*)$/gim;

/** The name as METADATA writes it, when its first lines are as build tools write them; undefined otherwise. */
export function nameInMetadata(firstLines: string): string | undefined {
  return usualStart.exec(firstLines)?.[1];
}

/**
 * Reads these fields without the rest, for METADATA in the form that build tools write; undefined for any other, which `parseMetadata` has to read. Where
 * it answers, it answers the same.
 */
export function briefMetadata(text: string): BriefMetadata | undefined {
  const end = text.indexOf("\n\n");
  const head = end < 0 ? text : text.slice(0, end + 1);
  const start = usualStart.exec(head);
  if (start === null || /[\r\0]/.test(head) || oddLine.test(head)) return undefined;
  const requiresDist: string[] = [];
  let requiresPython: string | undefined;
  const rest = head.slice(start[0].length - 1);
  if (/^\n[ \t]/.test(rest)) return undefined;
  wanted.lastIndex = 0;
  for (let match = wanted.exec(rest); match !== null; match = wanted.exec(rest)) {
    const [, field = "", value = ""] = match;
    const next = rest.charCodeAt(wanted.lastIndex + 1);
    // A folded line, or a field that stands twice.
    if (next === 32 || next === 9 || field.length < 13) return undefined;
    if (field.length === 13) requiresDist.push(value);
    else if (requiresPython !== undefined || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) return undefined;
    else requiresPython = value;
  }
  return { name: start[1] ?? "", version: start[2] ?? "", requiresDist, requiresPython };
}
