/** What `lock` writes. */
import type { TwinCase } from "./twins.ts";

const source = '[[source]]\nurl = "{index}"\nverify_ssl = true\nname = "local"\n\n';

export const lockCases: Readonly<Record<string, TwinCase>> = {
  "nothing to lock": { files: { Pipfile: `${source}[packages]\n` }, steps: ["lock"] },
  "one package": { files: { Pipfile: `${source}[packages]\nsix = "*"\n` }, steps: ["lock", { run: "verify", prints: true }] },
  "both categories, and what they need": {
    files: { Pipfile: `${source}[packages]\nflask = "<2"\n\n[dev-packages]\nclick = "*"\nold-pythons = "*"\n` },
    steps: ["lock"],
  },
};
