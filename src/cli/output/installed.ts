import { warn, writeAtomic, type JsonValue } from "#foundation";
import { installReportJson, type InstallReport } from "#operations";
import { isCalledPip, type CommandContext } from "../command.ts";
import { jsonText } from "./json.ts";
import { problemText } from "./problems.ts";
import { durationText } from "./sizes.ts";

export interface TellOptions {
  readonly started: number;
  readonly dryRun: boolean;
  readonly reportFile?: string | undefined;
  readonly warnConflicts?: boolean;
  /** End with the lines of pip that scripts look for. */
  readonly pipWords?: boolean;
}

/** Tells a person what an installing command did, or as JSON with `--json` and `--report`. */
export async function tellInstall(context: CommandContext, outcome: InstallReport, options: TellOptions): Promise<void> {
  const { terminal } = context;
  const report = options.reportFile === undefined ? undefined : await installReportJson(outcome);
  if (options.reportFile !== undefined) {
    const text = jsonText(report, 2);
    if (options.reportFile !== "-")
      writeAtomic(options.reportFile.startsWith("/") ? options.reportFile : `${context.host.cwd}/${options.reportFile}`, text);
    else if (!context.json) terminal.out(text);
  }
  if (context.json) {
    context.result({
      destination: outcome.destination,
      dryRun: options.dryRun,
      packages: stepsJson(outcome),
      broken: outcome.broken.map((problem) => ({ ...problem })),
      ...(report !== undefined && options.reportFile === "-" ? { report } : {}),
    });
    return;
  }
  if (options.warnConflicts !== false)
    for (const problem of outcome.broken) warn(context.emit, "left-broken", `Does not fit any more: ${problemText(problem)}`);
  if (context.quiet > 0 || options.reportFile === "-") return;
  if (options.pipWords === true) tellAsPip(context, outcome, options);
  else tellChanges(context, outcome, options);
}

const stepsJson = ({ plan }: InstallReport): JsonValue[] =>
  plan.steps.map((step) => ({
    action: step.action,
    name: step.name,
    version: step.version,
    ...("previous" in step ? { previous: step.previous } : {}),
  }));

const changesOf = ({ plan }: InstallReport): InstallReport["plan"]["steps"] => plan.steps.filter(({ action }) => action !== "keep");

const countText = (count: number): string => `${count} package${count === 1 ? "" : "s"}`;

function tellChanges(context: CommandContext, outcome: InstallReport, { started, dryRun }: TellOptions): void {
  const changes = changesOf(outcome);
  const { length } = outcome.pins;
  if (changes.length === 0) {
    context.terminal.out(`Nothing to do: ${countText(length)} ${length === 1 ? "is" : "are"} there already.\n`);
    return;
  }
  listChanges(context, outcome);
  const isNew = changes.every(({ action }) => action === "install");
  const verb = dryRun ? (isNew ? "Would install" : "Would change") : isNew ? "Installed" : "Changed";
  context.terminal.out(`${verb} ${countText(changes.length)} in ${durationText(Date.now() - started)}.\n`);
}

function listChanges({ terminal, colour }: CommandContext, outcome: InstallReport): void {
  const marks = {
    install: colour.green("+"),
    upgrade: colour.green("↑"),
    downgrade: colour.yellow("↓"),
    reinstall: colour.cyan("~"),
    uninstall: colour.red("-"),
    keep: " ",
  };
  for (const step of changesOf(outcome)) {
    const moved = "previous" in step && step.previous !== step.version ? ` ${colour.dim(`(was ${step.previous})`)}` : "";
    terminal.out(` ${marks[step.action]} ${step.name} ${colour.dim(step.version)}${moved}\n`);
  }
}

/**
 * `Requirement already satisfied: …`, `Successfully installed …` and `Would install …`, as scripts read them; a person at a terminal reads how many
 * packages those were and how long it took. Under pip's own name nothing else; there also what came as a dependency and was there is told of.
 */
function tellAsPip(context: CommandContext, outcome: InstallReport, { started, dryRun }: TellOptions): void {
  const { terminal } = context;
  const isPip = isCalledPip(context);
  for (const { locked, requested, installed } of outcome.pins) {
    if (installed === undefined || !(requested || isPip)) continue;
    const from = requested ? "" : ` (from ${locked.requiredBy.join(", ")})`;
    terminal.out(
      `Requirement already satisfied: ${locked.name} in ${installed.location}${from} (${locked.version ?? installed.version})\n`,
    );
  }
  const changes = changesOf(outcome);
  if (changes.length === 0) return;
  if (!isPip) listChanges(context, outcome);
  // The list above names them all; a second time they would be a wall of text.
  if (!isPip && !dryRun && terminal.outIsTerminal) {
    terminal.out(`Successfully installed ${countText(changes.length)} in ${durationText(Date.now() - started)}.\n`);
    return;
  }
  const names = changes.map(({ name, version }) => `${name}-${version}`).sort();
  terminal.out(`${dryRun ? "Would install" : "Successfully installed"} ${names.join(" ")}\n`);
}
