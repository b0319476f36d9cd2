/**
 * Every command line of pen that is written down, in the documents and in the hints of the code, is one that pen understands: the command exists, and so do
 * its options. What the lines do is tested elsewhere; docs/environments.md and docs/pipenv.md are typed as they stand (tests/manual.test.ts, tests/pipenv).
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isPenError } from "#foundation";
import { shellWords } from "#project";
import { withCommonOptions } from "./arguments/common.ts";
import { parseArguments } from "./arguments/parse.ts";
import { withPipOptions } from "./arguments/pip.ts";
import { isGroup, type CommandEntry } from "./command.ts";
import { root } from "./commands.ts";

const house = join(import.meta.dirname, "..", "..");

/** What is wrong with a line; undefined for one that is understood. A line may be the beginning of one: `pen pip`, `pen env move`. */
async function faultOf(line: string): Promise<string | undefined> {
  const words = (shellWords(line.split(/\s(?:[|&>]+|#)\s/)[0] ?? "") ?? [])
    .filter((word) => !/^[A-Z_]+=/.test(word) && word !== "…" && !word.startsWith("["))
    .map((word) => word.replace(/…$/, "x"));
  let entry: CommandEntry = root;
  let at = 1;
  while (isGroup(entry) && at < words.length && !words[at]?.startsWith("-")) {
    const found: CommandEntry | undefined = entry.commands[words[at] ?? ""];
    if (found === undefined) return `there is no command ${words.slice(0, at + 1).join(" ")}`;
    entry = found;
    at += 1;
  }
  const name = words.slice(0, at).join(" ");
  const single = isGroup(entry) ? entry.own : entry;
  if (single === undefined)
    return words.slice(at).every((word) => /^--?(?:help|version|h|V)$/.test(word)) ? undefined : `${name} has no options`;
  const command = await single.load();
  const own = withCommonOptions(command.options);
  const options = words[1] === "pip" ? withPipOptions(words[2] ?? "", own) : own;
  try {
    parseArguments(words.slice(at), {
      options,
      arguments: command.arguments,
      passRest: command.passRest ?? false,
      command: name,
      variables: {},
    });
    return undefined;
  } catch (error) {
    return isPenError(error) && !/ needs? /.test(error.message) ? error.message : undefined;
  }
}

/** The lines of code blocks, and what stands in single backticks. */
function linesOfPage(text: string): string[] {
  const lines: string[] = [];
  const prose = text.replace(/^(?:RUN )?```.*\n([^]*?)^```$/gm, (_, block: string) => {
    for (const line of block.split("\n"))
      lines.push(...[/(?:^|&& |^\$ )(pen [a-z-][^&]*)/.exec(line)?.[1] ?? ""].filter((one) => one !== ""));
    return "";
  });
  return [...lines, ...[...prose.matchAll(/`(pen [a-z-][^`\n]*)`/g)].map(([, line = ""]) => line.replaceAll("\\|", "|"))];
}

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(join(house, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

describe("documents", () => {
  for (const page of pages) {
    test(page, async () => {
      const faults: string[] = [];
      for (const line of linesOfPage(readFileSync(join(house, page), "utf8"))) {
        const fault = await faultOf(line);
        if (fault !== undefined) faults.push(`${line}: ${fault}`);
      }
      expect(faults).toEqual([]);
    });
  }
});

test("hints and messages in the code", async () => {
  const src = join(house, "src");
  const faults: string[] = [];
  let seen = 0;
  for (const file of readdirSync(src, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    for (const [, line = ""] of readFileSync(join(src, file), "utf8").matchAll(/(?:\\`|"[^"`\n]*`)(pen [^`\\$"\n]+)(?:\\?`|\$)/g)) {
      // The beginning of a sentence about pen.
      if (/^pen (?:does|cannot|is)\b/.test(line)) continue;
      seen += 1;
      const fault = await faultOf(line.trim());
      if (fault !== undefined) faults.push(`${file}: ${line}: ${fault}`);
    }
  }
  expect(seen).toBeGreaterThan(30);
  expect(faults).toEqual([]);
});

test("the check bites", async () => {
  expect(await faultOf("pen pip instal flask")).toContain("no command pen pip instal");
  expect(await faultOf("pen pip install --upgrad flask")).toContain("--upgrad");
  expect(await faultOf("pen pip install -U flask")).toBeUndefined();
  expect(linesOfPage("see `pen venv`\n```sh\npen pip list   # all\n```\n")).toEqual(["pen pip list   # all", "pen venv"]);
});
