/** With `-v` every command says where each of its settings comes from. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type PenEvent } from "#foundation";
import { onlyOnCommandLine, variableName } from "./arguments/parse.ts";
import type { OptionSpec, Terminal } from "./arguments/types.ts";
import { isGroup, type Command, type CommandGroup } from "./command.ts";
import { root } from "./commands.ts";
import { knownVariables } from "./pipenv/variables.ts";
import { readCommandLine, tellSettings } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "pen-origins-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const own = join(folder, "own.toml");

type Entry = readonly [name: string, load: () => Promise<Command>];
function entries(group: CommandGroup, name: string): Entry[] {
  const self = group.own === undefined ? [] : [[name, group.own.load] as const];
  const below = Object.entries(group.commands).flatMap(([word, entry]) =>
    isGroup(entry) ? entries(entry, `${name} ${word}`) : [[`${name} ${word}`, entry.load] as const],
  );
  return [...self, ...below];
}

const terminal: Terminal = { out: () => {}, err: () => {}, outIsTerminal: false, errIsTerminal: false, columns: 80 } as unknown as Terminal;

/** Everything that the command tells with `-v`, from these variables and what stands in the folder. */
async function told(name: string, command: Command, env: Readonly<Record<string, string>>): Promise<string[]> {
  const host = readHost({ env, cwd: folder, home: folder });
  const rest = command.arguments.map(() => "x");
  const { rules, parsed } = await readCommandLine({ name, rest }, command, { terminal, host, calledAs: "pen", modeWords: 0 });
  const lines: string[] = [];
  const emit = (event: PenEvent): void => void (event.type === "log" && lines.push(event.message));
  await tellSettings(command, { parsed, rules, host, emit });
  return lines;
}

const valueOf = ({ name, kind, choices }: OptionSpec): string =>
  name === "config-file" ? own : kind === "flag" ? "1" : kind === "count" ? "2" : (choices?.[0] ?? "3");

describe("every option of every command, from its variable", () => {
  writeFileSync(own, "");
  for (const [name, load] of entries(root, "pen"))
    test(name, async () => {
      const command = await load();
      const { rules } = await readCommandLine({ name, rest: command.arguments.map(() => "x") }, command, {
        terminal,
        host: readHost({ env: {}, cwd: folder, home: folder }),
        calledAs: "pen",
        modeWords: 0,
      });
      const options = rules.options.filter((option) => !onlyOnCommandLine.has(option.name));
      const env = Object.fromEntries(options.map((option) => [variableName(option) ?? "", valueOf(option)]));
      const lines = await told(name, command, env);
      for (const option of options)
        expect(lines.filter((line) => line.startsWith(`--${option.name} is `))).toEqual([
          expect.stringContaining(`(from the variable ${variableName(option)})`),
        ]);
    });
});

describe("what is no option", () => {
  const project = { PEN_DATA_DIR: join(folder, "data"), PEN_OFFLINE: "1", PEN_EXCLUDE_NEWER: "2020-01-01" };
  test("pipenv's variables and the table [pipenv], for the commands of a project", async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "Pipfile"), '[packages]\n\n[pipenv]\nallow_prereleases = true\ncool-down-period = "30d"\n');
    const env = {
      ...project,
      ...Object.fromEntries(knownVariables.map(([name]) => [name, name === "PIPENV_PIPFILE" ? join(folder, "Pipfile") : "3"])),
    };
    const lines = await told("pen pipenv verify", (await import("./commands/pipenv-verify.ts")).command, env);
    for (const [name, meaning] of knownVariables)
      expect(lines.filter((line) => new RegExp(`\\b${name}\\b`).test(line))).toEqual([
        meaning.startsWith("(")
          ? `${name} changes nothing ${meaning}`
          : expect.stringMatching(new RegExp(`\\(from the variable ${name}\\)$`)),
      ]);
    const pipfile = join(folder, "Pipfile");
    expect(lines).toContain(`allow_prereleases is true (from ${pipfile}, [pipenv])`);
    expect(lines).toContain(`cool-down-period in days is 30 (from ${pipfile}, [pipenv])`);
    expect(lines).toContain("nothing is asked of the network: 1 (from the variable PEN_OFFLINE)");
    expect(lines).toContain(`pen's own data: ${join(folder, "data")} (from the variable PEN_DATA_DIR)`);
    const other = await told("pen env list", (await import("./commands/env-list.ts")).command, env);
    expect(other.filter((line) => line.includes("PIPENV"))).toEqual([]);
  });
  test("proxies and certificates, without their passwords, for what asks an index", async () => {
    const lines = await told("pen pip list", (await import("./commands/pip-list.ts")).command, {
      https_proxy: "http://u:secret@proxy:3128",
      NETRC: "/n",
    });
    expect(lines.join("\n")).toContain("the proxy for https: http://****@proxy:3128 (from the variable HTTPS_PROXY)");
    expect(lines).toContain("the file with names and passwords: /n (from the variable NETRC)");
    expect(lines.join("\n")).not.toContain("secret");
  });
});
