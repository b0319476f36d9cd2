import { parse } from "smol-toml";
import { isPenError, PenError, printableLine, readText, type Host, basename, resolve } from "#foundation";
import { parseRequirementArgument, type RequirementEntry } from "#project";
import { normalizeName } from "#standards";

/** More is neither a project file nor a script that a person wrote. */
const longest = 4_000_000;

/**
 * The requirements of dependency groups (PEP 735), as pip's `--group` names them: `dev`, which stands in `pyproject.toml` of the working folder, or
 * `path/to/pyproject.toml:dev`. Only the files that are named are read. Errors: `INVALID_PROJECT`, `FILE_SYSTEM`, `USAGE`.
 */
export function groupRequirements(names: readonly string[], host: Host): RequirementEntry[] {
  return names.flatMap((text) => {
    const at = text.lastIndexOf(":");
    const [file, name] = at < 0 ? ["pyproject.toml", text] : [text.slice(0, at), text.slice(at + 1)];
    if (basename(file) !== "pyproject.toml")
      throw new PenError("USAGE", `--group takes groups of a pyproject.toml, not of ${printableLine(file)}`, {
        hint: "Write a group's name, or PATH/pyproject.toml:NAME",
      });
    const path = resolve(host.cwd, file);
    const groups = new DependencyGroups(path, document(path, readLimited(path))["dependency-groups"]);
    return groups.texts(name).map((requirement) => entry(requirement, `the group ${printableLine(name)} in ${printableLine(file)}`, host));
  });
}

class DependencyGroups {
  readonly #path: string;
  readonly #groups = new Map<string, { readonly name: string; readonly items: unknown }>();

  constructor(path: string, table: unknown) {
    this.#path = path;
    if (table !== undefined && !isTable(table)) throw this.#broken("dependency-groups is not a table.");
    for (const [name, items] of Object.entries(table ?? {})) {
      const key = normalizeName(name);
      if (this.#groups.has(key)) throw this.#broken(`Two groups are called ${printableLine(name)}.`);
      this.#groups.set(key, { name, items });
    }
  }

  /** The requirements of a group with those that it includes, each include once at its place. */
  texts(name: string, above: readonly string[] = []): string[] {
    const key = normalizeName(name);
    if (above.includes(key)) throw this.#broken(`The group ${printableLine(name)} includes itself: ${[...above, key].join(" → ")}.`);
    const group = this.#groups.get(key);
    if (group === undefined)
      throw this.#broken(
        `It has no dependency group ${printableLine(name)}.`,
        [...this.#groups.values()].map((one) => one.name),
      );
    if (!Array.isArray(group.items)) throw this.#broken(`The group ${printableLine(name)} is not a list.`);
    return group.items.flatMap((item: unknown) => {
      if (typeof item === "string") return [item];
      const included = isTable(item) && Object.keys(item).length === 1 ? item["include-group"] : undefined;
      if (typeof included !== "string")
        throw this.#broken(`The group ${printableLine(name)} holds something that is neither a requirement nor {include-group = "…"}.`);
      return this.texts(included, [...above, key]);
    });
  }

  #broken(why: string, known: readonly string[] = []): PenError {
    return new PenError("INVALID_PROJECT", `The dependency groups of ${printableLine(this.#path)} cannot be used`, {
      why,
      hint: known.length === 0 ? "Correct [dependency-groups] in the file." : `It has: ${known.map(printableLine).join(", ")}.`,
      data: { path: this.#path },
    });
  }
}

/** The requirements that scripts state in themselves (PEP 723). Nothing of a script is run. Errors: `INVALID_PROJECT`, `FILE_SYSTEM`. */
export function scriptRequirements(files: readonly string[], host: Host): RequirementEntry[] {
  return files.flatMap((file) => {
    const path = resolve(host.cwd, file);
    const found = document(path, scriptBlock(path, readLimited(path)))["dependencies"] ?? [];
    if (!Array.isArray(found) || !found.every((item: unknown) => typeof item === "string"))
      throw invalid(path, "dependencies in its script block is not a list of texts.");
    return found.map((text: string) => entry(text, `the script ${printableLine(file)}`, host));
  });
}

/** The TOML between `# /// script` and `# ///`. */
function scriptBlock(path: string, text: string): string {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, at) => (line === "# /// script" ? [at] : []));
  const [start] = starts;
  if (start === undefined) throw invalid(path, "It has no block that begins with `# /// script`.");
  if (starts.length > 1) throw invalid(path, "It has more than one block that begins with `# /// script`.");
  const block: string[] = [];
  let end: number | undefined;
  for (const line of lines.slice(start + 1)) {
    if (line !== "#" && !line.startsWith("# ")) break;
    if (line === "# ///") end = block.length;
    block.push(line.slice(2));
  }
  if (end === undefined) throw invalid(path, "The block that begins with `# /// script` does not end with `# ///`.");
  return block.slice(0, end).join("\n");
}

function readLimited(path: string): string {
  const text = readText(path);
  if (text.length <= longest) return text;
  throw invalid(path, "It is larger than four megabytes.");
}

function document(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (error) {
    if (isPenError(error) || !(error instanceof Error)) throw error;
    throw invalid(path, `It is no valid TOML: ${printableLine(error.message.split("\n")[0] ?? "")}`);
  }
}

function entry(text: string, where: string, host: Host): RequirementEntry {
  try {
    return { ...parseRequirementArgument(text, host.cwd), origin: { file: where, line: 0 } };
  } catch (error) {
    if (!isPenError(error)) throw error;
    throw new PenError(error.code, error.message.replace("the command line", where), {
      why: `${error.why ?? ""}\nIt stands in ${where}.`.trim(),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

const invalid = (path: string, why: string): PenError =>
  new PenError("INVALID_PROJECT", `No requirements can be read from ${printableLine(path)}`, {
    why,
    hint: "Correct the file, or name another one.",
    data: { path },
  });
