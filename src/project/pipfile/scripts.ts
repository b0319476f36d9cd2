import { excerpt, PenError } from "#foundation";
import { shellWords } from "../requirements-file/lines.ts";
import { isTomlArray, isTomlTable, kindOf, type TomlValue } from "../toml/reading.ts";
import type { TomlPlaces } from "../toml/places.ts";
import type { PipfileScript } from "./types.ts";

const forms = 'A script is a text ("pytest -x"), a list of texts, or {call = "module:function()"}.';

/** One entry of `[scripts]`. Errors: `INVALID_PROJECT`. */
export function readScript(name: string, value: TomlValue, places: TomlPlaces): PipfileScript {
  const path = ["scripts", name];
  const refuse = (message: string): Error => places.error(path, { message: `has a script ${excerpt(name)} ${message}`, hint: forms });
  if (typeof value === "string") {
    if (value.trim() === "") throw refuse("that is empty");
    return { kind: "shell", text: value };
  }
  if (isTomlArray(value)) {
    if (value.length === 0) throw refuse("that is empty");
    return {
      kind: "sequence",
      commands: value.map((command) => {
        if (typeof command !== "string") throw refuse(`with ${kindOf(command)} among its commands`);
        if (command.trim() === "") throw refuse("with an empty command");
        return command;
      }),
    };
  }
  if (!isTomlTable(value)) throw refuse(`that is ${kindOf(value)}`);
  const [key, ...others] = Object.keys(value);
  const target = key === "call" ? value[key] : undefined;
  if (typeof target !== "string" || others.length > 0) throw refuse("that is a table of something else than call");
  if (!/^[^:]+:./s.test(target)) throw refuse("whose call is not written as module:function");
  return { kind: "call", target };
}

/**
 * The commands that a script runs, one after the other until one fails, each as its words (split as a POSIX shell splits, on every platform). What
 * the person adds goes to the last one. Errors: `INVALID_PROJECT` for a quotation mark that is not closed and for a text without a word.
 */
export function scriptCommands(name: string, script: PipfileScript, added: readonly string[] = []): string[][] {
  const commands = wordsOf(name, script);
  return commands.map((words, at) => (at === commands.length - 1 ? [...words, ...added] : words));
}

function wordsOf(name: string, script: PipfileScript): string[][] {
  switch (script.kind) {
    case "shell":
      return [splitCommand(name, script.text)];
    case "sequence":
      return script.commands.map((command) => splitCommand(name, command));
    case "call": {
      const colon = script.target.indexOf(":");
      const call = script.target.slice(colon + 1);
      // A name alone is called without arguments.
      return [["python", "-c", `import ${script.target.slice(0, colon)} as _m; _m.${call}${/\(.*?\)/.test(call) ? "" : "()"}`]];
    }
  }
}

function splitCommand(name: string, text: string): string[] {
  const words = shellWords(text);
  if (words !== undefined && words.length > 0) return words;
  throw new PenError("INVALID_PROJECT", `The script ${excerpt(name)} cannot be split into words: ${excerpt(text)}`, {
    why: words === undefined ? "A quotation mark is not closed, or nothing follows a backslash." : "It is empty.",
    hint: `Correct ${excerpt(name)} below [scripts] in the Pipfile.`,
    data: { script: name },
  });
}
