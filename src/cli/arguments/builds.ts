import type { OptionSpec } from "./types.ts";

/** How commands that install or solve deal with what has no wheel. */
export const buildOptions: readonly OptionSpec[] = [
  {
    name: "allow-builds",
    kind: "flag",
    negation: "no-allow-builds",
    variable: "PEN_ALLOW_BUILDS",
    help: "Build from source what has no wheel: that runs code of those packages. Local projects that you name need no leave.",
  },
  {
    name: "allow-build",
    kind: "list",
    metavar: "NAME",
    variable: "PEN_ALLOW_BUILD",
    help: "The same for this package alone; may be repeated.",
  },
  {
    name: "config-settings",
    aliases: ["config-setting"],
    short: "C",
    kind: "list",
    metavar: "KEY=VALUE",
    help: "Pass a setting to the build backends.",
  },
  {
    name: "config-settings-package",
    aliases: ["config-setting-package"],
    kind: "list",
    metavar: "NAME:KEY=VALUE",
    help: "Pass a setting to the build backend of this package.",
  },
  {
    name: "build-constraint",
    aliases: ["build-constraints"],
    kind: "list",
    metavar: "FILE",
    variable: "PEN_BUILD_CONSTRAINT",
    help: "Versions that bound what builds are made with.",
  },
  {
    name: "no-build-isolation",
    kind: "flag",
    negation: "build-isolation",
    variable: "PEN_NO_BUILD_ISOLATION",
    help: "Build with the packages of the environment, instead of an environment made for the build.",
  },
  {
    name: "build-timeout",
    kind: "value",
    metavar: "SECONDS",
    number: true,
    variable: "PEN_BUILD_TIMEOUT",
    help: "Give a build up after so long (default 3600; 0: never).",
  },
];

/** Where repositories stand that are installed with `-e`. */
export const sourceFolderOption: OptionSpec = {
  name: "src",
  aliases: ["source", "source-dir", "source-directory"],
  kind: "value",
  metavar: "DIR",
  help: "Where to keep repositories that -e installs from; default: src in the environment.",
};
