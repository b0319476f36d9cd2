import { printableLine, type JsonValue } from "#foundation";
import { outdatedPackages, type HoldingReason, type OutdatedPackage } from "#operations";
import { indexOptions, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { columnsTable } from "../output/table.ts";
import { fetchingOf, indexesOf } from "./sources.ts";

export const command: Command = {
  forProjects: true,
  summary: "List packages that have newer versions, with what holds each one back",
  description:
    "Wanted is the newest version that nothing holds back: `pen pipenv update` goes there. In a Pipfile project its sources are asked, elsewhere the indexes of the options. Where a project has no environment yet, its lock answers.",
  arguments: [],
  options: [
    { name: "locked", kind: "flag", help: "Look at the lock instead of what is installed." },
    { name: "direct", kind: "flag", help: "Only what the project itself asks for." },
    { name: "pre", kind: "flag", help: "Count pre-releases as versions to go to." },
    { name: "check", kind: "flag", help: "End with status 1 when a newer version could be taken." },
    pythonOption,
    ...indexOptions,
  ],
  examples: [
    ["pen outdated", "what is installed here"],
    ["pen outdated --locked --direct", "your own entries, by the lock"],
    ["pen outdated --check", "for a job that tells of updates"],
  ],
  async run(context) {
    const { parsed, terminal } = context;
    const report = await outdatedPackages({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      python: parsed.value("python"),
      locked: parsed.flag("locked"),
      prereleases: parsed.flag("pre") ? true : undefined,
      fetching: fetchingOf(parsed),
      indexes: indexesOf(parsed),
    });
    const packages = report.packages.filter(({ direct }) => direct || !parsed.flag("direct"));
    if (context.json) context.result({ source: { ...report.source }, packages: packages.map(asJson) });
    else if (packages.length === 0) terminal.out("Everything is the newest.\n");
    else {
      const rows = packages.map(({ name, version, wanted, latest, reasons }) =>
        [name, version, wanted, latest, reasons.map(reasonText).join("; ")].map(printableLine),
      );
      terminal.out(columnsTable(["Package", "Version", "Wanted", "Latest", "Held back by"], rows));
    }
    return parsed.flag("check") && packages.some(({ wanted, version }) => wanted !== version) ? 1 : 0;
  },
};

const asJson = ({ reasons, ...rest }: OutdatedPackage): JsonValue => ({ ...rest, reasons: reasons.map((reason) => ({ ...reason })) });

function reasonText(reason: HoldingReason): string {
  switch (reason.kind) {
    case "requirement":
      return `${reason.by} requires ${reason.requirement}`;
    case "requires-python":
      return `it needs Python ${reason.requires}`;
    case "prerelease":
      return "it is a pre-release (--pre)";
    case "yanked":
      return `it was yanked${reason.reason === "" ? "" : `: ${reason.reason}`}`;
    case "excluded-newer":
      return `it was uploaded on ${reason.uploaded.slice(0, 10)}, which is too new`;
    case "no-wheel":
      return `it ${reason.detail}`;
  }
}
