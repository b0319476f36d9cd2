/** The real pipenv and pen under its name, with the same words on the same project: the tables `cases-*.ts`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { root } from "../../src/cli/commands.ts";
import { cornerCases } from "./cases-corners.ts";
import { changeCases, installCases, lookingCases, placeCases, runCases, syncCases } from "./cases-install.ts";
import { lockCases } from "./cases-lock.ts";
import { disagreements, openTwins, realPipenv, twinPython, type Step, type TwinCase, type Twins } from "./twins.ts";

const tables: Readonly<Record<string, Readonly<Record<string, TwinCase>>>> = {
  lock: lockCases,
  install: installCases,
  sync: syncCases,
  change: changeCases,
  look: lookingCases,
  run: runCases,
  places: placeCases,
  corners: cornerCases,
};

/** How many of pipenv's commands run at a time. */
const atOnce = 2;

describe.skipIf(realPipenv === undefined || twinPython === undefined)("beside the real pipenv (PEN_TEST_TOOLS)", () => {
  let twins: Twins;
  beforeAll(async () => {
    twins = await openTwins();
  });
  afterAll(() => twins?.close());

  test.concurrent("the comparison bites", async () => {
    const given: TwinCase = {
      files: { Pipfile: '[[source]]\nurl = "{index}"\nverify_ssl = true\nname = "local"\n\n[packages]\nsix = "*"\n' },
      steps: ["sync"],
    };
    const real = await twins.perform("bites", { ...given, steps: ["lock", "sync"] }, "pipenv");
    expect(real.aspects.packages.at(-1)).toBe("six==1.16.0");
    expect(disagreements(given, real, real)).toEqual([]);
    for (const aspect of ["status", "Pipfile", "Pipfile.lock", "packages", "environments"] as const) {
      const other = { ...real, aspects: { ...real.aspects, [aspect]: ["another"] } };
      expect(disagreements(given, real, other).join()).toStartWith(`${aspect} differs.`);
      const meant = (pen: string): TwinCase => ({ ...given, differs: { [aspect]: { why: "it may", pen } } });
      expect(disagreements(meant("another"), real, other)).toEqual([]);
      expect(disagreements(meant("something"), real, other).join()).toContain("otherwise than meant");
      expect(disagreements(meant("another"), real, real).join()).toContain("does not differ any more");
    }
  }, 900_000);

  for (const [subject, cases] of Object.entries(tables))
    for (const [name, given] of Object.entries(cases)) {
      if (!isKnown(given.steps)) continue;
      test.concurrent(
        `${subject}: ${name}`,
        () =>
          inTurn(async () => {
            const real = await twins.perform(`${subject} ${name}`, given, "pipenv");
            const pen = await twins.perform(`${subject} ${name}`, given, "pen");
            const wrong = disagreements(given, real, pen);
            if (wrong.length > 0) throw new Error(`${wrong.join("\n\n")}\n\n${real.transcript}\n\n${pen.transcript}`);
          }),
        900_000,
      );
    }
});

/** Whether pen has every command of the case. */
function isKnown(steps: readonly Step[]): boolean {
  const group = root.commands["pipenv"];
  const known = group !== undefined && "commands" in group ? Object.keys(group.commands) : [];
  return steps.every((step) => {
    if (typeof step === "object" && "write" in step) return true;
    const [first = ""] = (typeof step === "string" ? step : step.run).split(" ");
    return known.includes(first) || (first.startsWith("-") && known.length > 0);
  });
}

let running = 0;
const waiting: Array<() => void> = [];

/** Runs at most so many at a time, in the order of asking. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
