import { describe, expect, test } from "bun:test";
import { PenError, silent, type PenEvent } from "#foundation";
import { catalogOf, failureOf, pins, pinTexts, requestOf, type Asked, type Releases } from "./scenario.test.ts";
import { resolve } from "./resolve.ts";

function solves(
  name: string,
  ...[releases, requirements, expected, asked]: [Releases, readonly string[], readonly string[], Asked?]
): void {
  test(name, async () => {
    expect(await pins(catalogOf(releases), requirements, asked)).toEqual([...expected]);
  });
}

describe("choosing versions", () => {
  solves("takes the newest version of everything", { "a 1.0": [], "a 2.0": ["b"], "b 1.0": [], "b 1.1": [] }, ["a"], ["a==2.0", "b==1.1"]);
  solves("a requirement of nobody is not installed", { "a 1.0": [], "b 1.0": [] }, ["a"], ["a==1.0"]);
  solves("nothing asked, nothing needed", {}, [], []);
  solves("circles are fine", { "a 1.0": ["b"], "b 1.0": ["c"], "c 1.0": ["a"] }, ["a"], ["a==1.0", "b==1.0", "c==1.0"]);
  solves("a project may need itself", { "a 1.0": ["a>=0.5"], "a 2.0": ["a<2"] }, ["a"], ["a==1.0"]);
  solves(
    "takes an older version when the newest clashes",
    { "a 1.0": ["b<2"], "a 2.0": ["b>=3"], "b 1.0": [], "b 2.0": [] },
    ["a"],
    ["a==1.0", "b==1.0"],
  );
  solves(
    "backs out of a choice that leads nowhere deep below",
    {
      "a 1.0": [],
      "a 2.0": ["c"],
      "c 1.0": ["d>=2"],
      "c 2.0": ["d>=2"],
      "d 1.0": [],
      "d 2.0": ["e==9"],
      "e 1.0": [],
    },
    ["a", "d"],
    ["a==1.0", "d==1.0"],
  );
  solves("lowest", { "a 1.0": ["b"], "a 2.0": ["b"], "b 1.0": [], "b 2.0": [] }, ["a"], ["a==1.0", "b==1.0"], { mode: "lowest" });
  solves("lowest-direct", { "a 1.0": ["b"], "a 2.0": ["b"], "b 1.0": [], "b 2.0": [] }, ["a"], ["a==1.0", "b==2.0"], {
    mode: "lowest-direct",
  });
  solves("a preferred version stays while it fits", { "a 1.0": [], "a 2.0": [] }, ["a"], ["a==1.0"], { preferences: { a: "1.0" } });
  solves("a preferred version yields when it does not fit", { "a 1.0": [], "a 2.0": [] }, ["a>1"], ["a==2.0"], {
    preferences: { a: "1.0" },
  });
  solves("--no-deps", { "a 1.0": ["b"], "b 1.0": [] }, ["a"], ["a==1.0"], { followDependencies: false });
  solves("local versions and epochs", { "a 1.0": [], "a 1.0+cpu": [], "a 1!0.1": [] }, ["a==1.0"], ["a==1.0+cpu"]);
});

describe("markers and extras", () => {
  solves("a marker that does not hold asks for nothing", { "a 1.0": ["b; sys_platform == 'win32'"], "b 1.0": [] }, ["a"], ["a==1.0"]);
  solves("direct requirements have markers too", { "a 1.0": [], "b 1.0": [] }, ["a", "b; python_version < '3'"], ["a==1.0"]);
  solves(
    "an extra adds its requirements",
    { "a 1.0": { needs: ["b", "c>=1; extra == 'x'"], extras: ["x"] }, "b 1.0": [], "c 1.0": [] },
    ["a[x]"],
    ["a[x]==1.0", "b==1.0", "c==1.0"],
  );
  solves(
    "an extra that asks for extras of its own project",
    {
      "a 1.0": { needs: ["a[x,y]; extra == 'all'", "b; extra == 'x'", "c; extra == 'y'"], extras: ["all", "x", "y"] },
      "b 1.0": [],
      "c 1.0": [],
    },
    ["a[all]"],
    ["a[all,x,y]==1.0", "b==1.0", "c==1.0"],
  );
  solves(
    "an extra goes in lockstep with its project",
    {
      "a 2.0": { needs: ["c>=2; extra == 'x'"], extras: ["x"] },
      "a 1.0": { needs: ["c; extra == 'x'"], extras: ["x"] },
      "c 1.0": [],
      "d 1.0": ["a[x]"],
    },
    ["a", "d"],
    ["a[x]==1.0", "c==1.0", "d==1.0"],
  );
  test("an unknown extra is a warning, as in pip", async () => {
    const events: PenEvent[] = [];
    expect(await pins(catalogOf({ "a 1.0": [] }), ["a[nope]"], { emit: (event) => events.push(event) })).toEqual(["a[nope]==1.0"]);
    expect(events).toContainEqual({
      type: "log",
      level: "warning",
      code: "unknown-extra",
      message: "a 1.0 does not provide the extra 'nope'",
    });
  });
});

describe("pre-releases (PEP 440)", () => {
  const some: Releases = { "a 1.0": [], "a 2.0rc1": [], "b 1.0b1": [], "c 1.0": ["a>=2.0rc1"] };
  solves("are left out while there is a final version", some, ["a"], ["a==1.0"]);
  solves("are taken when only they exist", some, ["b"], ["b==1.0b1"]);
  solves("are taken when only they fit the requirement", some, ["a>1.0"], ["a==2.0rc1"]);
  solves("are taken when a requirement names one", some, ["a>=1.0a1"], ["a==2.0rc1"]);
  solves("are taken when a constraint names one", some, ["a"], ["a==2.0rc1"], { constraints: ["a>=1.0a1"] });
  solves("are taken when a dependency names one, even late", some, ["a", "c"], ["a==2.0rc1", "c==1.0"]);
  solves("allow", some, ["a"], ["a==2.0rc1"], { prereleases: "allow" });
  solves("if-necessary does not heed mentions", some, ["a>=0.9a1"], ["a==1.0"], { prereleases: "if-necessary" });
  test("disallow", async () => {
    const error = await failureOf(catalogOf(some), ["a>=2.0rc1"], { prereleases: "disallow" });
    expect(error.why).toContain("a 2.0rc1 is a pre-release");
    expect(error.hint).toContain("--pre");
  });
  test("are no way out below versions that were tried and do not fit", async () => {
    const clash: Releases = {
      "a 1.0rc1": ["b>=2"],
      "a 1.0": ["b>=2"],
      "a 1.1": { yanked: "" },
      "a 1.2": ["b>=2"],
      "b 1.0": [],
      "b 2.0": [],
    };
    const { why, hint } = await failureOf(catalogOf(clash), ["a>=1.0rc1", "b<2"], { prereleases: "disallow" });
    expect(why).toContain("a 1.0rc1 is a pre-release");
    expect(hint).toBe("Relax or drop one of: 'a>=1.0rc1' (command line) or 'b<2' (command line).");
    const newer: Releases = { "a 1.0": ["b>=2"], "a 1.1rc1": [], "b 1.0": [], "b 2.0": [] };
    expect((await failureOf(catalogOf(newer), ["a", "b<2"], { prereleases: "disallow" })).hint).toContain("a>=1.1rc1");
  });
  test("nor are sources below versions that were tried", async () => {
    const unusable = { kind: "no-wheel", sort: "source-only", detail: "has only a source distribution", buildable: true } as const;
    const old: Releases = { "a 0.1": { unusable }, "a 1.0": ["b"], "b 1.0": { unusable }, "b 2.0": { unusable } };
    const { hint, data } = await failureOf(catalogOf(old), ["a"]);
    expect(data["buildable"]).toEqual({ b: "2.0" });
    expect(hint).toContain("--allow-build b,");
    expect(hint).not.toContain("--allow-build a");
  });
  test("explicit does not take them by necessity", async () => {
    const error = await failureOf(catalogOf(some), ["b"], { prereleases: "explicit" });
    expect(error.code).toBe("RESOLUTION_CONFLICT");
  });
});

describe("yanked versions (PEP 592)", () => {
  const some: Releases = { "a 1.0": [], "a 2.0": { yanked: "broken" }, "b 1.0": ["a==2.0"] };
  solves("are passed over", some, ["a"], ["a==1.0"]);
  solves("are taken when pinned", some, ["a==2.0"], ["a==2.0"]);
  solves("are taken when pinned with ===", some, ["a===2.0"], ["a==2.0"]);
  solves("are taken when a dependency pins them, even late", some, ["a", "b"], ["a==2.0", "b==1.0"]);
  solves("are taken when a lock preferred them", some, ["a"], ["a==2.0"], { preferences: { a: "2.0" } });
  test("a wildcard is no pin", async () => {
    const error = await failureOf(catalogOf(some), ["a==2.*"]);
    expect(error.why).toContain("a 2.0 was yanked (broken)");
  });
});

describe("Requires-Python", () => {
  const some: Releases = { "a 1.0": [], "a 2.0": { python: ">=3.13" }, "b 1.0": [], "b 2.0": { metadataPython: ">=3.13" } };
  solves("of the index", some, ["a"], ["a==1.0"]);
  solves("of the metadata", some, ["b"], ["b==1.0"]);
  solves("a release candidate of Python counts as its release", some, ["a"], ["a==2.0"], { python: "3.13.0rc1" });
  test("is told", async () => {
    expect((await failureOf(catalogOf(some), ["a>=2"])).why).toContain("a 2.0 needs Python >=3.13 (this is Python 3.12.1)");
    const error = await failureOf(catalogOf(some), ["b>=2"]);
    expect(error.why).toContain("needs Python >=3.13 (this is Python 3.12.1)");
    expect(error.hint).toContain("--python");
  });
});

describe("constraints, overrides, excludes", () => {
  const some: Releases = { "a 1.0": ["b"], "b 1.0": [], "b 2.0": [], "b 3.0": ["c"], "c 1.0": [] };
  solves("a constraint bounds", some, ["a"], ["a==1.0", "b==2.0"], { constraints: ["b<3", "c<5"] });
  solves("a constraint never adds", some, ["b<2"], ["b==1.0"], { constraints: ["a==1.0"] });
  solves("a constraint has markers", some, ["b"], ["b==3.0", "c==1.0"], { constraints: ["b<3; sys_platform == 'win32'"] });
  solves("an override replaces what others say", { "a 1.0": ["b<2"], "b 1.0": [], "b 2.0": [] }, ["a"], ["a==1.0", "b==2.0"], {
    overrides: ["b>=2"],
  });
  solves(
    "an override keeps the extras that were asked for",
    { "a 1.0": ["b[x]<2"], "b 2.0": { needs: ["c; extra == 'x'"], extras: ["x"] }, "c 1.0": [] },
    ["a"],
    ["a==1.0", "b[x]==2.0", "c==1.0"],
    { overrides: ["b"] },
  );
  solves("an exclude takes a project out", some, ["a"], ["a==1.0"], { excludes: ["b"] });
});

describe("direct URLs", () => {
  const releases: Releases = {
    "a 1.0": ["b>=2"],
    "b 1.0": [],
    "b 2.0": [],
    "c 1.0": ["b @ https://x.test/b.whl"],
    "c 0.9": [],
    "d 1.0": ["b @ https://y.test/b.whl"],
  };
  const urls: Releases = {
    "https://x.test/b.whl b 2.5": [],
    "https://y.test/b.whl b 9.0": [],
    "https://x.test/e.whl e 1.0": ["b @ https://x.test/b.whl", "a"],
  };
  test("fulfil what others ask of the version", async () => {
    const found = await resolve(requestOf(["a", "b @ https://x.test/b.whl"]), catalogOf(releases, urls), { emit: silent });
    expect(pinTexts(found)).toEqual(["a==1.0", "b==2.5"]);
    expect(found.packages[1]!.url).toBe("https://x.test/b.whl");
  });
  test("of an index package are refused unless asked for: another version does", async () => {
    expect(await pins(catalogOf(releases, urls), ["c"])).toEqual(["c==0.9"]);
    expect(await pins(catalogOf(releases, urls), ["c", "b @ https://x.test/b.whl"])).toEqual(["b==2.5", "c==1.0"]);
    expect((await failureOf(catalogOf(releases, urls), ["c>=1"])).why).toContain("a URL that you have not asked for yourself");
  });
  test("two for one project clash", async () => {
    const error = await failureOf(catalogOf(releases, urls), ["b @ https://x.test/b.whl", "b @ https://y.test/b.whl"]);
    expect(error.why).toContain("while it is to come from https://x.test/b.whl");
    expect((await failureOf(catalogOf(releases, urls), ["d", "b @ https://x.test/b.whl"])).code).toBe("RESOLUTION_CONFLICT");
  });
  test("of a package that itself came from a URL are followed", async () => {
    expect(await pins(catalogOf(releases, urls), ["e @ https://x.test/e.whl"])).toEqual(["a==1.0", "b==2.5", "e==1.0"]);
    expect(await pins(catalogOf(releases, urls), ["a", "e @ https://x.test/e.whl"])).toEqual(["a==1.0", "b==2.5", "e==1.0"]);
  });
  test("in a constraint decide where a project comes from", async () => {
    expect(await pins(catalogOf(releases, urls), ["a"], { constraints: ["b @ https://x.test/b.whl"] })).toEqual(["a==1.0", "b==2.5"]);
  });
  test("of a version that others do not want are a conflict", async () => {
    const error = await failureOf(catalogOf(releases, urls), ["b<2", "b @ https://x.test/b.whl"]);
    expect(error.why).toContain("https://x.test/b.whl is b 2.5");
  });
});

describe("what cannot be had", () => {
  test("an unknown project", async () => {
    const error = await failureOf(catalogOf({}), ["nope <- requirements.txt line 3"]);
    expect(error.code).toBe("PACKAGE_NOT_FOUND");
    expect(error.why).toContain("you require nope (requirements.txt line 3)");
  });
  test("an unknown project that another one needs, with who needs it", async () => {
    const error = await failureOf(catalogOf({ "a 1.0": ["nope"] }), ["a"]);
    expect(error.code).toBe("PACKAGE_NOT_FOUND");
    expect(error.why).toContain("a 1.0 needs nope");
  });
  solves("a version that needs an unknown project is just not chosen", { "a 1.0": [], "a 2.0": ["nope"] }, ["a"], ["a==1.0"]);
  solves(
    "a version whose metadata is broken is just not chosen",
    { "a 1.0": [], "a 2.0": { broken: new PenError("INVALID_METADATA", "Bad metadata") } },
    ["a"],
    ["a==1.0"],
  );
  test("any other failure of the catalog ends the resolution", async () => {
    const error = await failureOf(catalogOf({ "a 1.0": [], "a 2.0": { broken: new PenError("NETWORK", "down") } }), ["a"]);
    expect(error.code).toBe("NETWORK");
  });
  test("no usable wheel", async () => {
    const unusable = { kind: "no-wheel", sort: "other-tags", detail: "has wheels only for cp39 on Windows" } as const;
    const error = await failureOf(catalogOf({ "a 1.0": { unusable }, "a 2.0": { unusable } }), ["a"]);
    expect(error.why).toContain("a 1.0 to 2.0 have wheels only for cp39 on Windows");
    expect(error.hint).toContain("there are wheels for");
    expect(error.hint).not.toContain("--allow-builds");
  });
  test("no usable wheel, and a source that could be built: the switch is named", async () => {
    const unusable = { kind: "no-wheel", sort: "source-only", detail: "has only a source distribution", buildable: true } as const;
    const error = await failureOf(catalogOf({ "a 1.0": { unusable }, "a 2.0": { unusable } }), ["a"]);
    expect(error.hint).toContain("--allow-build a");
  });
  solves(
    "a version that cannot be used is passed over",
    { "a 1.0": [], "a 2.0": { unusable: { kind: "excluded-newer", uploaded: "2026-01-01" } } },
    ["a"],
    ["a==1.0"],
  );
});

describe("depth and order", () => {
  test("a chain of 2,000 packages", async () => {
    const releases: Record<string, string[]> = {};
    for (let at = 0; at < 2000; at += 1) releases[`p${at} 1.0`] = at < 1999 ? [`p${at + 1}`] : [];
    expect((await pins(catalogOf(releases), ["p0"])).length).toBe(2000);
    releases["p1999 1.0"] = ["p0<1"];
    const error = await failureOf(catalogOf(releases), ["p0"]);
    expect(error.code).toBe("RESOLUTION_CONFLICT");
    expect(JSON.stringify(error.data).length).toBeGreaterThan(1000);
  });

  test("the same answer in whatever order the catalog answers", async () => {
    const releases: Releases = {
      "a 3.0": ["b>=2", "c[x]"],
      "a 2.0": ["b"],
      "a 1.0": [],
      "b 3.0": ["d<2"],
      "b 2.0": ["d"],
      "b 1.0": [],
      "c 2.0": { needs: ["e; extra == 'x'", "d>=2"], extras: ["x"] },
      "c 1.0": { needs: ["e<2; extra == 'x'"], extras: ["x"] },
      "d 1.0": ["f"],
      "d 2.0": ["f>=2.0rc1"],
      "e 1.0": ["g"],
      "e 2.0": ["g>=2"],
      "f 1.0": [],
      "f 2.0rc1": [],
      "g 1.0": ["a"],
      "g 2.0": ["b<3"],
    };
    const expected = JSON.stringify(await resolve(requestOf(["a", "f", "g"]), catalogOf(releases), { emit: silent }));
    let seed = 1;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let round = 0; round < 100; round += 1) {
      const later = (): Promise<void> => (random() < 0.3 ? Promise.resolve() : new Promise((done) => setTimeout(done, random() * 3)));
      const found = await resolve(requestOf(["a", "f", "g"]), catalogOf(releases, {}, later), { emit: silent });
      expect(JSON.stringify(found)).toBe(expected);
    }
  });

  test("asks the catalog each question once, and not in the way of the first answer", async () => {
    const catalog = catalogOf({ "a 1.0": ["b", "c"], "b 1.0": [], "c 1.0": [] }, {}, () => Promise.resolve());
    await pins(catalog, ["a"]);
    expect([...catalog.asked.values()].every((times) => times === 1)).toBe(true);
  });

  test("a cancelled resolution ends", async () => {
    const controller = new AbortController();
    const catalog = catalogOf({ "a 1.0": [] }, {}, async () => controller.abort(new Error("stop")));
    await expect(resolve(requestOf(["a"]), catalog, { emit: silent, signal: controller.signal })).rejects.toThrow("stop");
  });
});
