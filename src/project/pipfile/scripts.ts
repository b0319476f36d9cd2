import { excerpt } from "#foundation";
import { isTomlArray, isTomlTable, kindOf, type TomlValue } from "../toml/reading.ts";
import type { TomlPlaces } from "./places.ts";
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
