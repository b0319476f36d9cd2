import { indexOptions, linkOptions } from "../arguments/common.ts";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import { indexesOf, linkModeOf } from "./sources.ts";

/** Options of commands that make an environment by name. */
export const creationOptions: readonly OptionSpec[] = [
  {
    name: "python",
    short: "p",
    kind: "value",
    metavar: "PYTHON",
    variable: "PEN_PYTHON",
    help: "Which Python: 3.12, >=3.10, pypy, a path, …",
  },
  { name: "no-seed", aliases: ["without-pip"], kind: "flag", help: "Put no pip in." },
  {
    name: "seed-package",
    kind: "list",
    metavar: "PACKAGE",
    help: "Put this in beside pip (setuptools, wheel==0.45, …); may be repeated.",
  },
  { name: "system-site-packages", kind: "flag", help: "Let the environment see the packages of its Python." },
  ...linkOptions.filter(({ name }) => name === "link-mode"),
  ...indexOptions,
];

/** What those options say, for the operation. */
export function creationChoices(parsed: Parsed): {
  python: string | undefined;
  seed: readonly string[];
  systemSitePackages: boolean;
  linkMode: ReturnType<typeof linkModeOf>;
  indexes: ReturnType<typeof indexesOf>;
} {
  return {
    python: parsed.value("python"),
    seed: [...new Set([...(parsed.flag("no-seed") ? [] : ["pip"]), ...parsed.list("seed-package")])],
    systemSitePackages: parsed.flag("system-site-packages"),
    linkMode: linkModeOf(parsed),
    indexes: indexesOf(parsed),
  };
}
