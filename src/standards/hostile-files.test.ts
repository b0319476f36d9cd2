/** Every parser of file formats and file names answers 64 KiB of hostile text in under 100 ms, with a value or a PenError. */
import { expect, test } from "bun:test";
import { isPenError } from "#foundation";
import { parseDirectUrl } from "./direct-url.ts";
import { parseEntryPoints, validateScriptEntryPoint } from "./entry-points.ts";
import { parseHash } from "./hashes.ts";
import { metadataJson } from "./metadata-json.ts";
import { parseMetadata } from "./metadata.ts";
import { normalizeName } from "./names.ts";
import { parseRecord } from "./record.ts";
import { parseSdistFilename } from "./sdist-filename.ts";
import { parseTagSet } from "./tags.ts";
import { parseTargetPlatform } from "./target-platforms.ts";
import { parseWheelFilename } from "./wheel-filename.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const size = 65_536;
const head = "Metadata-Version: 2.1\nName: a\nVersion: 1\n";
const words = ["a", "1", "0.", "a.", "a-", "a.b-", "-", ".", "_", "%", "\\", "@", "/", "é", "\ud800", "\0", "\u001b"];
const lines = [" ", "\t", "\n", "\r", "     ", "\n    \n", " a\n", "[a]\n", "a=b:c\n", "x: y\n", "x:\n y\n", "#\n", "; "];
const seeds = [...words, ...lines, "=", ":", ",", "a,", '"', '""', "[", "{", '{"a":'];

type Parser = readonly [name: string, prefixes: readonly string[], suffix: string, parse: (text: string) => unknown];
const parsers: readonly Parser[] = [
  ["parseTagSet", ["", "py3-none-"], "", parseTagSet],
  ["parseTargetPlatform", ["", "manylinux_2_17_", "freebsd_"], "", parseTargetPlatform],
  ["parseWheelFilename", ["", "foo-1.0-py3-none-"], ".whl", parseWheelFilename],
  ["parseSdistFilename", ["", "foo-"], ".tar.gz", (text) => parseSdistFilename(text, normalizeName("foo"))],
  ["parseMetadata", ["", head, `${head}Description: `, `${head}Keywords: `], "", (text) => metadataJson(parseMetadata(text))],
  ["parseRecord", ["", '"', "a,"], "", parseRecord],
  ["parseEntryPoints", ["", "[console_scripts]\n", "[console_scripts]\nx = m:f"], "", readScripts],
  ["parseDirectUrl", ["", '{"url": "'], "", parseDirectUrl],
  ["parseHash", ["", "sha256:"], "", parseHash],
];

for (const [name, prefixes, suffix, parse] of parsers) {
  test(`${name}: 64 KiB of hostile text`, () => {
    for (const prefix of prefixes) {
      for (const seed of seeds) {
        const text = prefix + seed.repeat(Math.ceil(size / seed.length)).slice(0, size) + suffix;
        const start = processorTime();
        const outcome = attempt(() => parse(text));
        const elapsed = processorTime() - start;
        if (outcome !== undefined && !isPenError(outcome)) throw outcome;
        expect({ seed, prefix, slow: elapsed > 100 ? elapsed : false }).toEqual({ seed, prefix, slow: false });
        // The text itself must not come back in the message.
        if (isPenError(outcome)) expect(`${outcome.message}${outcome.why ?? ""}`.length).toBeLessThan(2000);
      }
    }
  });
}

function readScripts(text: string): void {
  for (const entryPoint of parseEntryPoints(text).slice(0, 1)) validateScriptEntryPoint(entryPoint);
}

function attempt(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
