import type { ResolveInput } from "./resolve-types.ts";

/** The question of somebody who names requirements and says nothing else; what is said replaces its fields. */
export const plainQuestion: Omit<ResolveInput, "requirements" | "target" | "tags"> = {
  constraints: [],
  overrides: [],
  excludes: [],
  mode: "highest",
  prereleases: "if-necessary-or-explicit",
  preferences: new Map(),
  followDependencies: true,
  requireHashes: false,
  noBinary: new Set(),
  installed: [],
  files: "chosen",
};
