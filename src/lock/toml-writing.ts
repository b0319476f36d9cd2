/** A basic string of TOML: everything that must not stand there as it is, escaped. */
export function tomlString(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === "\\") out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\t") out += "\\t";
    else if (char === "\r") out += "\\r";
    else if (code < 32 || (code >= 127 && code < 160)) out += `\\u${code.toString(16).padStart(4, "0")}`;
    // A lone half of a surrogate pair is no character: TOML cannot hold it.
    else if (code >= 0xd800 && code <= 0xdfff) out += "\ufffd";
    else out += char;
  }
  return `${out}"`;
}

/** An array of strings on one line. */
export function tomlStrings(texts: readonly string[]): string {
  return `[${texts.map(tomlString).join(", ")}]`;
}

/** An inline table of the entries that have a value; values are TOML already. Undefined when none has. */
export function inlineTable(entries: ReadonlyArray<readonly [string, string | undefined]>): string | undefined {
  const kept = entries.flatMap(([key, value]) => (value === undefined ? [] : [`${tomlKey(key)} = ${value}`]));
  return kept.length === 0 ? undefined : `{ ${kept.join(", ")} }`;
}

/** A bare key where that is possible. */
function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key);
}
