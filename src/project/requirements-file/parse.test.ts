import { describe, expect, test } from "bun:test";
import { isPenError, type PenError } from "#foundation";
import { requirementText } from "#standards";
import { parseRequirementArgument, parseRequirementsText, shellWords, type RequirementsLine } from "../index.ts";

const context = {
  file: "requirements.txt",
  folder: "/work",
  variables: { TOKEN: "s3cret", EMPTY: "", lower: "no", URL_1: "https://h/${TOKEN}" },
};
const parse = (text: string): RequirementsLine[] => parseRequirementsText(text, context);

/** One line in few words. */
function shown(line: RequirementsLine): string {
  switch (line.kind) {
    case "include":
      return `${line.constraint ? "-c" : "-r"} ${line.place}`;
    case "option":
      return JSON.stringify(
        Object.fromEntries(
          Object.entries(line.option).filter(
            ([, value]) => value !== undefined && value !== false && (!Array.isArray(value) || value.length > 0),
          ),
        ),
      );
    case "requirement": {
      const { source, editable, hashes, buildOptions } = line.entry;
      const what =
        source.kind === "named"
          ? requirementText(source.requirement)
          : `${source.location}${source.extras.length === 0 ? "" : `[${source.extras.join(",")}]`}${source.marker === undefined ? "" : `; ${source.marker}`}`;
      return [...(editable ? ["-e"] : []), what, ...hashes, ...buildOptions].join(" ");
    }
  }
}

function failureOf(work: () => unknown): PenError {
  try {
    work();
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("did not fail");
}

const grammar: Readonly<Record<string, ReadonlyArray<readonly [text: string, lines: readonly string[]]>>> = {
  "blank lines, comments and ends of lines": [
    ["", []],
    ["\n\n  \n\t\n", []],
    ["# only words\n   # more", []],
    ["flask # words", ["flask"]],
    ["flask\t# words", ["flask"]],
    ["flask#1", []],
    ["flask\r\ndjango\rclick\u2028idna\u000cattrs", ["flask", "django", "click", "idna", "attrs"]],
    ["\ufeffflask", ["flask"]],
    ["  flask  ", ["flask"]],
  ],
  "a backslash continues a line": [
    ["flask \\\n >= 3", ["flask>=3"]],
    ["flask\\\n>=3", ["flask>=3"]],
    ["flask \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\ndjango", ["flask sha256:aa sha256:bb", "django"]],
    ["flask \\\n# words\ndjango", ["flask", "django"]],
    ["# words \\\nflask", ["flask"]],
    ["flask \\", ["flask"]],
    ["\\\n\\\nflask", ["flask"]],
    ["\\", []],
    ["flask \\\\\n>=3", ["flask>=3"]],
    ["flask \\\n\ndjango", ["flask", "django"]],
  ],
  requirements: [
    ["Flask[async,dotenv] >= 3, < 4 ; python_version >= '3.9'", ["Flask[async,dotenv]>=3,<4; python_version >= '3.9'"]],
    ["flask @ https://h/f.whl#sha256=00", ["flask @ https://h/f.whl#sha256=00"]],
    ["./local/thing", ["/work/local/thing"]],
    ["./local/thing[a, b] ; os_name == 'nt'", ["/work/local/thing[a,b]; os_name == 'nt'"]],
    ["thing-1.0-py3-none-any.whl", ["/work/thing-1.0-py3-none-any.whl"]],
    ["thing-1.0.tar.gz", ["/work/thing-1.0.tar.gz"]],
    ["file:///a%20b/thing.whl", ["/a b/thing.whl"]],
    ["https://h/thing.whl", ["https://h/thing.whl"]],
    ["git+https://h/r.git@v1#egg=thing", ["git+https://h/r.git@v1#egg=thing"]],
    [".", ["/work"]],
    ["..", ["/"]],
    ["-e .", ["-e /work"]],
    ["-e.", ["-e /work"]],
    ["--editable ./a[x]", ["-e /work/a[x]"]],
    ["--editable='./a b'", ["-e /work/a b"]],
    ["-e git+https://h/r.git#egg=x", ["-e git+https://h/r.git#egg=x"]],
    ["thing==1 --hash=sha256:aa --hash sha512:bb", ["thing==1 sha256:aa sha512:bb"]],
    ['thing --config-settings "a=b c" -C x=y', ["thing --config-settings=a=b c -C=x=y"]],
    ["thing --global-option=--no-x", ["thing --global-option=--no-x"]],
  ],
  "options for the whole command": [
    ["-i https://h/simple", ['{"indexUrl":"https://h/simple"}']],
    ["-ihttps://h/simple", ['{"indexUrl":"https://h/simple"}']],
    ["--index-url=https://h/simple", ['{"indexUrl":"https://h/simple"}']],
    ["--pypi-url https://h/simple", ['{"indexUrl":"https://h/simple"}']],
    ["--extra-index-url https://h", ['{"extraIndexUrls":["https://h"]}']],
    ["--extra-index https://h", ['{"extraIndexUrls":["https://h"]}']],
    ["--no-index", ['{"noIndex":true}']],
    ["-f ./wheels", ['{"findLinks":["./wheels"]}']],
    ["--find-links='a b'", ['{"findLinks":["a b"]}']],
    ["--no-binary a,b", ['{"noBinary":["a","b"]}']],
    ["--only-binary=:all:", ['{"onlyBinary":[":all:"]}']],
    ["--prefer-binary", ['{"preferBinary":true}']],
    ["--pre", ['{"prereleases":true}']],
    ["--require-hashes", ['{"requireHashes":true}']],
    ["--trusted-host h", ['{"trustedHosts":["h"]}']],
    ["--use-feature x", ['{"features":["x"]}']],
    [
      "-i https://h --trusted-host h --extra-index-url=https://i --no-index --pre",
      ['{"indexUrl":"https://h","extraIndexUrls":["https://i"],"noIndex":true,"prereleases":true,"trustedHosts":["h"]}'],
    ],
    ["-r other.txt", ["-r other.txt"]],
    ["-rother.txt", ["-r other.txt"]],
    ["--requirement='a b.txt'", ["-r a b.txt"]],
    ["--requirem other.txt", ["-r other.txt"]],
    ["-c bounds.txt", ["-c bounds.txt"]],
    ["--constraint bounds.txt", ["-c bounds.txt"]],
  ],
  "variables are put in only as ${CAPITALS} that are set": [
    ["thing @ https://u:${TOKEN}@h/t.whl", ["thing @ https://u:s3cret@h/t.whl"]],
    ["-i https://${TOKEN}@h/${TOKEN}", ['{"indexUrl":"https://s3cret@h/s3cret"}']],
    ["-i https://h/$TOKEN/%TOKEN%/${lower}/${EMPTY}/${MISSING}", ['{"indexUrl":"https://h/$TOKEN/%TOKEN%/${lower}/${EMPTY}/${MISSING}"}']],
    ["-i ${constructor}${__PROTO__}", ['{"indexUrl":"${constructor}${__PROTO__}"}']],
    // A value is no text to read on: not for other variables, not for comments.
    ["-i ${URL_1}", ['{"indexUrl":"https://h/${TOKEN}"}']],
  ],
};

for (const [title, cases] of Object.entries(grammar))
  describe(title, () => {
    for (const [text, lines] of cases) {
      if (text === "flask#1")
        test("a # without a space before it is no comment", () => expect(failureOf(() => parse(text)).code).toBe("INVALID_REQUIREMENT"));
      else test(JSON.stringify(text), () => expect(parse(text).map(shown)).toEqual([...lines]));
    }
  });

test("an option that hides in a comment is none (CVE-2022-21668)", () => {
  for (const text of [
    "# --index-url https://evil/simple",
    "flask # --index-url https://evil/simple",
    "#\\\n --index-url https://evil/simple #",
    "flask \\\n# --extra-index-url https://evil\n",
    "  # -r evil.txt",
    "flask\t#--trusted-host evil",
  ]) {
    const lines = (() => {
      try {
        return parse(text);
      } catch {
        return [];
      }
    })();
    const options = text.startsWith("#\\") ? [] : lines.filter(({ kind }) => kind !== "requirement");
    expect(options).toEqual([]);
  }
});

describe("errors name file, line and column", () => {
  const cases: ReadonlyArray<readonly [text: string, line: number, column: number, says: RegExp]> = [
    ["flask\ndjango=>3", 2, 7, /Expected a version operator/],
    ["  django=3", 1, 9, /two equals signs: django==3/],
    ["flask \\\n  >=x", 2, 5, /'x' is not a version/],
    ["flask \\\n\\\n  ; bogus == 1", 3, 5, /marker variable/],
    ["\n\n--indx-url x", 3, 1, /Did you mean --index-url\?/],
    ["--requirment a", 1, 1, /Did you mean --requirement\?/],
    ["--no-index=1", 1, 1, /takes no value/],
    ["--pre --bogus", 1, 7, /no option --bogus/],
    ["--index-url", 1, 1, /has no value/],
    ["--pre extra", 1, 7, /'extra' is one too many/],
    ["-r", 1, 1, /takes one file/],
    ["-r a b", 1, 1, /takes one file/],
    ["-e", 1, 1, /takes a folder/],
    ["-e ./a ; os_name == 'nt'", 1, 8, /';' is one too many/],
    ["flask --hash=md5:00", 1, 14, /sha256, sha384, sha512/],
    ["flask --hash=00", 1, 14, /--hash=sha256/],
    ["flask --hash", 1, 7, /has no value/],
    ["flask --hsah=sha256:00", 1, 7, /Did you mean --hash\?/],
    ["flask --pre", 1, 7, /takes no option --pre/],
    ["-f 'open", 1, 4, /not closed/],
    ["--require x", 1, 1, /Did you mean --require-hashes\?/],
    ["-i ${TOKEN}${TOKEN} --bogus", 1, 21, /no option --bogus/],
    ["a${TOKEN}=>3", 1, 10, /Expected a version operator/],
  ];
  for (const [text, line, column, says] of cases) {
    test(JSON.stringify(text), () => {
      const error = failureOf(() => parse(text));
      expect(`${error.why}\n${error.hint}`).toMatch(says);
      expect(error.message).toContain(`requirements.txt, line ${line}, column ${column}: `);
      expect(error.data).toMatchObject({ file: "requirements.txt", line, column });
    });
  }

  test("credentials and control characters of the line are not shown", () => {
    const secret = failureOf(() => parse("--bogus https://user:p@ss@host/ \u001b[31m"));
    expect(secret.message).toContain("https://****@host/ \\x1b[31m");
    expect(JSON.stringify([secret.message, secret.why, secret.data])).not.toContain("p@ss");
    const requirement = failureOf(() => parse("a b https://user:p@ss@host/"));
    expect(JSON.stringify([requirement.message, requirement.why])).not.toContain("p@ss");
  });
});

describe("64 KiB of anything answer in 100 ms", () => {
  const pieces = [
    "a",
    "-",
    "--",
    "#",
    " #",
    "# ",
    "\\",
    "\\\n",
    " \\\n",
    "\\ x",
    "[",
    "]",
    "a[",
    "x[]",
    "'",
    '"',
    "''",
    " -",
    " --hash=sha256:00",
    "${A}",
    "${TOKEN}",
    "${",
    ";",
    " ;",
    "@",
    "=",
    "a=",
    " =",
    "-e ",
    "-r",
    "/",
    "./",
    "\t",
    "\u0000",
    "\u001c",
    "\u2028",
    "é",
    "🐍",
    "a,",
    "(",
    "https://",
    "git+",
    "\ufeff",
    "~",
    "--pre ",
    "-i x ",
  ];
  const texts = pieces.flatMap((piece) => {
    const many = piece.repeat(Math.ceil(65_536 / piece.length));
    return [many, `a ${many}`, `-f ${many}`, `a${many}x`, `${many}\\`, `-e ${many}]`];
  });
  test("an answer or a PenError, never a stack overflow", () => {
    for (const text of texts) {
      // Of the processor: other processes share the machine.
      const started = process.cpuUsage();
      try {
        parse(text);
      } catch (error) {
        if (!isPenError(error)) throw error;
        expect(error.message.length).toBeLessThan(5000);
      }
      const { user, system } = process.cpuUsage(started);
      expect([text.slice(0, 12), user + system < 100_000]).toEqual([text.slice(0, 12), true]);
    }
  });
});

test("words of a shell", () => {
  const cases: ReadonlyArray<readonly [text: string, words: readonly string[] | undefined]> = [
    ["", []],
    ["a  b\tc", ["a", "b", "c"]],
    ["'a b' \"c d\"e", ["a b", "c de"]],
    ['a\\ b \'\\\' "\\" \\\\ \\x"', ["a b", "\\", '" \\ \\x']],
    ["'' \"\"", ["", ""]],
    ["'open", undefined],
    ['"open', undefined],
    ["end\\", undefined],
    ['"end\\', undefined],
  ];
  for (const [text, words] of cases) expect(shellWords(text)).toEqual(words as string[]);
});

test("a requirement on the command line has no line, but a column", () => {
  const error = failureOf(() => parseRequirementArgument("flask=>3", "/work"));
  expect(error.message).toBe("Invalid requirement in the command line, column 6: flask=>3");
  expect(parseRequirementArgument(" ./x ", "/work", true)).toMatchObject({ editable: true, source: { location: "/work/x" } });
});
