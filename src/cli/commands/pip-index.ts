import { PenError, printableLine } from "#foundation";
import { indexVersions, type IndexVersions } from "#operations";
import { indexOptions, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { fileKindOptions, releaseOptions, releasesOf, splitNames } from "./installing.ts";
import { pipIndexesOf, wantingOptions, wheelTargetOptions } from "./selecting.ts";

export const command: Command = {
  summary: "Show which versions of a package an index has",
  arguments: [
    { name: "ACTION", help: "versions" },
    { name: "NAME", help: "The package.", repeated: true },
  ],
  options: [
    { name: "pre", kind: "flag", help: "Pre-releases too." },
    ...releaseOptions,
    { name: "python-version", kind: "value", metavar: "VERSION", help: "For this Python instead of the environment's." },
    ...wheelTargetOptions,
    ...wantingOptions.filter(({ name }) => name === "ignore-requires-python" || name === "refresh-package"),
    ...fileKindOptions,
    pythonOption,
    ...indexOptions,
  ],
  examples: [
    ["pen pip index versions flask", "all versions that this Python can use"],
    ["pen pip index versions flask --pre --json", "for programs"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    const [action, ...names] = parsed.arguments;
    if (action !== "versions")
      throw new PenError("NOTHING_NAMED", "Need an action (versions) to perform.", {
        hint: "Type for example: pen pip index versions flask",
      });
    const [name, ...more] = names;
    if (name === undefined || more.length > 0)
      throw new PenError("NOTHING_NAMED", "You need to specify exactly one argument", {
        hint: "Type for example: pen pip index versions flask",
      });
    const found = await indexVersions({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      name,
      python: parsed.value("python"),
      pythonVersion: parsed.value("python-version"),
      platforms: parsed.list("platform"),
      implementation: parsed.value("implementation"),
      abis: parsed.list("abi"),
      prereleases: releasesOf(parsed) === "allow",
      ignoreRequiresPython: parsed.flag("ignore-requires-python"),
      noBinary: splitNames(parsed.list("no-binary")),
      onlyBinary: splitNames(parsed.list("only-binary")),
      indexes: pipIndexesOf(parsed),
    });
    if (context.json) context.result(asJson(found));
    else if (context.quiet === 0) terminal.out(asText(found));
  },
};

/** The keys are pip's. */
const asJson = ({ name, versions, latest, installed }: IndexVersions) => ({
  name,
  versions: [...versions],
  latest,
  ...(installed === undefined ? {} : { installed_version: installed }),
});

function asText({ name, versions, latest, latestIsPrerelease, installed }: IndexVersions): string {
  const lines = [`${name} (${latest})`, `Available versions: ${versions.join(", ")}`];
  if (installed !== undefined)
    lines.push(
      `  INSTALLED: ${installed}`,
      `  LATEST:    ${latest}${latestIsPrerelease ? " (pre-release; install with `pip install --pre`)" : ""}`,
    );
  return lines.map((line) => `${printableLine(line)}\n`).join("");
}
