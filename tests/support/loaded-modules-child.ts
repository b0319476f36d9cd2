/**
 * Loaded before a program (`bun --preload`): notes which modules of the runtime it fetches, at once, as it may become another program. The list goes into the
 * file that LOADED_MODULES names.
 */
import { appendFileSync, writeFileSync } from "node:fs";

const list = process.env["LOADED_MODULES"] ?? "";
writeFileSync(list, "");
const fetch = process.getBuiltinModule.bind(process);
process.getBuiltinModule = (name: string) => {
  appendFileSync(list, `${name}\n`);
  return fetch(name);
};
