/**
 * Loaded before a program (`bun --preload`): notes which methods it calls that the engine has in JavaScript. Those are compiled from source in every process
 * that calls them first, which costs as much as 30 to 90 functions of pen's own. So does what the engine makes when it is first named. What modules call while they are loaded is passed over: the
 * executable does not load the same ones. The list goes into the file that CALLED_METHODS names.
 */
import { writeFileSync } from "node:fs";

const methods = ["at", "every", "filter", "find", "findIndex", "findLast", "flatMap", "forEach", "keys", "map", "reduce", "some"];
const noted = new Set<string>();
let isNoting = false;

/** The first line of the stack that is pen's own. */
function callerOf(stack: string): string | undefined {
  for (const line of stack.split("\n")) if (line.includes("/src/")) return line.trim();
  return undefined;
}

function note(what: string): void {
  if (isNoting) return;
  isNoting = true;
  const caller = callerOf(new Error("here").stack ?? "");
  if (caller?.includes("(") === true) noted.add(`${what} ${caller}`);
  isNoting = false;
}

function watch(owner: object, name: string): void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  if (own === undefined || typeof own.value !== "function") throw new Error(`there is no ${name}`);
  const method = own.value as (...words: unknown[]) => unknown;
  const noting = function (this: unknown, ...words: unknown[]): unknown {
    note(name);
    return Reflect.apply(method, this, words);
  };
  Object.defineProperty(owner, name, { ...own, value: noting });
}

for (const name of methods) watch(Array.prototype, name);
watch(Array, "from");
watch(Object, "fromEntries");
for (const name of ["Buffer", "Math", "Set"]) {
  const value: unknown = Reflect.get(globalThis, name);
  const get = (): unknown => {
    note(name);
    return value;
  };
  Object.defineProperty(globalThis, name, { configurable: true, get });
}
process.on("exit", () => writeFileSync(process.env["CALLED_METHODS"] ?? "", [...noted].join("\n")));
