import { PenError } from "#foundation";
import type { TargetOptions } from "#operations";
import { buildOptions, sourceFolderOption } from "../arguments/builds.ts";
import type { Parsed } from "../arguments/types.ts";
import type { Command } from "../command.ts";
import { buildsOf } from "./building.ts";
import { collect, collectingOptions } from "./downloading.ts";
import { wheelTargetOptions } from "./selecting.ts";

export const command: Command = {
  summary: "Download packages and what they need, without installing them",
  description:
    "Collects files in a folder, from which `pen pip install --no-index --find-links DIR` installs on a machine without a network. --python-version and --python-platform may be repeated: what each of them needs is worked out and fetched side by side.",
  arguments: [{ name: "REQUIREMENT", help: "A name with an optional version, a URL, or the path of a wheel.", repeated: true }],
  options: [
    {
      name: "dest",
      short: "d",
      aliases: ["destination-dir", "destination-directory"],
      kind: "value",
      metavar: "DIR",
      help: "Where the files go; without it, here.",
    },
    { name: "bundle", kind: "value", metavar: "FILE", help: "Pack the wheels up as one tar file, for `pen pip install --bundle FILE`." },
    { name: "python-version", kind: "list", metavar: "VERSION", help: "For this Python (3.12); may be repeated." },
    {
      name: "python-platform",
      kind: "list",
      metavar: "PLATFORM",
      help: "For this platform: linux, macos, windows, x86_64-unknown-linux-gnu, …; may be repeated.",
    },
    ...wheelTargetOptions,
    ...collectingOptions,
    ...buildOptions,
    sourceFolderOption,
  ],
  examples: [
    ["pen pip download flask -d wheels", "for the environment here"],
    ["pen pip download flask -d wheels --python-version 3.12 --python-version 3.13", "for two Pythons"],
    ["pen pip download numpy -d wheels --python-platform linux --python-platform macos", "for two platforms"],
    ["pen pip download -r requirements.txt --bundle app.tar", "one file, for a machine without a network"],
  ],
  run(context) {
    const { parsed } = context;
    const bundle = parsed.value("bundle");
    const rival = ["dest", "allow-builds", "allow-build"].find((name) => bundle !== undefined && parsed.list(name).length > 0);
    if (rival !== undefined)
      throw new PenError("OPTION_CONFLICT", `--bundle and --${rival} cannot be used together`, {
        hint: "A bundle is one file, and holds wheels only.",
      });
    const builds = bundle === undefined ? buildsOf(context) : undefined;
    return collect(context, { folder: parsed.value("dest") ?? ".", targets: targetsOf(parsed), builds, bundle });
  },
};

/** Every Python with every platform. pip's --platform, --abi and --implementation hold for each of them. */
function targetsOf(parsed: Parsed): TargetOptions[] {
  const orNone = (values: readonly string[]): ReadonlyArray<string | undefined> =>
    values.length === 0 ? [undefined] : [...new Set(values)];
  const wheels = { platforms: parsed.list("platform"), implementation: parsed.value("implementation"), abis: parsed.list("abi") };
  return orNone(parsed.list("python-version")).flatMap((pythonVersion) =>
    orNone(parsed.list("python-platform")).map((pythonPlatform) => ({ ...wheels, pythonVersion, pythonPlatform })),
  );
}
