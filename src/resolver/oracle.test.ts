/** Random small catalogs against an oracle that shares nothing with the solver: it tries every combination of versions. */
import { expect, test } from "bun:test";
import { isPenError, silent } from "#foundation";
import { parseRequirement, parseVersion, specifiersContain, type Requirement } from "#standards";
import { resolve } from "./resolve.ts";
import { catalogOf, pinTexts, requestOf } from "./scenario.test.ts";

interface World {
  readonly releases: Record<string, { needs: string[]; extras: string[] }>;
  readonly versions: Record<string, string[]>;
  readonly root: string[];
  readonly constraints: string[];
}

function generator(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const names = ["a", "b", "c", "d", "e"];

function worldOf(seed: number): World {
  const random = generator(seed);
  const count = 2 + random(4);
  const versions: Record<string, string[]> = {};
  for (const name of names.slice(0, count)) versions[name] = ["1.0", "2.0", "3.0"].slice(0, 1 + random(3));
  const specifier = (): string => {
    const version = `${1 + random(3)}.0`;
    return ["", `>=${version}`, `<${version}`, `==${version}`, `!=${version}`, `<=${version}`][random(6)]!;
  };
  const requirement = (): string => {
    const name = random(25) === 0 ? "missing" : names[random(count)]!;
    return `${name}${random(4) === 0 ? "[x]" : ""}${specifier()}`;
  };
  const releases: World["releases"] = {};
  for (const [name, list] of Object.entries(versions)) {
    for (const version of list) {
      const needs = Array.from({ length: random(3) }, requirement);
      const extra = Array.from({ length: random(2) }, () => `${requirement()}; extra == 'x'`);
      releases[`${name} ${version}`] = { needs: [...needs, ...extra], extras: ["x"] };
    }
  }
  const root = Array.from({ length: 1 + random(3) }, requirement);
  const constraints = random(3) === 0 ? [`${names[random(count)]}${specifier()}`] : [];
  return { releases, versions, root, constraints };
}

type Choice = Readonly<Record<string, string>>;

/** What a choice leads to from the root: the projects that are needed, or undefined when something asked for is not met. */
function needed(world: World, choice: Choice): Set<string> | undefined {
  const met = new Set<string>();
  const reached = new Set<string>();
  const queue = world.root.map((text): Requirement => parseRequirement(text));
  const fits = (requirement: Requirement): boolean => {
    const version = choice[requirement.name];
    return version !== undefined && specifiersContain(requirement.specifiers, parseVersion(version));
  };
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (!fits(next)) return undefined;
    reached.add(next.name);
    for (const extra of [undefined, ...next.extras]) {
      const key = `${next.name}[${extra ?? ""}]`;
      if (met.has(key)) continue;
      met.add(key);
      for (const text of world.releases[`${next.name} ${choice[next.name]}`]!.needs) {
        if (text.includes("extra ==") !== (extra !== undefined)) continue;
        const [plain] = text.split(";");
        queue.push(parseRequirement(plain!));
      }
    }
  }
  return world.constraints.every((text) => !reached.has(parseRequirement(text).name) || fits(parseRequirement(text))) ? reached : undefined;
}

function* choices(world: World): IterableIterator<Choice> {
  const all = Object.entries(world.versions);
  const total = all.reduce((product, [, list]) => product * list.length, 1);
  for (let number = 0; number < total; number += 1) {
    let rest = number;
    const choice: Record<string, string> = {};
    for (const [name, list] of all) {
      choice[name] = list[rest % list.length]!;
      rest = Math.floor(rest / list.length);
    }
    yield choice;
  }
}

function isSolvable(world: World): boolean {
  for (const choice of choices(world)) if (needed(world, choice) !== undefined) return true;
  return false;
}

async function solve(world: World, mode: "highest" | "lowest"): Promise<Choice | undefined> {
  try {
    const request = requestOf(world.root, { constraints: world.constraints, mode });
    const found = await resolve(request, catalogOf(world.releases), { emit: silent });
    return Object.fromEntries(pinTexts(found).map((pin) => [pin.split(/\[|==/)[0]!, pin.split("==")[1]!]));
  } catch (error) {
    if (!isPenError(error) || (error.code !== "RESOLUTION_CONFLICT" && error.code !== "PACKAGE_NOT_FOUND")) throw error;
    expect(error.why).not.toContain("undefined");
    return undefined;
  }
}

function check(seed: number, world: World, found: Choice | undefined, better: (a: string, b: string) => boolean): boolean {
  const context = `seed ${seed}: ${JSON.stringify(world)} gave ${JSON.stringify(found)}`;
  if (found === undefined) {
    if (isSolvable(world)) throw new Error(`It has an answer. ${context}`);
    return false;
  }
  const reached = needed(world, found);
  if (reached === undefined) throw new Error(`The answer does not hold. ${context}`);
  if ([...reached].sort().join() !== Object.keys(found).sort().join()) throw new Error(`The answer holds too much. ${context}`);
  // What docs/solver.md promises: no single version could be better while the others stay.
  for (const name of Object.keys(found)) {
    for (const version of world.versions[name]!) {
      if (!better(version, found[name]!)) continue;
      if (needed(world, { ...found, [name]: version }) !== undefined) throw new Error(`${name} ${version} would do. ${context}`);
    }
  }
  return true;
}

test("4,000 random catalogs: as the oracle says, complete, minimal, and no version could be newer alone", async () => {
  let solvable = 0;
  for (let seed = 1; seed <= 4000; seed += 1) {
    const world = worldOf(seed);
    if (check(seed, world, await solve(world, "highest"), (a, b) => a > b)) solvable += 1;
  }
  expect(solvable).toBeGreaterThan(1000);
  expect(solvable).toBeLessThan(3500);
});

/** Larger than the oracle can count through, and tightly pinned: the order of decisions is made anew on the way. */
function tangledWorld(seed: number): World {
  const random = generator(seed);
  const versions: Record<string, string[]> = {};
  for (let at = 0; at < 9; at += 1) versions[`p${at}`] = Array.from({ length: 9 }, (_, version) => `${version + 1}.0`);
  const releases: World["releases"] = {};
  for (const [name, list] of Object.entries(versions)) {
    for (const version of list) {
      const needs = Array.from({ length: 1 + random(4) }, () => {
        const least = 1 + random(9);
        return `p${random(9)}${[`==${least}.0`, `>=${least}.0,<=${least + 1}.0`, `>=${least}.0,<=${least + 2}.0`, `!=${least}.0`][random(4)]}`;
      });
      releases[`${name} ${version}`] = { needs, extras: [] };
    }
  }
  return { releases, versions, root: ["p0", "p1", "p2>=3.0"], constraints: [] };
}

test("400 tangled catalogs: highest and lowest agree on whether there is an answer, and every answer holds", async () => {
  let solvable = 0;
  for (let seed = 20_001; seed <= 20_400; seed += 1) {
    const world = tangledWorld(seed);
    const [highest, lowest] = [await solve(world, "highest"), await solve(world, "lowest")];
    if ((highest === undefined) !== (lowest === undefined)) throw new Error(`seed ${seed}: ${JSON.stringify([highest, lowest])}`);
    if (highest === undefined || lowest === undefined) continue;
    solvable += 1;
    check(seed, world, highest, (a, b) => a > b);
    check(seed, world, lowest, (a, b) => a < b);
  }
  expect(solvable).toBeGreaterThan(50);
  expect(solvable).toBeLessThan(390);
});

test("1,000 random catalogs with the lowest versions", async () => {
  for (let seed = 10_001; seed <= 11_000; seed += 1) {
    const world = worldOf(seed);
    check(seed, world, await solve(world, "lowest"), (a, b) => a < b);
  }
});
