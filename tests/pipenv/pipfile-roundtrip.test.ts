/** Pipfiles of every style, through pen's hands and pipenv's and back. */
import { defaultIndexUrl } from "#index";
import { describe, expect, test } from "bun:test";
import {
  editPipfile,
  parsePipfile,
  pipfileHashes,
  pipfileRequirement,
  type Pipfile,
  type PipfileEdit,
  type PipfileEntry,
  type PipfileTable,
  type TomlValue,
} from "#project";
import { markerText, parseMarker, parseSpecifiers, specifiersText } from "#standards";
import { askPipenv, pipenvPython, type Answer, type Question } from "./oracle.ts";
import { pipfiles } from "./pipfiles.ts";

const styles: Array<readonly [title: string, text: string]> = Object.entries(pipfiles).flatMap(([title, text]) => [
  [title, text] as const,
  [`${title}, of Windows`, text.replaceAll("\n", "\r\n")] as const,
]);
const defaultSource = { name: "pypi", url: defaultIndexUrl, verifySsl: true };
const env = { CORP_USER: "me", CORP_PASSWORD: "p@ss", TOKEN: "secret" };

const put = (category: string, name: string, value: string | PipfileTable): PipfileEdit => ({ kind: "put", category, name, value });
const remove = (category: string, name: string): PipfileEdit => ({ kind: "remove", category, name });

/** A text as pen leaves one that it has changed: with both tables and a newline at the end. */
function finished(text: string): string {
  return editPipfile(text, [put("dev-packages", "zz-new", "*"), remove("dev-packages", "zz-new")]);
}

/** The value of an entry, as it would be put. */
function valueOf(pipfile: Pipfile, category: string, key: string): string | PipfileTable {
  const value = (pipfile.raw[category] as Readonly<Record<string, TomlValue>>)[key];
  return value as string | PipfileTable;
}

function everyEntry(pipfile: Pipfile): Array<readonly [category: string, entry: PipfileEntry]> {
  return [...pipfile.categories].flatMap(([category, entries]) => entries.map((entry) => [category, entry] as const));
}

/** Lines without those that say nothing. */
const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== "");

describe("there and back", () => {
  for (const [title, text] of styles)
    test(title, () => {
      const pipfile = parsePipfile(text, "Pipfile");
      expect(pipfile.text).toBe(text);
      expect(pipfile.warnings).toEqual([]);
      const whole = finished(text);
      expect(lines(whole).filter((line) => line !== "[dev-packages]")).toEqual(lines(text).filter((line) => line !== "[dev-packages]"));
      for (const [category, entry] of everyEntry(pipfile)) {
        const value = valueOf(pipfile, category, entry.key);
        // The line that it says to stand at.
        expect(text.split("\n")[entry.line - 1]?.slice(entry.column - 1)).toContain(entry.key);
        // What it says already changes nothing, under any spelling.
        expect(editPipfile(text, [put(category, entry.key.replaceAll("-", "_"), value)])).toBe(text);
        // Another version and back: where the value is one text, nothing else has moved.
        if (entry.form === "text")
          expect(editPipfile(whole, [put(category, entry.name, "==99"), put(category, entry.name, value)])).toBe(whole);
        // Without it all other lines are there, in their order.
        const without = editPipfile(text, [remove(category, entry.key)]);
        const rest = lines(without).filter((line) => line !== "[dev-packages]");
        const kept = lines(text).filter((line) => line !== "[dev-packages]");
        let at = 0;
        for (const line of rest) at = kept.indexOf(line, at) + 1 || Number.NaN;
        expect([entry.key, at]).toEqual([entry.key, expect.any(Number)]);
        expect(Number.isNaN(at)).toBe(false);
        expect(
          parsePipfile(without, "Pipfile")
            .categories.get(category)
            ?.map(({ name }) => name) ?? [],
        ).toEqual(pipfile.categories.get(category)!.flatMap(({ name }) => (name === entry.name ? [] : [name])));
      }
      // One more, and gone again.
      for (const category of pipfile.categories.keys())
        expect(editPipfile(whole, [put(category, "zz-new", { version: ">=1", extras: ["x"] }), remove(category, "zz-new")])).toBe(whole);
      // All gone, one after the other: comments and headers are left.
      const empty = editPipfile(
        text,
        everyEntry(pipfile).map(([category, { key }]) => remove(category, key)),
      );
      expect(everyEntry(parsePipfile(empty, "Pipfile"))).toEqual([]);
      for (const comment of text.match(/^ *#.*$/gm) ?? []) expect(empty).toContain(comment);
    });
});

describe.skipIf(pipenvPython === undefined)("with pipenv", () => {
  const asked = (questions: (text: string) => readonly Question[]): Answer[][] => {
    if (pipenvPython === undefined) return [];
    const lists = styles.map(([, text]) => questions(text));
    const answers = askPipenv(lists.flat());
    return lists.map((list) => answers.splice(0, list.length));
  };

  test("the hash, and what each entry asks for", () => {
    const answers = asked((text) => [
      { ask: "hashes", text },
      { ask: "requirements", text, env },
    ]);
    styles.forEach(([title, text], at) => {
      const [hashes, requirements] = answers[at]!;
      const pipfile = parsePipfile(text, "Pipfile");
      // pipenv 2026.10 cannot make the hash of a Pipfile with the list that [build-system] must have.
      if (pipfile.buildRequires.length > 0) expect(hashes?.error, title).toContain("DataValidationError");
      else {
        const { current, accepted } = pipfileHashes(pipfile, defaultSource);
        const theirs = hashes?.answer as string[];
        expect(current, title).toBe(theirs[0]!);
        expect(accepted, title).toEqual(new Set(theirs));
      }
      expect(requirements?.error, title).toBeUndefined();
      const { folder, found } = requirements!.answer as { folder: string; found: PipenvRequirement[] };
      expect(
        everyEntry({ ...pipfile, path: `${folder}/Pipfile` }).map(([category, entry]) =>
          ownRequirement(category, entry, `${folder}/Pipfile`),
        ),
        title,
      ).toEqual(found.map(theirRequirement));
    });
  });

  test("where pipenv's writer leaves a file as it is, pen's edits have its bytes", () => {
    const more = put("packages", "zz-new", { version: ">=1", extras: ["x"] });
    const another = put("dev-packages", "Zz_Dev", "*");
    const answers = asked((text) => {
      const pipfile = parsePipfile(text, "Pipfile");
      const removals = text.includes("\r") ? [] : everyEntry(pipfile).map(([category, { key }]) => remove(category, key));
      return [
        { ask: "rewrite", text },
        { ask: "edit", text, edits: [more] },
        { ask: "edit", text, edits: [more, another] },
        ...removals.map((removal) => ({ ask: "edit", text, edits: [removal] }) as const),
        // What pen has written, in pipenv's hands.
        { ask: "edit", text: editPipfile(text, [more]), edits: [another] },
      ];
    });
    let compared = 0;
    styles.forEach(([title, text], at) => {
      const [rewritten, ...edited] = answers[at]!.map(({ answer, error }) => error ?? String(answer));
      if (rewritten !== text) return;
      compared += 1;
      expect(editPipfile(text, [more]), title).toBe(edited[0]!);
      expect(editPipfile(text, [more, another]), title).toBe(edited[1]!);
      expect(edited.at(-1), title).toBe(edited[1]);
      if (text.includes("\r")) return;
      everyEntry(parsePipfile(text, "Pipfile")).forEach(([category, { key }], index) => {
        expect([key, editPipfile(text, [remove(category, key)])], title).toEqual([key, edited[2 + index]!]);
      });
    });
    expect(compared).toBeGreaterThan(30);
  });
});

interface PipenvRequirement {
  readonly category: string;
  readonly key: string;
  readonly extras: readonly string[];
  readonly specifiers: string;
  readonly marker: string | null;
  readonly link: string | null;
  readonly editable: boolean;
}

const inOrder = (specifiers: string): string =>
  specifiersText({
    specifiers: [...parseSpecifiers(specifiers).specifiers].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
  });

function theirRequirement({ link, marker, specifiers, ...rest }: PipenvRequirement): unknown {
  return {
    ...rest,
    specifiers: specifiers === "" ? "" : inOrder(specifiers),
    marker: marker === null ? undefined : markerText(parseMarker(marker)),
    // For a repository it is told to pip elsewhere.
    editable: /^\w+\+/.test(link ?? "") ? undefined : rest.editable,
    // Without a revision there is nothing behind its `@`.
    link: link === null ? null : link.replace(/@(?=$|#)/, ""),
  };
}

function ownRequirement(category: string, entry: PipfileEntry, path: string): unknown {
  const { source, editable } = pipfileRequirement(entry, { path }, env);
  const link = source.kind === "location" ? source.location : source.requirement.url;
  return {
    category,
    key: entry.key,
    extras: [...entry.extras].sort((a, b) => a.localeCompare(b)),
    // pipenv loses the local part of a version.
    specifiers:
      source.kind === "named" && source.requirement.url === undefined
        ? inOrder(specifiersText(source.requirement.specifiers)).replace(/\+[\w.]+/, "")
        : "",
    marker: entry.marker === undefined ? undefined : markerText(entry.marker),
    link: link?.startsWith("/") ? `file://${link}` : (link ?? null),
    editable: source.kind === "named" && source.requirement.url !== undefined ? undefined : editable,
  };
}
