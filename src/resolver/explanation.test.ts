import { describe, expect, test } from "bun:test";
import { catalogOf, failureOf, type Asked, type Releases } from "./scenario.test.ts";

/** The whole text that a person sees below the first line, and the hint. */
function tells(name: string, ...[releases, requirements, expected, asked]: [Releases, readonly string[], string, Asked?]): void {
  test(name, async () => {
    const error = await failureOf(catalogOf(releases), requirements, asked);
    expect(`${error.why}\n>> ${error.hint}`).toBe(expected.trim().replace(/^ {4}/gm, ""));
  });
}

describe("explanations", () => {
  tells(
    "two requirements that clash at once",
    { "flask 1.0": [], "flask 2.0": [] },
    ["flask>=2 <- requirements.txt line 1", "flask<2 <- requirements.txt line 9"],
    `
    Because you require flask>=2 (requirements.txt line 1) and you require flask<2 (requirements.txt line 9), your requirements cannot all be met.
    >> Relax or drop one of: 'flask>=2' (requirements.txt line 1) or 'flask<2' (requirements.txt line 9).
    `,
  );
  tells(
    "a version that does not exist",
    { "flask 1.0": [], "flask 2.0": [], "flask 3.0": [] },
    ["flask>=4"],
    `
    Because you require flask>=4 (command line) and flask>=4 does not exist (there are 3.0, 2.0 and 1.0), your requirements cannot all be met.
    >> Relax or drop 'flask>=4' (command line).
    `,
  );
  tells(
    "one dependency between",
    { "flask 3.0": ["werkzeug>=3"], "flask 3.1": ["werkzeug>=3"], "werkzeug 2.0": [], "werkzeug 3.0": [] },
    ["flask <- app.in line 1", "werkzeug<3 <- app.in line 2"],
    `
    Because you require flask (app.in line 1), you require werkzeug<3 (app.in line 2) and every version of flask needs werkzeug>=3, your requirements cannot all be met.
    >> Relax or drop 'werkzeug<3' (app.in line 2).
    `,
  );
  tells(
    "two ways, both closed",
    {
      "a 1.0": ["x<2"],
      "a 2.0": ["y>=2"],
      "b 1.0": ["x>=2", "y<2"],
      "b 2.0": ["y<2", "x>=2"],
      "x 1.0": [],
      "x 2.0": [],
      "y 1.0": [],
      "y 2.0": [],
    },
    ["a", "b", "a!=1.0; python_version < '3'"],
    `
    Because
      - you require a (command line)
      - a 1.0 needs x<2
      - every version of b needs x>=2
      - a 2.0 needs y>=2
      - every version of b needs y<2
    no version of b can be used.
    And because you require b (command line), your requirements cannot all be met.
    >> Look for versions of the packages above that fit together.
    `,
  );
  tells(
    "a chain that needs numbered steps",
    {
      "app 1.0": ["web>=1", "db>=1"],
      "web 1.0": ["core<2"],
      "web 1.1": ["core<2"],
      "db 1.0": ["driver>=5"],
      "driver 5.0": ["core>=2"],
      "driver 5.1": ["core>=2"],
      "core 1.0": [],
      "core 2.0": [],
      "web 2.0": ["core<2"],
    },
    ["app"],
    `
    Because
      - every version of web needs core<2
      - every version of driver needs core>=2
      - db 1.0 needs driver>=5
      - app 1.0 needs web>=1
    db 1.0 and app 1.0 cannot be used together.
    And because you require app (command line) and app 1.0 needs db>=1, your requirements cannot all be met.
    >> Look for versions of the packages above that fit together.
    `,
  );
  tells(
    "every version pins another one",
    Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [
        [`boto3 1.${at}`, [`botocore==1.${at}`]],
        [`botocore 1.${at}`, ["urllib3<2"]],
        [`urllib3 ${at % 4}.0`, []],
      ]).flat(),
    ) as Releases,
    ["boto3", "urllib3>=2"],
    `
    Because
      - you require boto3 (command line)
      - you require urllib3>=2 (command line)
      - every version of boto3 needs botocore==1.0, botocore==1.1 or others like it (30 in all)
      - every version of botocore needs urllib3<2
    your requirements cannot all be met.
    >> Relax or drop 'urllib3>=2' (command line).
    `,
  );
  tells(
    "a step that two others need",
    {
      "a 1.0": ["b"],
      "b 1.0": ["c", "x>=2"],
      "b 2.0": ["d", "x>=2"],
      "c 1.0": ["x<2"],
      "d 1.0": ["e"],
      "e 1.0": ["x<2", "f"],
      "f 1.0": ["b<2"],
      "x 1.0": [],
      "x 2.0": [],
      "z 1.0": ["a", "g"],
      "g 1.0": ["h"],
      "h 1.0": ["i"],
      "h 2.0": ["a"],
      "i 1.0": ["a"],
    },
    ["z <- app.in line 1", "g <- app.in line 2"],
    `
    Because b 1.0 needs c, c 1.0 needs x<2 and every version of b needs x>=2, b 1.0 cannot be used (1).
    Because
      - d 1.0 needs e
      - e 1.0 needs x<2
      - b 2.0 needs d
      - b 2.0 needs x>=2
    b 2.0 cannot be used.
    And because
      - you require z (app.in line 1)
      - z 1.0 needs a
      - a 1.0 needs b
      - b 1.0 cannot be used (1)
    your requirements cannot all be met.
    >> Look for versions of the packages above that fit together.
    `,
  );
  tells(
    "an older version that would do, but for Python",
    { "a 1.0": { python: "<3" }, "a 2.0": { metadataPython: ">=3.13" } },
    ["a"],
    `
    Because you require a (command line), a 1.0 needs Python <3 (this is Python 3.12.1) and a 2.0 needs Python >=3.13 (this is Python 3.12.1), your requirements cannot all be met.
    >> Use another Python (\`--python\`), one that these versions support.
    `,
  );
  tells(
    "versions that cannot be used, each with its reason",
    {
      "a 1.0": { unusable: { kind: "no-wheel", sort: "other-tags", detail: "has wheels only for cp39 on Windows" } },
      "a 2.0": { yanked: "leaks memory" },
      "a 3.0": { unusable: { kind: "excluded-newer", uploaded: "2026-11-01" } },
      "a 4.0rc1": [],
      "a 0.1": [],
    },
    ["a>=1,<4"],
    `
    Because
      - you require a>=1,<4 (command line)
      - a 3.0 cannot be used (uploaded 2026-11-01, after the cut-off)
      - a 2.0 was yanked (leaks memory)
      - a 1.0 has wheels only for cp39 on Windows
    your requirements cannot all be met.
    >> A yanked version is taken only when it is pinned: a==2.0.
    Use a Python and platform that there are wheels for.
    Move the cut-off (\`--exclude-newer\`) to a later date.
    Relax or drop 'a>=1,<4' (command line).
    `,
  );
  tells(
    "wheels that the person forbids",
    {
      "a 1.0": {
        unusable: { kind: "no-wheel", sort: "forbidden", detail: "has no source distribution, and --no-binary forbids its wheels" },
      },
      "a 2.0": {
        unusable: { kind: "no-wheel", sort: "forbidden", detail: "has no source distribution, and --no-binary forbids its wheels" },
      },
    },
    ["a"],
    `
    Because you require a (command line) and a 1.0 to 2.0 have no source distribution, and --no-binary forbids its wheels, your requirements cannot all be met.
    >> Let wheels be used for a: change what --no-binary says.
    `,
  );
  tells(
    "sources that the person forbids",
    {
      "b 1.0": {
        unusable: {
          kind: "no-wheel",
          sort: "source-only",
          detail: "has only a source distribution, and --only-binary forbids its source",
          sourceForbidden: true,
        },
      },
    },
    ["b"],
    `
    Because you require b (command line) and b 1.0 has only a source distribution, and --only-binary forbids its source, your requirements cannot all be met.
    >> Let sources be built for b: change what --only-binary says.
    `,
  );
  tells(
    "a project that no index knows, far away",
    { "a 1.0": ["b"], "b 1.0": ["nope>=1"], "b 2.0": ["nope"] },
    ["a <- pyproject.toml"],
    `
    Because
      - you require a (pyproject.toml)
      - every version of b needs nope>=1 or nope
      - a 1.0 needs b
      - no index knows a project named nope
    your requirements cannot all be met.
    >> Check the spelling, and the index that it should be on (\`--index-url\`, \`--extra-index-url\`).
    `,
  );
  tells(
    "two URLs",
    {},
    ["a @ https://one.test/a.whl <- line 1", "a @ https://user:secret@two.test/a.whl <- line 2"],
    `
    Because you require a @ https://****@two.test/a.whl (line 2), while it is to come from https://one.test/a.whl, your requirements cannot all be met.
    >> Relax or drop 'a @ https://****@two.test/a.whl' (line 2).
    `,
  );
  tells(
    "an extra",
    { "a 1.0": { needs: ["b>=2; extra == 'fast'"], extras: ["fast"] }, "b 1.0": [], "b 2.0": [] },
    ["a[fast]", "b<2"],
    `
    Because you require a[fast] (command line), you require b<2 (command line) and a[fast] 1.0 needs b>=2, your requirements cannot all be met.
    >> Relax or drop 'b<2' (command line).
    `,
  );
  tells(
    "a constraint",
    { "a 1.0": [], "a 2.0": [] },
    ["a>=2"],
    `
    Because you require a>=2 (command line) and a constraint says a<2, your requirements cannot all be met.
    >> Relax or drop one of: the constraint 'a<2' or 'a>=2' (command line).
    `,
    { constraints: ["a<2"] },
  );
});
