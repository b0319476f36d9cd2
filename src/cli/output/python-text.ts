/** A text as Python's `repr` writes it, for output that is compared with pip's. Nothing in it can steer a terminal. */
export function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const char of text) {
    if (char === "\\" || char === quote) out += `\\${char}`;
    else if (char === "\n") out += "\\n";
    else if (char === "\r") out += "\\r";
    else if (char === "\t") out += "\\t";
    else out += escaped(char);
  }
  return out + quote;
}

/** Python escapes what is not printable: controls, separators other than the blank, and unassigned or private characters. */
function escaped(char: string): string {
  if (!/[\p{C}\p{Z}]/u.test(char) || char === " ") return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
