/** Checks a value against a JSON Schema (2020-12), as far as docs/schema uses it. A keyword that is not known here is an error. */

type Schema = boolean | { readonly [keyword: string]: unknown };

const passedOver = new Set(["$schema", "$id", "$defs", "title", "description"]);

/** The places where `value` differs from the schema; an empty list when it is valid. `root` is the document that `$ref` points into. */
export function schemaProblems(value: unknown, schema: Schema, root: Schema, place = "$"): string[] {
  if (typeof schema === "boolean") return schema ? [] : [`${place}: nothing may stand here`];
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (passedOver.has(keyword)) return [];
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`The validator does not know the keyword ${keyword}`);
    return check(value, argument, { schema, root, place });
  });
}

interface Context {
  readonly schema: { readonly [keyword: string]: unknown };
  readonly root: Schema;
  readonly place: string;
}

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
const isObject = (value: unknown): value is Record<string, unknown> => typeOf(value) === "object";
const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 100) ?? "undefined";
const unless = (holds: boolean, text: string): string[] => (holds ? [] : [text]);

const keywords: Readonly<Record<string, (value: unknown, argument: unknown, context: Context) => string[]>> = {
  $ref: (value, argument, { root, place }) => schemaProblems(value, resolve(String(argument), root), root, place),
  type: (value, argument, { place }) => {
    const allowed = [argument].flat().map(String);
    const fits = allowed.includes(typeOf(value)) || (allowed.includes("integer") && Number.isInteger(value));
    return unless(fits, `${place}: ${show(value)} is no ${allowed.join(" or ")}`);
  },
  const: (value, argument, { place }) => unless(value === argument, `${place}: ${show(value)} is not ${show(argument)}`),
  enum: (value, argument, { place }) =>
    unless((argument as unknown[]).includes(value), `${place}: ${show(value)} is none of ${show(argument)}`),
  pattern: (value, argument, { place }) =>
    unless(
      typeof value !== "string" || new RegExp(String(argument), "u").test(value),
      `${place}: ${show(value)} does not match ${String(argument)}`,
    ),
  minimum: (value, argument, { place }) =>
    unless(typeof value !== "number" || value >= Number(argument), `${place}: ${show(value)} is too small`),
  required: (value, argument, { place }) =>
    isObject(value) ? (argument as string[]).flatMap((key) => unless(key in value, `${place}: ${key} is missing`)) : [],
  properties: (value, argument, { root, place }) =>
    isObject(value)
      ? Object.entries(argument as Record<string, Schema>).flatMap(([key, schema]) =>
          key in value ? schemaProblems(value[key], schema, root, `${place}.${key}`) : [],
        )
      : [],
  additionalProperties: (value, argument, { schema, root, place }) =>
    isObject(value)
      ? Object.keys(value)
          .filter((key) => !Object.hasOwn(schema["properties"] ?? {}, key))
          .flatMap((key) => schemaProblems(value[key], argument as Schema, root, `${place}.${key}`))
      : [],
  items: (value, argument, { root, place }) =>
    Array.isArray(value) ? value.flatMap((item, at) => schemaProblems(item, argument as Schema, root, `${place}[${at}]`)) : [],
  oneOf: (value, argument, { root, place }) => {
    const tries = (argument as Schema[]).map((schema) => schemaProblems(value, schema, root, place));
    const fitting = tries.filter((problems) => problems.length === 0).length;
    return unless(fitting === 1, `${place}: ${show(value)} fits ${fitting} of the alternatives:\n  ${tries.flat().join("\n  ")}`);
  },
};

function resolve(reference: string, root: Schema): Schema {
  const parts = reference.replace(/^#\//, "").split("/");
  let found: unknown = root;
  for (const part of parts) found = (found as Record<string, unknown> | undefined)?.[part];
  if (found === undefined) throw new Error(`${reference} points nowhere`);
  return found as Schema;
}
