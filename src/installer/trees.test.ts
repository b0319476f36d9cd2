import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { install, plainTarget, scratch, type Scratch } from "../../tests/support/install-targets.ts";
import { storeSample } from "../../tests/support/stored-wheels.ts";
import { nameAt } from "#foundation";
import { parseRecord } from "#standards";
import type { StoredWheel } from "#store";
import { createAdditions, type Additions, type Batch } from "./additions.ts";
import type { InstallTarget } from "./index.ts";
import { placeWheel, type Placement } from "./placement.ts";
import { surveyOf } from "./survey.ts";
import { namesOfOne } from "./trees.ts";

let place: Scratch;
let target: InstallTarget;
beforeEach(() => {
  place = scratch();
  target = { ...plainTarget(join(place.path, "env")), cacheTag: "cpython-311" };
  mkdirSync(target.paths.purelib, { recursive: true });
});
afterEach(() => place.remove());

interface Outcome {
  readonly folders: readonly string[];
  readonly lists: ReadonlyArray<readonly string[]>;
  readonly clashes: readonly string[];
  readonly error: string | undefined;
}

/** What a plan of `wheels` comes to: with whole trees where they may be, or every file by itself. */
function outcomeOf(wheels: readonly StoredWheel[], whole: boolean): Outcome {
  const survey = surveyOf(target.root);
  const builder = createAdditions(target.root, survey);
  const clashes: string[] = [];
  const wanted = wheels.map((wheel) => ({ wheel, requested: false }));
  const placement: Placement = {
    target,
    survey,
    builder,
    emit: () => {},
    late: [],
    isAlone: whole ? namesOfOne(target, wanted) : () => false,
    bytecode: (wheel) => [{ path: `${wheel.manifest.name}/__pycache__/a.cpython-311.pyc`, source: "compiled" }],
    conflicts: {
      taken: ({ path, owner }) => void clashes.push(`${owner} ${path}`),
      planned: ({ path, owner }, other) => void clashes.push(`${owner} ${path} ${other.source}`),
      settle: () => [],
    },
  };
  let error: string | undefined;
  try {
    for (const one of wanted) placeWheel(placement, one);
    builder.settle();
  } catch (failure) {
    error = (failure as Error).message;
  }
  const { additions } = builder;
  const batches = [...additions.batches, ...additions.laterBatches, ...additions.infoBatches];
  const folders = [...additions.folders, ...batches.flatMap(({ to, folders }) => folders.map((folder) => `${to}/${folder}`))];
  return { folders, lists: listsOf(additions, placement.late, folders), clashes, error };
}

const linksOf = (batches: readonly Batch[]): string[] =>
  batches.flatMap((batch) => batch.existing.map((source, at) => `${batch.from}/${source} ${batch.to}/${nameAt(batch, at)}`));

const listsOf = (
  { batches, laterBatches, infoBatches, newRoots, newFiles }: Additions,
  late: readonly Batch[],
  folders: readonly string[],
): string[][] =>
  [linksOf([...batches, ...laterBatches]), linksOf([...infoBatches, ...late]), newRoots, newFiles, folders].map((list) =>
    [...list].toSorted(),
  );

/** Numbers below `most`, always the same for one seed. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * most);
  };
}

const paths = [
  "a/__init__.py",
  "a/a.py",
  "a/deep/x.py",
  "a/__pycache__/a.cpython-311.pyc",
  "b/x.py",
  "b/y/z/w.py",
  "b",
  "c.py",
  "one/a.py",
  "two/a.py",
];

function randomWheel(name: string, next: (most: number) => number): StoredWheel {
  const files: Record<string, string> = {};
  for (const path of paths) {
    const isBlocked = Object.keys(files).some((known) => known.startsWith(`${path}/`) || path.startsWith(`${known}/`));
    if (next(3) === 0 && !isBlocked) files[path] = `${name} ${path}`;
  }
  const data: Record<string, string> = next(12) === 0 ? { "data/share/x": "1" } : {};
  if (next(20) === 0) data[`data/lib/python3.12/site-packages/a/of-${name}.py`] = "1";
  return storeSample(join(place.path, "store"), { name, version: "1.0", files, data, commands: { [`do-${name}`]: "a:b" } });
}

test("100 random plans come to the same with whole trees as with every file by itself", () => {
  let trees = 0;
  for (let seed = 1; seed <= 100; seed += 1) {
    const next = numbers(seed);
    target = { ...target, ...plainTarget(join(place.path, `env-${seed}`)) };
    mkdirSync(target.paths.purelib, { recursive: true });
    for (const path of paths) {
      if (next(12) !== 0 || path === "b") continue;
      mkdirSync(dirname(join(target.paths.purelib, path)), { recursive: true });
      writeFileSync(join(target.paths.purelib, path), "there");
    }
    const wheels = ["one", "two", "three"].slice(0, 1 + next(3)).map((name) => randomWheel(name, next));
    const [whole, single] = [outcomeOf(wheels, true), outcomeOf(wheels, false)];
    expect(whole.error === undefined).toBe(single.error === undefined);
    if (whole.error !== undefined) continue;
    expect({ seed, lists: whole.lists, clashes: whole.clashes }).toEqual({ seed, lists: single.lists, clashes: single.clashes });
    for (const [at, folder] of whole.folders.entries()) {
      const parent = whole.folders.indexOf(dirname(folder));
      expect(parent < at).toBe(true);
    }
    trees += namesOfOne(
      target,
      wheels.map((wheel) => ({ wheel, requested: false })),
    )("a")
      ? 1
      : 0;
  }
  expect(trees).toBeGreaterThan(15);
});

test("with --target no tree is taken whole: pen's own folder and the commands are below site-packages there", () => {
  const wheel = storeSample(join(place.path, "store"), { name: "one", version: "1.0", files: { ".pen/journal.json": "{}", "a/x.py": "" } });
  const flat = { ...target, paths: { ...target.paths, purelib: target.root, platlib: target.root } };
  expect(namesOfOne(flat, [{ wheel, requested: false }])("a")).toBe(false);
  target = flat;
  expect(outcomeOf([wheel], true).error).toContain("part of the environment itself");
});

test("the RECORD of pip names the command with the version of the environment's Python, and nothing else is changed in it", async () => {
  const pip = storeSample(join(place.path, "store"), {
    name: "pip",
    version: "26.3",
    files: { "pip/__init__.py": "", "pip/x.py": "1" },
    commands: { pip: "pip:main", pip3: "pip:main", "pip3.99": "pip:main" },
  });
  for (const requested of [true, false]) {
    const place = { ...plainTarget(join(target.root, String(requested))), pythonVersion: "3.12.4" };
    mkdirSync(place.paths.purelib, { recursive: true });
    mkdirSync(place.paths.scripts, { recursive: true });
    writeFileSync(join(place.root, "pyvenv.cfg"), "home = /usr/bin\n");
    await install(place, [{ wheel: pip, requested }]);
    const rows = parseRecord(readFileSync(join(place.paths.purelib, "pip-26.3.dist-info/RECORD"), "utf8"));
    const expected = pip.manifest.files.flatMap(({ path, scheme, hash, size }) =>
      path.endsWith("/RECORD") || path === "pip3.99"
        ? []
        : (path === "pip" ? ["pip", "pip3.12"] : [path]).map((name) => [`${scheme === "lib" ? "" : "../../../bin/"}${name}`, hash, size]),
    );
    const found = rows.flatMap(({ path, hash, size }) => (/\/(?:RECORD|REQUESTED)$/.test(path) ? [] : [[path, hash?.digest, size]]));
    expect(found.map(String).toSorted()).toEqual(expected.map(String).toSorted());
    expect(rows.map(({ path }) => path).filter((path) => /\/(?:RECORD|REQUESTED)$/.test(path)).length).toBe(requested ? 2 : 1);
  }
});
