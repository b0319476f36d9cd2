/** Every command, option and variable of the real pipenv, as it tells of them itself, is known to `pen pipenv`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withCommonOptions } from "../../src/cli/arguments/common.ts";
import type { OptionSpec } from "../../src/cli/arguments/types.ts";
import { isGroup, type Command, type CommandGroup } from "../../src/cli/command.ts";
import { root } from "../../src/cli/commands.ts";
import { knownVariables } from "../../src/cli/pipenv/variables.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { execute, program } from "../support/program.ts";
import { realPipenv } from "./twins.ts";

const group = pipenvGroup();

function pipenvGroup(): CommandGroup {
  const found = root.commands["pipenv"];
  if (found === undefined || !isGroup(found)) throw new Error("pen has no group of commands for pipenv");
  return found;
}

async function commandNamed(name: string): Promise<Command | undefined> {
  const entry = name === "" ? group.own : group.commands[name];
  return entry === undefined || isGroup(entry) ? undefined : entry.load();
}

/** The words under which an option is known: `--dev`, `-d`, `--no-site-packages`. */
const spellings = ({ name, aliases = [], short, negation }: OptionSpec): string[] => [
  ...[name, ...aliases].map((word) => `--${word}`),
  ...(negation === undefined ? [] : [`--${negation}`]),
  ...(short === undefined ? [] : [`-${short}`]),
];

/** `open` gives its help only to whoever names a module. */
const helpWords = (name: string): string[] => [...(name === "" ? [] : [name]), ...(name === "open" ? ["os"] : []), "--help"];

/** The options of an argparse help: each with its spellings and its choices, if it takes a value. */
interface HelpOption {
  readonly words: readonly string[];
  readonly value: string | undefined;
}

function helpOptions(help: string): HelpOption[] {
  return help.split("\n").flatMap((line) => {
    const [, text] = /^ {2}(-\S.*?)(?: {2,}.*)?$/.exec(line) ?? [];
    if (text === undefined) return [];
    const parts = text.split(", ").map((part) => /^(--?[\w-]+)(?:[ =](.+))?$/.exec(part));
    const words = parts.flatMap((part) => part?.[1] ?? []);
    return [{ words, value: parts.map((part) => part?.[2]).find((value) => value !== undefined) }];
  });
}

test("the reader of helps", () => {
  const help =
    "usage: x [-h]\n\noptions:\n  -h, --help\n  --dev, -d             Words --not-one of.\n  -i URL, --index URL   Where.\n  --backend {a,b}\n                        More --words.\n";
  expect(helpOptions(help)).toEqual([
    { words: ["-h", "--help"], value: undefined },
    { words: ["--dev", "-d"], value: undefined },
    { words: ["-i", "--index"], value: "URL" },
    { words: ["--backend"], value: "{a,b}" },
  ]);
});

describe.skipIf(realPipenv === undefined)("what the real pipenv tells of itself (PEN_TEST_TOOLS)", () => {
  let folder: string;
  let commands: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pen-coverage-"));
    commands = [...(await real("--help")).matchAll(/^ {4}([a-z-]+) {2,}\S/gm)].map(([, name = ""]) => name);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const env = (): Record<string, string> =>
    cleanEnvironment(join(folder, "home"), { COLUMNS: "200", NO_COLOR: "1", PIPENV_IGNORE_VIRTUALENVS: "1" });

  async function real(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await execute(realPipenv ?? "", words, { cwd: folder, env: env() });
    if (status !== 0) throw new Error(`pipenv ${words.join(" ")}: ${stderr}`);
    return stdout;
  }

  test("every command", async () => {
    expect(commands.length).toBeGreaterThan(15);
    expect(commands.filter((name) => !(name in group.commands))).toEqual([]);
  });

  test("every option of every command, with all its spellings, and a value where it has one", async () => {
    const missing: string[] = [];
    let count = 0;
    for (const name of ["", ...commands]) {
      const known = withCommonOptions((await commandNamed(name))?.options ?? []);
      for (const { words, value } of helpOptions(await real(...helpWords(name)))) {
        count += 1;
        for (const word of words) {
          // The executable answers these before any command.
          if (name === "" && word === "--version") continue;
          const spec = known.find((one) => spellings(one).includes(word));
          if (spec === undefined) missing.push(`${name} ${word}`);
          else if ((value !== undefined) !== (spec.kind === "value" || spec.kind === "list"))
            missing.push(`${name} ${word} takes ${value ?? "no value"}`);
          else missing.push(...missingChoices(value, spec).map((choice) => `${name} ${word} ${choice}`));
        }
      }
    }
    expect(missing).toEqual([]);
    expect(count).toBeGreaterThan(150);
  }, 120_000);

  test("every variable, and no other", async () => {
    const listed = [...(await real("--envs")).matchAll(/PIPENV_[A-Z_]+/g)].map(([name]) => name);
    const known = new Set(knownVariables.map(([name]) => name));
    expect([...new Set(listed)].filter((name) => !known.has(name))).toEqual([]);
    expect(listed.length).toBeGreaterThan(40);
    const ours = await execute(program(), ["pipenv", "--envs"], { cwd: folder, env: env() });
    expect(listed.filter((name) => !ours.stdout.includes(name))).toEqual([]);
  });

  test("an unknown option and an unknown command end with the same status", async () => {
    for (const words of [["nonsense"], ["install", "--nonsense"]]) {
      const [theirs, ours] = await Promise.all(
        [realPipenv ?? "", program()].map((path, at) =>
          execute(path, [...(at === 0 ? [] : ["pipenv"]), ...words], { cwd: folder, env: env() }),
        ),
      );
      expect([words, ours?.status]).toEqual([words, theirs?.status]);
    }
  });
});

/** Choices that pipenv names and pen does not take; an option without choices takes every word. */
function missingChoices(value: string | undefined, { choices }: OptionSpec): string[] {
  const named = /^\{(.+)\}$/.exec(value ?? "")?.[1]?.split(",") ?? [];
  return choices === undefined ? [] : named.filter((choice) => !choices.includes(choice));
}
