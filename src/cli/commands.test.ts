import { describe, expect, test } from "bun:test";
import { shellWords } from "#project";
import { withCommonOptions } from "./arguments/common.ts";
import { parseArguments } from "./arguments/parse.ts";
import { isGroup, type Command, type CommandGroup } from "./command.ts";
import { root } from "./commands.ts";
import { commandHelp, groupHelp } from "./help.ts";
import { chooseColours } from "./output/colours.ts";

type Entry = readonly [name: string, summary: string, load: () => Promise<Command>];

function entries(group: CommandGroup, name: string): Entry[] {
  return Object.entries(group.commands).flatMap(([word, entry]) =>
    isGroup(entry) ? entries(entry, `${name} ${word}`) : [[`${name} ${word}`, entry.summary, entry.load] as const],
  );
}
function groups(group: CommandGroup, name: string): Array<readonly [string, CommandGroup]> {
  return [
    [name, group],
    ...Object.entries(group.commands).flatMap(([word, entry]) => (isGroup(entry) ? groups(entry, `${name} ${word}`) : [])),
  ];
}

const all = entries(root, "pen");
const plain = chooseColours("never", {}, false);
/** A pipe. */
const page = { colour: plain, columns: Number.POSITIVE_INFINITY };
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => Array.from(line).length));

/** The command that a line of an example starts, and the words behind it; undefined for other programs. */
async function readExample(line: string): Promise<readonly [name: string, command: Command, words: readonly string[]] | undefined> {
  const inner = /\$\((pen [^)]*)\)/.exec(line)?.[1] ?? line;
  const words = (shellWords(inner.split(/\s[|&>]+\s/)[0] ?? "") ?? []).filter((word) => !/^[A-Z_]+=/.test(word));
  if (words[0] !== "pen") return undefined;
  for (let length = words.length; length > 1; length -= 1) {
    const found = all.find(([name]) => name === words.slice(0, length).join(" "));
    if (found !== undefined) return [found[0], await found[2](), words.slice(length)];
  }
  throw new Error(`no such command: ${line}`);
}

describe("the table of every command is sound", () => {
  for (const [name, summary, load] of all) {
    test(name, async () => {
      const command = await load();
      expect(command.summary).toMatch(/^[A-Z].*[^.\s]$/);
      expect(summary).toMatch(/^[A-Z].*[^.\s]$/);
      const options = withCommonOptions(command.options);
      const longs = options.flatMap((option) => [
        option.name,
        ...(option.aliases ?? []),
        ...(option.negation === undefined ? [] : [option.negation]),
      ]);
      expect(longs.filter((long, at) => longs.indexOf(long) !== at)).toEqual([]);
      const shorts = options.flatMap(({ short }) => short ?? []);
      expect(shorts.filter((short, at) => shorts.indexOf(short) !== at)).toEqual([]);
      for (const long of longs) expect(long).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      for (const short of shorts) expect(short).toMatch(/^[A-Za-z]$/);
      for (const option of options) {
        const says = `${option.name}: ${option.help}`;
        expect(says).toMatch(/: [A-Za-z].*[.…]$/s);
        // pipenv's words have pipenv's variables.
        const variable = name.startsWith("pen pipenv ") ? /^(?:PEN_[A-Z_]+|PIPENV_[A-Z_]+|PIP_INDEX_URL)$/ : /^PEN_[A-Z_]+$/;
        expect([says, option.variable === undefined || variable.test(option.variable)]).toEqual([says, true]);
        const takesValue = option.kind === "value" || option.kind === "list";
        expect([says, takesValue || (option.choices === undefined && option.metavar === undefined)]).toEqual([says, true]);
        expect([says, option.negation === undefined || option.kind === "flag"]).toEqual([says, true]);
        if (option.metavar !== undefined) expect(option.metavar).toMatch(/^[A-Z][A-Z_]*([:=][A-Z][A-Z_]*)*$/);
        if (option.choices !== undefined) expect(new Set(option.choices).size).toBe(option.choices.length);
      }
      for (const [at, argument] of command.arguments.entries()) {
        expect(argument.name).toMatch(/^[A-Z][A-Z_]*$/);
        expect(argument.help.trim()).not.toBe("");
        if (argument.repeated === true) expect(at).toBe(command.arguments.length - 1);
        if (argument.required === true) expect(command.arguments.slice(0, at).every((earlier) => earlier.required === true)).toBe(true);
      }
    });

    test(`${name}: examples start with pen or are a shell line, and pen understands them`, async () => {
      const command = await load();
      expect(command.examples.length).toBeGreaterThan(0);
      for (const [line, meaning] of command.examples) {
        expect(line).toMatch(/^(?:pen |[A-Z_]+=\S* pen |\. |source |eval |deactivate|python )/);
        expect(meaning.trim()).not.toBe("");
        const read = await readExample(line);
        if (read === undefined) continue;
        const [called, other, words] = read;
        const rules = {
          options: withCommonOptions(other.options),
          arguments: other.arguments,
          passRest: other.passRest ?? false,
          command: called,
          variables: {},
        };
        expect(() => parseArguments(words, rules)).not.toThrow();
      }
    });

    test(`${name} --help: no line is wider than 100 columns, and every option is in it`, async () => {
      const command = await load();
      const help = commandHelp(name, command, page);
      expect(widest(help)).toBeLessThanOrEqual(100);
      for (const option of withCommonOptions(command.options))
        expect([option.name, new RegExp(`--${option.name}\\b`).test(help)]).toEqual([
          option.name,
          option.hidden !== true || help.includes(`--${option.name}`),
        ]);
      for (const [line] of command.examples) expect(help).toContain(line);
      // Only what must not be broken, a command line to copy, may be wider than a terminal of the usual size.
      const examples = new Set(command.examples.map(([line]) => `  ${line}`));
      const narrow = commandHelp(name, command, { ...page, columns: 80 }).split("\n");
      expect(narrow.filter((line) => line.length > 80 && !examples.has(line))).toEqual([]);
      const painted = chooseColours("always", {}, true);
      expect(commandHelp(name, command, { ...page, colour: painted }).replace(/\u001b\[\d+m/g, "")).toBe(help);
    });
  }
});

describe("the help of groups", () => {
  for (const [name, group] of groups(root, "pen")) {
    test(name, () => {
      const help = groupHelp(name, group, page);
      expect(widest(help)).toBeLessThanOrEqual(100);
      expect(widest(groupHelp(name, group, { ...page, columns: 80 }))).toBeLessThanOrEqual(80);
      for (const word of Object.keys(group.commands)) {
        expect(word).toMatch(/^[a-z][a-z-]*$/);
        expect(help).toContain(`  ${word}`);
      }
    });
  }
});
