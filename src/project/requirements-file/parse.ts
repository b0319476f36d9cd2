import {
  closest,
  excerpt,
  isFolder,
  isPenError,
  PenError,
  printableLine,
  redactUrl,
  fileURLToPath,
  isAbsolute,
  resolve,
} from "#foundation";
import { parseRequirement, requirementHashAlgorithms } from "#standards";
import { combineFileOptions, fileOptionNames, fileOptionRule, fullOptionName } from "./options.ts";
import { logicalLines, shellWords, type FilePlace, type LogicalLine } from "./lines.ts";
import type { FileOptions, LineOrigin, RequirementEntry, RequirementSource, RequirementsLine } from "./types.ts";

export interface ParseContext {
  /** What to call the file in messages. */
  readonly file: string;
  /** The folder that relative paths of requirements stand in: the working directory, as in pip. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Parses the text of a requirements file (pip's format). Options are recognised only as words of a line: what stands in a
 * comment or inside a requirement is never one. Errors: `REQUIREMENTS_FILE` with file, line and column.
 */
export function parseRequirementsText(text: string, context: ParseContext): RequirementsLine[] {
  return logicalLines(text, context.variables).map((line) => parseLine({ ...context, line }));
}

/** A line with all that is known of its place. */
interface LineContext extends ParseContext {
  readonly line: LogicalLine;
}

const originOf = ({ file, line }: LineContext): LineOrigin => ({ file, line: line.number });

function parseLine(context: LineContext): RequirementsLine {
  const { text } = context.line;
  if (text.startsWith("-")) return parseOptionLine(context);
  const found = /\s-/.exec(text);
  const body = found === null ? text : text.slice(0, found.index).trimEnd();
  return requirementLine(context, body, found === null ? [] : wordsOf(context, text.slice(found.index)));
}

/** A requirement with the options that stand behind it. */
function requirementLine(context: LineContext, body: string, options: readonly string[], editable = false): RequirementsLine {
  const { hashes, buildOptions } = parsePerRequirementOptions(options, context);
  const start = context.line.text.indexOf(body);
  const source = readSource(body, {
    origin: originOf(context),
    folder: context.folder,
    editable,
    placeOf: (at) => context.line.placeOf(start + at),
  });
  return { kind: "requirement", entry: { source, editable, hashes, buildOptions, origin: originOf(context) } };
}

function wordsOf(context: LineContext, text: string): string[] {
  const words = shellWords(text);
  if (words === undefined)
    throw lineError(context, "A quotation mark is not closed, or nothing follows a backslash.", { at: /["'\\]/.exec(text)?.[0] });
  return words;
}

function parseOptionLine(context: LineContext): RequirementsLine {
  const words = wordsOf(context, context.line.text);
  const options: Array<Partial<FileOptions>> = [];
  for (let at = 0; at < words.length;) {
    const given = optionAt(words, at);
    const name = fullOptionName(given.name);
    switch (name) {
      case "-r":
      case "--requirement":
      case "-c":
      case "--constraint": {
        if (!given.value || options.length > 0 || given.end < words.length)
          throw lineError(context, `${name} takes one file, and a line of its own.`, { at: given.name });
        return { kind: "include", place: given.value, constraint: name === "-c" || name === "--constraint", origin: originOf(context) };
      }
      case "-e":
      case "--editable": {
        if (!given.value || options.length > 0)
          throw lineError(context, `${name} takes a folder or a repository, and a line of its own.`, { at: given.name });
        return requirementLine(context, given.value, words.slice(given.end), true);
      }
      default: {
        const rule = fileOptionRule(name);
        if (rule === undefined) throw unknownOption(context, given.name);
        if ("flag" in rule) {
          if (given.isInline) throw lineError(context, `The option ${name} takes no value.`, { at: given.name });
          options.push(rule.flag);
          at += 1;
        } else {
          if (given.value === undefined) throw lineError(context, `The option ${name} has no value.`, { at: given.name });
          options.push(rule.apply(given.value));
          at = given.end;
        }
      }
    }
  }
  return { kind: "option", option: combineFileOptions(options), origin: originOf(context) };
}

interface GivenOption {
  readonly name: string;
  /** Its value if it takes one: what is attached to it, else the next word. */
  readonly value: string | undefined;
  readonly isInline: boolean;
  /** The index of the word behind the value. */
  readonly end: number;
}

/** `-rfile`, `--option=value` and `--option value` alike. */
function optionAt(words: readonly string[], at: number): GivenOption {
  const word = words[at] ?? "";
  const length = word.startsWith("--") ? word.indexOf("=") : word.startsWith("-") && word.length > 2 ? 2 : -1;
  if (length < 0) return { name: word, value: words[at + 1], isInline: false, end: at + 2 };
  return { name: word.slice(0, length), value: word.slice(word.startsWith("--") ? length + 1 : length), isInline: true, end: at + 1 };
}

function unknownOption(context: LineContext, name: string): PenError {
  if (!name.startsWith("-")) return lineError(context, `The word ${excerpt(name)} is one too many.`, { at: name });
  const near = closest(name, fileOptionNames) ?? fileOptionNames.find((known) => name.length > 3 && known.startsWith(name));
  return lineError(context, `A requirements file has no option ${printableLine(shortened(name))}.`, {
    at: name,
    ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
  });
}

const valuedBuildOptions = new Set(["--config-settings", "--config-setting", "-C", "--global-option", "--install-option"]);

function parsePerRequirementOptions(words: readonly string[], context: LineContext): { hashes: string[]; buildOptions: string[] } {
  const hashes: string[] = [];
  const buildOptions: string[] = [];
  for (let at = 0; at < words.length;) {
    const { name, value, end } = optionAt(words, at);
    if (!name.startsWith("-")) throw lineError(context, `The word ${excerpt(name)} is one too many.`, { at: name });
    if (name !== "--hash" && !valuedBuildOptions.has(name)) {
      const near = closest(name, ["--hash", ...valuedBuildOptions]);
      throw lineError(context, `A requirement takes no option ${printableLine(shortened(name))}; only --hash and --config-settings.`, {
        at: name,
        ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
      });
    }
    if (value === undefined) throw lineError(context, `The option ${name} has no value here.`, { at: name });
    if (name === "--hash") hashes.push(checkedHash(value, context));
    else buildOptions.push(`${name}=${value}`);
    at = end;
  }
  return { hashes, buildOptions };
}

function checkedHash(value: string, context: LineContext): string {
  const [algorithm, digest] = value.split(":");
  if (digest !== undefined && digest !== "" && requirementHashAlgorithms.includes(algorithm ?? "")) return value;
  const isBroken = /^(?:md5|sha-?1|sha-?224)$/i.test(algorithm ?? "");
  const broken = isBroken ? `${(algorithm ?? "").toUpperCase()} is not taken: files that differ can be made to have one such hash. ` : "";
  throw lineError(context, `${broken}A hash is written as --hash=sha256:0123…; known are ${requirementHashAlgorithms.join(", ")}.`, {
    at: value,
  });
}

const archive = /\.(whl|zip|tar|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz)$/i;

/**
 * Tells a requirement by name (PEP 508) from one by place, as pip does: a URL with a scheme, a path with a separator or a
 * leading dot, or the name of an archive. Relative paths stand in `folder`. Errors: `REQUIREMENTS_FILE`.
 */
function parseSource(
  text: string,
  context: { readonly origin: LineOrigin; readonly folder: string; readonly editable: boolean },
): RequirementSource {
  const { origin } = context;
  return readSource(text, { ...context, placeOf: (offset) => ({ line: origin.line, column: offset + 1 }) });
}

interface SourceContext {
  readonly origin: LineOrigin;
  readonly folder: string;
  /** `-e`: a bare word is the name of a folder, where there is one. */
  readonly editable: boolean;
  placeOf(offset: number): FilePlace;
}

function readSource(text: string, { origin, folder, editable, placeOf }: SourceContext): RequirementSource {
  const place = asPlace(text, folder, editable);
  if (place !== undefined) return place;
  try {
    return { kind: "named", requirement: parseRequirement(text) };
  } catch (error) {
    if (!isPenError(error)) throw error;
    const column = error.data["column"];
    const fault = typeof column === "number" ? placeOf(column - 1) : undefined;
    throw new PenError(error.code, `Invalid requirement in ${placeText(origin, fault)}: ${printableLine(redactUrl(shortened(text)))}`, {
      // The column in the message counts in the file, this one in the requirement.
      ...(error.why === undefined ? {} : { why: redactUrl(error.why.replace(/ \(column \d+\)/, "")) }),
      hint: nameHint(text, error.hint),
      data: {
        ...error.data,
        file: origin.file,
        line: fault?.line ?? origin.line,
        ...(fault === undefined ? {} : { column: fault.column }),
      },
      cause: error,
    });
  }
}

const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

function nameHint(text: string, hint: string | undefined): string {
  if (/^[\w.-]+\s*=\s*[\w.]/.test(text))
    return `An exact version is written with two equals signs: ${printableLine(shortened(text.replace(/\s*=\s*/, "==")))}`;
  return hint ?? "Write a name with an optional version, like: flask>=3.0";
}

function asPlace(text: string, folder: string, editable: boolean): RequirementSource | undefined {
  const semicolon = text.search(/\s;/);
  const [before, marker] =
    semicolon < 0 ? [text, undefined] : [text.slice(0, semicolon).trim(), text.slice(semicolon).replace(/^\s*;/, "").trim()];
  const bracket = before.endsWith("]") ? before.lastIndexOf("[") : -1;
  const path = bracket > 0 ? before.slice(0, bracket).trimEnd() : before;
  const extras =
    bracket > 0
      ? before
          .slice(bracket + 1, -1)
          .split(",")
          .map((extra) => extra.trim())
      : [];
  const location = absoluteLocation(path, folder) ?? (editable && isFolder(resolve(folder, path)) ? resolve(folder, path) : undefined);
  return location === undefined ? undefined : { kind: "location", location, extras: extras.filter((extra) => extra !== ""), marker };
}

function absoluteLocation(path: string, folder: string): string | undefined {
  if (/^file:/i.test(path)) return fileLocation(path);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return path;
  if (/^(git|hg|svn|bzr)\+/i.test(path)) return path;
  // `name @ url` and version specifiers never begin like a path.
  if (/@|[<>=!~]=|\s/.test(path) && !/^[./~]|^[a-z]:[\\/]/i.test(path)) return undefined;
  const looksLikePath =
    path === "." || path === ".." || path.includes("/") || path.includes("\\") || isAbsolute(path) || archive.test(path);
  return looksLikePath ? resolve(folder, path) : undefined;
}

/** A path, unless the URL says more than one: `#sha256=…`, `#subdirectory=…`. */
function fileLocation(url: string): string {
  if (url.includes("#")) return url;
  try {
    return fileURLToPath(url.split("#", 1)[0] ?? url);
  } catch {
    return url;
  }
}

/** `requirements.txt, line 3`. */
export function originText(origin: LineOrigin): string {
  return origin.line === 0 ? origin.file : `${origin.file}, line ${origin.line}`;
}

/** The same with the column, where it is known. The command line is one. */
function placeText(origin: LineOrigin, place: FilePlace | undefined): string {
  if (place === undefined) return originText(origin);
  return origin.line === 0 ? `${origin.file}, column ${place.column}` : `${origin.file}, line ${place.line}, column ${place.column}`;
}

/** `at` is the text that is wrong; without it, or where it cannot be found as it is, the whole line is. */
function lineError(
  context: LineContext,
  why: string,
  { at, hint }: { readonly at?: string | undefined; readonly hint?: string } = {},
): PenError {
  const { text } = context.line;
  const place = context.line.placeOf(Math.max(0, at === undefined ? 0 : text.indexOf(at)));
  return new PenError(
    "REQUIREMENTS_FILE",
    `Cannot understand ${placeText(originOf(context), place)}: ${printableLine(redactUrl(shortened(text)))}`,
    {
      why,
      ...(hint === undefined ? {} : { hint }),
      data: { file: context.file, ...place },
    },
  );
}

/** A requirement as it stands on the command line. */
export function parseRequirementArgument(text: string, folder: string, editable = false): RequirementEntry {
  const origin: LineOrigin = { file: "the command line", line: 0 };
  return { source: parseSource(text.trim(), { origin, folder, editable }), editable, hashes: [], buildOptions: [], origin };
}
