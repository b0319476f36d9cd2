/** Some two hundred command lines of pip, against the real pip 26.3 on twin environments: outcome, words, files, JSON and exit status. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { python } from "../support/world.ts";
import { subjects } from "./lines.ts";
import { pipPackage, type PipAnswer } from "./pip-server.ts";
import { differing, look } from "./seen.ts";
import { openTwins, wordsOf, type Twins } from "./twins.ts";

const skipped = python === undefined || pipPackage === undefined;

test("at least two hundred of them", () => expect(subjects.flatMap(({ lines }) => lines).length).toBeGreaterThanOrEqual(200));

describe.skipIf(skipped)("as pip does it (needs PEN_TEST_TOOLS with pip 26.3, and a Python with venv)", () => {
  let twins: Twins;
  beforeAll(async () => {
    twins = await openTwins();
  }, 60_000);
  afterAll(() => twins?.close());

  for (const { subject, lines } of subjects) {
    describe(subject, () => {
      for (const line of lines) {
        test(`pip ${wordsOf(line.args).join(" ")}${line.in === undefined ? "" : ` (${line.in})`}`, async () => {
          const { pip, pen } = await twins.run(line);
          const [theirs, ours] = [look(twins, "pip", line, pip), look(twins, "pen", line, pen)];
          expect(differing(ours, theirs), told({ pip, pen })).toEqual(differing(theirs, ours));
        }, 30_000);
      }
    });
  }
});

const told = ({ pip, pen }: { readonly pip: PipAnswer; readonly pen: PipAnswer }): string =>
  `pip:\n${pip.stdout}${pip.stderr}\npen:\n${pen.stdout}${pen.stderr}`;
