/**
 * As much of Windows' cmd as batch files of an environment use, phase by phase as cmd reads a line: `%` first, then `&` and carets outside of quotes, then `for`
 * variables, then `!` where delayed expansion is on. There is no cmd on the machines that test: this one is strict, and throws at what it does not know.
 */
export interface CmdState {
  /** Names in upper case, as cmd compares them. */
  readonly variables: Map<string, string>;
  readonly delayed: boolean;
  /** Texts of files by path. */
  readonly files: Readonly<Record<string, string>>;
}

export interface CmdRun {
  readonly status: number;
  readonly errors: readonly string[];
  /** Programs that were started, with their words. */
  readonly started: readonly string[];
}

interface Context extends Omit<CmdState, "delayed"> {
  readonly script: string;
  delayed: boolean;
  readonly scopes: { variables: Map<string, string>; delayed: boolean }[];
  readonly errors: string[];
  readonly started: string[];
}

class Exit {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** Runs the batch file that stands at `script` (a path with backslashes) and changes the variables. */
export function runBatch(script: string, state: CmdState): CmdRun {
  const text = state.files[script] ?? "";
  if (!/^(?:[^\r\n]*\r\n)*$/.test(text)) throw new Error("a batch file has CRLF at every end of line");
  const lines = text.split("\r\n");
  const context: Context = { ...state, script, scopes: [], errors: [], started: [] };
  let status = 0;
  try {
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at] ?? "";
      if (line === "" || line.startsWith(":")) continue;
      const target = execute(expandPercent(line, context), context, {});
      if (target === undefined) continue;
      at = lines.indexOf(`:${target}`);
      if (at < 0) throw new Error(`no label ${target}`);
    }
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    status = error.status;
  }
  return { status, errors: context.errors, started: context.started };
}

const find = ({ variables }: Context, name: string): string | undefined => variables.get(name.toUpperCase());

function expandPercent(line: string, context: Context): string {
  let result = "";
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] !== "%") {
      result += line[at];
      continue;
    }
    if (line[at + 1] === "%") {
      result += "%";
      at += 1;
      continue;
    }
    const argument = /^%(~dp0|\*)/.exec(line.slice(at));
    if (argument !== null) {
      result += argument[1] === "*" ? "" : context.script.slice(0, context.script.lastIndexOf("\\") + 1);
      at += argument[0].length - 1;
      continue;
    }
    const end = line.indexOf("%", at + 1);
    if (end < 0) continue;
    const inside = line.slice(at + 1, end);
    const [, name = "", , operation = ""] = /^([^:]*)(:(.*))?$/s.exec(inside) ?? [];
    const value = find(context, name);
    // An undefined one with an operation leaves the operation behind: the files have to ask before.
    result += value === undefined ? operation : changed(value, operation);
    at = end;
  }
  return result;
}

function changed(value: string, operation: string): string {
  if (operation === "") return value;
  const cut = /^~(-?\d+)(?:,(-?\d+))?$/.exec(operation);
  if (cut !== null) {
    const from = Number(cut[1]);
    const start = from < 0 ? Math.max(0, value.length + from) : from;
    const length = cut[2] === undefined ? value.length : Number(cut[2]);
    return length < 0 ? value.slice(start, value.length + length) : value.slice(start, start + length);
  }
  const at = operation.indexOf("=");
  if (at < 1) throw new Error(`operation ${operation}`);
  return value.replaceAll(operation.slice(0, at), () => operation.slice(at + 1));
}

/** The commands of a line: `&`, `|`, `<` and `>` count outside of quotes alone. Only `>nul` and `>&2` are known. */
function divide(line: string): { readonly words: string[]; readonly redirect: string } {
  const words = [""];
  let redirect = "";
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? "";
    if (char === '"') quoted = !quoted;
    if (!quoted && char === "^") {
      at += 1;
      words[words.length - 1] += line[at] ?? "";
    } else if (!quoted && char === "&") words.push("");
    else if (!quoted && char === ">") {
      const known = /^>(nul|&2)/.exec(line.slice(at))?.[1];
      if (known === undefined) throw new Error(`redirected: ${line}`);
      redirect = known;
      at += known.length;
    } else if (!quoted && (char === "|" || char === "<")) throw new Error(`piped: ${line}`);
    else words[words.length - 1] += char;
  }
  return { words, redirect };
}

type ForVariables = Readonly<Record<string, string>>;

/** Carries out one line whose `%` are done; gives the label to go to. */
function execute(line: string, context: Context, given: ForVariables): string | undefined {
  const loop = /^@?for (\/f "([^"]*)" )?%(\w) in \((.*?)\) do (.*)$/s.exec(line);
  if (loop !== null) return runLoop({ options: loop[2], name: loop[3] ?? "", set: loop[4] ?? "", body: loop[5] ?? "" }, context, given);
  const condition = /^@?if (not )?(defined (\S+)|exist ("[^"]*")|("[^"]*")==("[^"]*")) (.*)$/s.exec(line);
  if (condition !== null) {
    const [, not, , defined, exist, left, right, rest = ""] = condition;
    const value = (text: string): string => late(text, context, given);
    const holds =
      defined !== undefined
        ? find(context, defined) !== undefined
        : exist !== undefined
          ? normal(value(exist).slice(1, -1)) in context.files
          : value(left ?? "") === value(right ?? "");
    return holds === (not === undefined) ? execute(rest, context, given) : undefined;
  }
  if (/^@?rem\b/.test(line)) return undefined;
  const { words, redirect } = divide(line);
  for (const word of words) {
    const target = simple(late(word.trim().replace(/^@/, ""), context, given), context, redirect);
    if (target !== undefined) return target;
  }
  return undefined;
}

const normal = (path: string): string => {
  const parts: string[] = [];
  for (const part of path.split("\\"))
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  return parts.join("\\").replace(/\\$/, "");
};

interface Loop {
  readonly options: string | undefined;
  readonly name: string;
  readonly set: string;
  readonly body: string;
}

function runLoop({ options, name, set, body }: Loop, context: Context, given: ForVariables): string | undefined {
  const once = (more: ForVariables): string | undefined => execute(body, context, { ...given, ...more });
  if (options === undefined) {
    if (!/^"[^"*?]*"$/.test(set)) throw new Error(`for over ${set}`);
    return once({ [name]: late(set, context, given) });
  }
  const rows = set.startsWith("'")
    ? ["Active code page: 850"]
    : (context.files[normal(late(set, context, given).slice(1, -1))] ?? "").split(/\r?\n/);
  const tokens = /tokens=(\S+)/.exec(options)?.[1] ?? "1";
  const marks = /delims=(.*)$/.exec(options)?.[1] ?? " \t";
  const next = String.fromCharCode(name.charCodeAt(0) + 1);
  for (const row of rows) {
    if (row === "" || row.startsWith(";")) continue;
    const isMark = (char: string | undefined): boolean => char !== undefined && marks.includes(char);
    const parts: string[] = [];
    let at = 0;
    const skip = (): void => {
      while (isMark(row[at])) at += 1;
    };
    skip();
    const wanted = tokens === "2" ? 2 : 1;
    for (let part = 0; part < wanted; part += 1) {
      const start = at;
      while (at < row.length && !isMark(row[at])) at += 1;
      parts.push(row.slice(start, at));
      skip();
    }
    const more: ForVariables = tokens === "1,*" ? { [name]: parts[0] ?? "", [next]: row.slice(at) } : { [name]: parts[wanted - 1] ?? "" };
    const target = once(more);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** `for` variables, then `!`. */
function late(text: string, context: Context, given: ForVariables): string {
  const filled = text.replace(/%(~[fnx]*)?([A-Z])/g, (whole, change: string | undefined, name: string) => {
    const value = given[name];
    if (value === undefined) return whole;
    if (change === undefined) return value;
    const path = normal(value.replace(/^"|"$/g, ""));
    return change === "~f" ? path : path.slice(path.lastIndexOf("\\") + 1);
  });
  if (!context.delayed || !filled.includes("!")) return filled;
  let result = "";
  for (let at = 0; at < filled.length; at += 1) {
    const char = filled[at] ?? "";
    if (char === "^") {
      at += 1;
      result += filled[at] ?? "";
    } else if (char === "!") {
      while (filled[at + 1] === "!") at += 1;
      const end = filled.indexOf("!", at + 1);
      if (end < 0) continue;
      result += find(context, filled.slice(at + 1, end)) ?? "";
      at = end;
    } else result += char;
  }
  return result;
}

function simple(command: string, context: Context, redirect: string): string | undefined {
  const { variables } = context;
  const assigned = /^set "([^=]+)=(.*)"$/s.exec(command) ?? /^set ([^="]+)=([^"]*)$/s.exec(command);
  if (assigned !== null) {
    const [, name = "", value = ""] = assigned;
    if (value === "") variables.delete(name.toUpperCase());
    else variables.set(name.toUpperCase(), value);
    return undefined;
  }
  if (command === "setlocal DisableDelayedExpansion") {
    context.scopes.push({ variables: new Map(variables), delayed: context.delayed });
    context.delayed = false;
    return undefined;
  }
  if (command === "endlocal") {
    const scope = context.scopes.pop();
    if (scope === undefined) throw new Error("endlocal without setlocal");
    variables.clear();
    for (const [name, value] of scope.variables) variables.set(name, value);
    context.delayed = scope.delayed;
    return undefined;
  }
  const exit = /^exit \/b (\d+)$/.exec(command);
  if (exit !== null) throw new Exit(Number(exit[1]));
  const label = /^goto (\w+)$/.exec(command);
  if (label !== null) return label[1];
  if (command.startsWith("echo ") && redirect === "&2") {
    context.errors.push(command.slice(5));
    return undefined;
  }
  if (/^"[^"]*"/.test(command)) {
    context.started.push(command);
    return undefined;
  }
  throw new Error(`cmd was given: ${command}`);
}
