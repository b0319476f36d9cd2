import { printableLine } from "#foundation";
import type { VirtualenvReport } from "#operations";
import { allActivators, type Choices } from "./choices.ts";

const creatorClasses: Readonly<Record<string, string>> = {
  "cpython3-posix": "CPython3Posix",
  "pypy3-posix": "PyPy3Posix",
  "graalpy-posix": "GraalPyPosix",
  venv: "Venv",
};

const activatorClasses: Readonly<Record<string, string>> = {
  bash: "BashActivator",
  cshell: "CShellActivator",
  fish: "FishActivator",
  nushell: "NushellActivator",
  powershell: "PowerShellActivator",
  python: "PythonActivator",
  xonsh: "XonshActivator",
};

/** What was made, in the lines of virtualenv, which other programs read. */
export function reportText(report: VirtualenvReport, choices: Choices, milliseconds: number): string {
  const lines = [`created virtual environment ${report.spec} in ${milliseconds.toFixed(0)}ms`, `  creator ${creatorText(report, choices)}`];
  if (report.wanted.length > 0) {
    const seeded = report.seeded.map(({ name, version }) => `${name}==${version}`).sort();
    lines.push(`  seeder ${seederText(report, choices)}`, `    added seed packages: ${seeded.join(", ")}`);
  }
  const activators = choices.options.activators ?? allActivators;
  if (activators.length > 0) lines.push(`  activators ${activators.map((name) => activatorClasses[name]).join(",")}`);
  return `${lines.map(printableLine).join("\n")}\n`;
}

const python = (value: boolean | undefined): string => (value === undefined ? "None" : value ? "True" : "False");

function creatorText({ creator, ownCreator, environment }: VirtualenvReport, { options }: Choices): string {
  const fields = [
    `dest=${environment.root}`,
    `clear=${python(options.clear)}`,
    `no_vcs_ignore=${python(options.vcsIgnore === false)}`,
    `venv_redirect=${python(options.redirect)}`,
    `global=${python(options.systemSitePackages)}`,
    ...(creator === "venv" ? [`describe=${creatorClasses[ownCreator] ?? ownCreator}`] : []),
  ];
  return `${creatorClasses[creator] ?? creator}(${fields.join(", ")})`;
}

function seederText({ wanted, appData, searchFolders }: VirtualenvReport, { options }: Choices): string {
  const search = searchFolders.length === 0 ? "" : `extra_search_dir=${searchFolders.join(", ")},`;
  const versions = wanted.map(([name, version]) => ` ${name}=${version},`).join("");
  const seeds = `${search}download=${python(options.download === true)},${versions}`.slice(0, -1);
  if (options.seeder === "pip") return `PipInvoke(${seeds})`;
  return `FromAppData(${seeds}, via=${appData.linked ? "symlink" : "copy"}, app_data_dir=${appData.folder})`;
}

/** What led to it, for `-v`. */
export function stepsText(report: VirtualenvReport): string {
  const { interpreter, redirect } = report;
  const lines = [
    `found ${interpreter.executable} (${interpreter.source}), whose base is ${interpreter.baseExecutable}`,
    ...(redirect === undefined ? [] : [`${redirect} leads to the environment`]),
  ];
  return `${lines.map(printableLine).join("\n")}\n`;
}
