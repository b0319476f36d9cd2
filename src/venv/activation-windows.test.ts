/** What runs on Windows alone, or in PowerShell: no shell of theirs is here, so texts and quoting are tried by the rules of those shells. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isPenError } from "#foundation";
import { hostileNames } from "../../tests/support/hostile-names.ts";
import { runBatch, type CmdRun } from "../../tests/support/cmd.ts";
import { batchScripts } from "./activation-batch.ts";
import { activatePowerShell } from "./activation-powershell.ts";
import { hookScript } from "./hooks.ts";
import { activationLine } from "./shells.ts";
import { formatPyvenvConfig } from "./pyvenv-config.ts";

/** Names that Windows allows. */
const names: Readonly<Record<string, string>> = {
  plain: "env",
  space: "my env",
  percent: "100%PATH%b%~dp0%%c",
  ampersand: "a & calc & b",
  caret: "a^b^^c^&d",
  exclamation: "a!PATH!b!",
  parentheses: "a (b) c)",
  quotes: "it's `x`",
  accent: "é☃",
  "equals and semicolon": "a=b,c;d",
  dollar: "$P$G$(x)",
};
const prompts: Readonly<Record<string, string>> = {
  ...names,
  "quotes that end a value": 'x" & calc & "',
  "only quotes": '"',
  pipes: "a | b > c < d",
};

const texts = new Map(batchScripts());
type Variables = Record<string, string>;

interface World {
  readonly variables: Map<string, string>;
  readonly run: (script: string) => CmdRun;
  readonly root: string;
}

function world(
  folder: string,
  { prompt, delayed = false, given = {} }: { prompt?: string; delayed?: boolean; given?: Variables } = {},
): World {
  const root = `C:\\work\\${folder}`;
  const files: Record<string, string> = {};
  for (const [name, text] of texts) files[`${root}\\Scripts\\${name}`] = text;
  files[`${root}\\pyvenv.cfg`] = formatPyvenvConfig([
    ["home", "C:\\Python"],
    ...(prompt === undefined ? [] : [["prompt", prompt] as const]),
    ["pen", "1"],
  ]);
  const variables = new Map(
    Object.entries({ PATH: "C:\\Windows (x86);C:\\a&b;C:\\c", PROMPT: "$P$G", SYSTEMROOT: "C:\\Windows", ...given }),
  );
  for (const [name, value] of variables) if (value === "") variables.delete(name);
  return { root, variables, run: (script) => runBatch(`${root}\\Scripts\\${script}`, { variables, delayed, files }) };
}

const chcp = /^"C:\\Windows\\System32\\chcp\.com" (?:65001| ?850) ?$/;

const listed = (variables: ReadonlyMap<string, string>): string[] => [...variables].map(([name, value]) => `${name}=${value}`).sort();

describe("cmd", () => {
  for (const delayed of [false, true]) {
    const mode = delayed ? "with delayed expansion" : "without delayed expansion";
    for (const [what, name] of Object.entries(names)) {
      test(`${mode}, a folder called by ${what}: nothing is executed, and all is as before after deactivate`, () => {
        const given = { PYTHONHOME: "C:\\home", PKG_CONFIG_PATH: "C:\\pkg & x", VIRTUAL_ENV: "C:\\outer" };
        const { variables, run, root } = world(name, { delayed, given });
        const before = listed(variables);
        const first = run("activate.bat");
        if (delayed && name.includes("!")) {
          expect(first).toMatchObject({ status: 1, started: [] });
          expect(first.errors[0]).toContain("exclamation mark");
          expect(listed(variables)).toEqual(before);
          return;
        }
        expect(first).toMatchObject({ status: 0, errors: [] });
        expect(first.started.filter((command) => !chcp.test(command))).toEqual([]);
        expect(variables.get("VIRTUAL_ENV")).toBe(root);
        expect(variables.get("VIRTUAL_ENV_PROMPT")).toBe(name);
        expect(variables.get("PATH")).toBe(`${root}\\Scripts;C:\\Windows (x86);C:\\a&b;C:\\c`);
        expect(variables.get("PROMPT")).toBe(`(${name.replaceAll("$", "$$$$")}) $P$G`);
        expect(variables.has("PYTHONHOME")).toBe(false);
        expect(variables.get("PKG_CONFIG_PATH")).toBe(`${root}\\lib\\pkgconfig;C:\\pkg & x`);
        expect(run("activate.bat").status).toBe(0);
        expect(variables.get("PATH")).toBe(`${root}\\Scripts;C:\\Windows (x86);C:\\a&b;C:\\c`);
        expect(run("deactivate.bat")).toEqual({ status: 0, errors: [], started: [] });
        expect(listed(variables)).toEqual(before);
        expect(run("deactivate.bat").status).toBe(0);
        expect(listed(variables)).toEqual(before);
      });
    }
  }

  for (const [what, prompt] of Object.entries(prompts)) {
    test(`a prompt with ${what} is a name and nothing else`, () => {
      const { variables, run } = world("env", { prompt });
      const ran = run("activate.bat");
      expect(ran.started.filter((command) => !chcp.test(command))).toEqual([]);
      expect(variables.get("VIRTUAL_ENV_PROMPT") ?? "").toBe(prompt.replaceAll('"', "'"));
      run("deactivate.bat");
      expect(variables.get("PROMPT")).toBe("$P$G");
    });
  }

  test("variables that were not set are not set afterwards, and a prompt that is not wanted is left alone", () => {
    const bare = world("env", { given: { PATH: "", PROMPT: "" } });
    const before = listed(bare.variables);
    bare.run("activate.bat");
    expect(bare.variables.get("PROMPT")).toBe("(env) $P$G");
    bare.run("deactivate.bat");
    expect(listed(bare.variables)).toEqual(before);
    const quiet = world("env", { given: { VIRTUAL_ENV_DISABLE_PROMPT: "1" } });
    quiet.run("activate.bat");
    expect(quiet.variables.get("PROMPT")).toBe("$P$G");
    expect(quiet.variables.get("VIRTUAL_ENV_PROMPT")).toBe("env");
  });

  test("the code page is UTF-8 while pyvenv.cfg is read, and what it was afterwards", () => {
    const pages = world("env")
      .run("activate.bat")
      .started.map((command) => /(\d+) ?$/.exec(command)?.[1]);
    expect(pages).toEqual(["65001", "850"]);
  });

  test("files are ASCII with CRLF, hand nothing to call and have no blocks", () => {
    for (const [, text] of texts) {
      expect(text).toMatch(/^(?:[\x20-\x7e]*\r\n)+$/);
      const commands = text.split("\r\n").filter((line) => !line.startsWith("@rem"));
      expect(commands.join("\n")).not.toMatch(/\bcall\b|\bcmd\b \/|[({]\s*$/im);
    }
  });

  test("pen activate prints one word between quotes", () => {
    expect(activationLine("cmd", "C:\\a & b%x%\\Scripts\\activate.bat")).toBe('"C:\\a & b%x%\\Scripts\\activate.bat"');
    for (const path of ['C:\\a"b', "C:\\a\nb"]) {
      let failed: unknown;
      try {
        activationLine("cmd", path);
      } catch (error) {
        failed = error;
      }
      expect(isPenError(failed, "TARGET_UNSUPPORTED")).toBe(true);
    }
  });
});

const singleQuotes = "'\u2018\u2019\u201a\u201b";
const doubleQuotes = '"\u201c\u201d\u201e';

/** The tokens of one line of PowerShell: words, and strings between single quotes, by the rules of its language specification. */
function powershellTokens(text: string): Array<{ readonly kind: "word" | "literal" | "expandable"; readonly text: string }> {
  const tokens: Array<{ kind: "word" | "literal" | "expandable"; text: string }> = [];
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? "";
    if (char === " ") {
      at += 1;
    } else if (singleQuotes.includes(char)) {
      let value = "";
      for (at += 1; ; at += 1) {
        const one = text[at];
        if (one === undefined) throw new Error("a string without end");
        if (singleQuotes.includes(one)) {
          const next = text[at + 1];
          if (next === undefined || !singleQuotes.includes(next)) break;
          at += 1;
          value += next;
        } else value += one;
      }
      at += 1;
      tokens.push({ kind: "literal", text: value });
    } else if (doubleQuotes.includes(char)) {
      tokens.push({ kind: "expandable", text: text.slice(at) });
      break;
    } else {
      let end = at;
      while (end < text.length && !` ${singleQuotes}${doubleQuotes}`.includes(text[end] ?? "")) end += 1;
      const word = text.slice(at, end);
      tokens.push({ kind: "word", text: word });
      at += word.length;
    }
  }
  return tokens;
}

describe("PowerShell", () => {
  const more = { "typographic quotes": "a\u2019; calc; \u2018b", "low quotes": "\u201a\u201b\u201c\u201d\u201e", quotes: "''a'''" };
  for (const [what, name] of Object.entries({ ...hostileNames, ...names, ...more })) {
    test(`pen activate: a path with ${what} is one string`, () => {
      const path = `/work/${name}/bin/activate.ps1`;
      expect(powershellTokens(activationLine("powershell", path))).toEqual([
        { kind: "word", text: "." },
        { kind: "literal", text: path },
      ]);
    });
  }

  test("what comes from a path or a file is never put into text that is evaluated", () => {
    for (const text of [activatePowerShell, hookScript("powershell")]) {
      expect(text).toMatch(/^[\n\x20-\x7e]+$/);
      expect(text).not.toMatch(/Invoke-Expression|\biex\b|\[scriptblock\]|ExpandString|-Command|Add-Type/i);
      // `-Path` would take `[`, `]`, `*` and `?` of a name for a pattern.
      expect(text.match(/\b(?:Test-Path|Remove-Item|Set-Item|Copy-Item)\b(?! -LiteralPath)/g)).toBeNull();
    }
  });

  const grammar = join(process.env["PEN_TEST_SHELLS"] ?? "/nowhere", ".powershell", "node_modules");
  test.skipIf(!existsSync(grammar))("the scripts are PowerShell, by its grammar (needs it in the folder of PEN_TEST_SHELLS)", async () => {
    interface Parsers {
      readonly Parser: {
        new (): { setLanguage(language: unknown): void; parse(text: string): { readonly rootNode: { readonly hasError: boolean } } };
        init(): Promise<void>;
      };
      readonly Language: { load(path: string): Promise<unknown> };
    }
    const { Parser, Language } = (await import(join(grammar, "web-tree-sitter", "web-tree-sitter.js"))) as Parsers;
    await Parser.init();
    const parser = new Parser();
    parser.setLanguage(await Language.load(join(grammar, "tree-sitter-powershell", "tree-sitter-powershell.wasm")));
    const isGood = (text: string): boolean => !parser.parse(text).rootNode.hasError;
    for (const text of [activatePowerShell, hookScript("powershell"), activationLine("powershell", "/a 'b'/bin/activate.ps1")])
      expect([text.slice(0, 40), isGood(text)]).toEqual([text.slice(0, 40), true]);
    // The grammar sees what it is to see: without the last bracket, with a word out of place, with a string that does not end.
    for (const text of [activatePowerShell, hookScript("powershell")]) {
      const damaged = [text.slice(0, text.lastIndexOf("}")), text.replace("if (", "if "), text.replace("'", "")];
      expect(damaged.map(isGood)).toEqual([false, false, false]);
    }
  });

  test("every bracket and quote of the scripts is closed", () => {
    for (const text of [activatePowerShell, hookScript("powershell")]) {
      const depth: string[] = [];
      const pairs: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
      let quote = "";
      for (const line of text.split("\n")) {
        if (line.trim().startsWith("#")) continue;
        for (const char of line) {
          if (quote !== "") quote = char === quote ? "" : quote;
          else if (char === "'" || char === '"') quote = char;
          else if ("([{".includes(char)) depth.push(char);
          else if (pairs[char] !== undefined) expect(depth.pop()).toBe(pairs[char]);
        }
        expect({ line, quote }).toEqual({ line, quote: "" });
      }
      expect(depth).toEqual([]);
    }
  });

  test("the script takes -VenvDir and -Prompt, as that of Python's own venv", () => {
    const first = activatePowerShell.split("\n").find((line) => line !== "" && !line.startsWith("#"));
    expect(first).toBe("param ([string]$VenvDir, [string]$Prompt)");
  });

  test("the hook leaves the status of the last program alone", () => {
    const hook = hookScript("powershell");
    expect(hook.indexOf("$status = $global:LASTEXITCODE")).toBeLessThan(hook.indexOf("& pen hook enter"));
    expect(hook.indexOf("$global:LASTEXITCODE = $status")).toBeGreaterThan(hook.indexOf("& pen hook enter"));
  });
});
