import { printableLine } from "#foundation";
import type { ProjectReport } from "#operations";
import type { CommandContext } from "../command.ts";
import { tellInstall } from "../output/installed.ts";
import { projectJson } from "../pipenv/common.ts";
import { changeLines } from "../pipenv/lock-text.ts";

/** Tells of an environment that was made, and where. */
export function tellMade({ terminal, quiet, colour }: CommandContext, environment: ProjectReport["environment"]): void {
  if (environment?.made !== true || quiet > 0) return;
  terminal.err(`${colour.green("Made the environment")} ${printableLine(environment.place.root)}\n`);
}

/** Tells what a command did to a project: where the environment was made, what moved in the lock and why, what was installed. */
export async function tellChange(context: CommandContext, report: ProjectReport, started: number): Promise<void> {
  if (context.json) {
    context.result(projectJson(report));
    return;
  }
  if (context.quiet > 0) return;
  tellMade(context, report.environment);
  if (report.lockChanges.length > 0) context.terminal.err(`Pipfile.lock:\n${changeLines(report.lockChanges, context.colour).join("\n")}\n`);
  if (report.installed !== undefined) await tellInstall(context, report.installed, { started, dryRun: false });
}
