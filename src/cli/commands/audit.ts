import { auditOptions, runAudit } from "../audit/running.ts";
import type { Command } from "../command.ts";
import { indexesOf } from "./sources.ts";

export const command: Command = {
  forProjects: true,
  summary: "Find packages with known vulnerabilities",
  description:
    "pen asks the OSV database (or a downloaded copy of it) about every package that is installed, or with --locked (and in a project without an environment), that is locked. Exit status 1 when something vulnerable is left.",
  arguments: [],
  options: auditOptions,
  examples: [
    ["pen audit", "what is installed here"],
    ["pen audit --locked --desc", "what Pipfile.lock pins, with a line on each vulnerability"],
    ["pen audit --fix --dry-run", "which upgrades would mend it"],
    ["pen audit -i CVE-2024-1234 -f json -o audit.json", "for programs, without one that you live with"],
    ["pen audit --db all.zip", "without a network, from a downloaded copy"],
  ],
  run: (context) => runAudit(context, { python: context.parsed.value("python"), indexes: indexesOf(context.parsed) }),
};
