import { buildOptions, sourceFolderOption } from "../arguments/builds.ts";
import type { Command } from "../command.ts";
import { buildsOf } from "./building.ts";
import { collect, collectingOptions } from "./downloading.ts";

export const command: Command = {
  summary: "Collect wheels of packages and of what they need",
  description: "What has no wheel is built, when you allow it (--allow-builds, --allow-build NAME); folders that you name need no leave.",
  arguments: [
    {
      name: "REQUIREMENT",
      help: "A name with an optional version, a URL, or the path of a wheel, an archive or a project.",
      repeated: true,
    },
  ],
  options: [
    { name: "wheel-dir", short: "w", kind: "value", metavar: "DIR", help: "Where the wheels go; without it, here." },
    {
      name: "no-verify",
      kind: "flag",
      help: "Means nothing here.",
      hidden: true,
      idle: "changes nothing: a wheel that pen would not install is not kept",
    },
    { name: "editable", short: "e", kind: "list", metavar: "PATH", help: "The wheel of this project: the same as its path." },
    ...buildOptions,
    sourceFolderOption,
    ...collectingOptions,
  ],
  examples: [
    ["pen pip wheel -r requirements.txt -w wheels", "everything that a file lists"],
    ["pen pip wheel --no-deps flask", "one wheel, into this folder"],
    ["pen pip wheel --allow-build psycopg2 psycopg2", "built where the index has none"],
  ],
  run: (context) =>
    collect(context, {
      folder: context.parsed.value("wheel-dir") ?? ".",
      targets: [{}],
      builds: buildsOf(context),
      buildWheels: true,
      more: context.parsed.list("editable"),
    }),
};
