import { penVersion, printableLine, warn } from "#foundation";
import { reportPython } from "#operations";
import { pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { wheelTargetOptions } from "./selecting.ts";

const shownTags = 10;

export const command: Command = {
  summary: "Show what pen knows of its Python, for reports",
  arguments: [],
  options: [
    { name: "python-version", kind: "value", metavar: "VERSION", help: "The tags of this Python instead of the environment's." },
    ...wheelTargetOptions,
    pythonOption,
  ],
  examples: [
    ["pen pip debug --verbose", "all tags of wheels that can be taken"],
    ["pen pip debug --platform win_amd64 --python-version 3.12", "those of another machine"],
  ],
  async run(context) {
    const { parsed, host, terminal } = context;
    warn(
      context.emit,
      "for-debugging",
      "This command is only meant for debugging. Do not use this with automation for parsing and getting these details, since the output and options of this command may change without notice.",
    );
    const given = {
      "python-version": parsed.value("python-version"),
      platform: parsed.list("platform"),
      implementation: parsed.value("implementation"),
      abi: parsed.list("abi"),
    };
    const report = await reportPython({
      host,
      onEvent: context.emit,
      python: parsed.value("python"),
      pythonVersion: given["python-version"],
      platforms: given.platform,
      implementation: given.implementation,
      abis: given.abi,
    });
    if (context.json) return context.result({ pen: penVersion, ...report, tags: [...report.tags] });
    const certificates = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"].map((name) => `${name}: ${host.env[name] ?? "None"}`);
    const target = Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value.length === 0 ? [] : [`${name}=${[value].flat().join(",")}`],
    );
    const tags = context.verbose > 0 ? report.tags : report.tags.slice(0, shownTags);
    const lines = [
      `pip version: pip ${report.pipVersion} (pen ${penVersion}) from ${host.executable}`,
      `sys.version: ${report.version}`,
      `sys.executable: ${report.executable}`,
      `sys.platform: ${report.platform}`,
      "sys.implementation:",
      `  name: ${report.implementation}`,
      `'cert' config value: ${parsed.origin("cert") ?? "Not specified"}`,
      ...certificates,
      `Compatible tags: ${report.tags.length}${target.length === 0 ? "" : ` (target: ${target.join(" ")})`}`,
      ...tags.map((tag) => `  ${tag}`),
      ...(tags.length < report.tags.length ? ["  ...", `  [First ${shownTags} tags shown. Pass --verbose to show all.]`] : []),
    ];
    return terminal.out(lines.map((line) => `${printableLine(line)}\n`).join(""));
  },
};
