/** A value that pen writes into TOML files. Members that are undefined are left out. */
export type WritableToml = string | boolean | number | readonly WritableToml[] | { readonly [key: string]: WritableToml | undefined };

/** A key, in quotes where it needs them. */
export function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : textText(key);
}

/** A value on one line; tables are inline ones. A text takes the quotes of `like`, the text that it replaces, if it can. */
export function valueText(value: WritableToml, like: string = ""): string {
  if (typeof value === "string") return like.startsWith("'") && /^[^'\u0000-\u001f\u007f]*$/.test(value) ? `'${value}'` : textText(value);
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (isList(value)) return `[${value.map((item) => valueText(item)).join(", ")}]`;
  const members = Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [`${keyText(key)} = ${valueText(item)}`]));
  return `{${members.join(", ")}}`;
}

function isList(value: WritableToml): value is readonly WritableToml[] {
  return Array.isArray(value);
}

const short: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

function textText(text: string): string {
  const escaped = text.replace(
    /["\\\u0000-\u001f\u007f]/g,
    (char) => short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}
