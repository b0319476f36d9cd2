import { describe, expect, test } from "bun:test";
import { isPenError, silent } from "#foundation";
import { evaluateMarker, markerText, parseRequirement, specifiersContain, parseVersion, type MarkerEnvironment } from "#standards";
import { resolve } from "./resolve.ts";
import { catalogOf, failureOf, linux, requestOf, universal, type Asked, type Releases } from "./scenario.test.ts";
import type { Resolution } from "./types.ts";

async function lines(releases: Releases, requirements: readonly string[], asked: Asked, urls: Releases = {}): Promise<string[]> {
  const resolution = await resolve(requestOf(requirements, asked), catalogOf(releases, urls), { emit: silent });
  return resolution.packages.map((one) => {
    const marker = one.marker === undefined ? "" : ` ; ${markerText(one.marker)}`;
    return `${one.name}==${one.candidate.versionText}${marker}`;
  });
}

const everywhere = { target: universal(">=3.9") };

describe("universal resolution", () => {
  test("carries markers along the way", async () => {
    const releases: Releases = { "a 1.0": ["b; sys_platform == 'win32'", "c"], "b 1.0": ["d"], "c 1.0": [], "d 1.0": [] };
    expect(await lines(releases, ["a"], everywhere)).toEqual([
      "a==1.0",
      "b==1.0 ; sys_platform == 'win32'",
      "c==1.0",
      "d==1.0 ; sys_platform == 'win32'",
    ]);
  });

  test("a package needed from two sides is needed where either is", async () => {
    const releases: Releases = { "a 1.0": ["c; sys_platform == 'win32'"], "b 1.0": ["c; sys_platform != 'win32'"], "c 1.0": ["a"] };
    expect(await lines(releases, ["a", "b"], everywhere)).toEqual(["a==1.0", "b==1.0", "c==1.0"]);
  });

  test("what holds for no Python of the target is left out, and Requires-Python is not repeated", async () => {
    const releases: Releases = {
      "a 1.0": ["old; python_version < '3.8'", "b; python_version >= '3.7'", "c; python_version < '3.11'"],
      "b 1.0": [],
      "c 1.0": [],
      "old 1.0": [],
    };
    expect(await lines(releases, ["a"], everywhere)).toEqual(["a==1.0", "b==1.0", "c==1.0 ; python_version < '3.11'"]);
  });

  test("forks where requirements of different places clash", async () => {
    const releases: Releases = {
      "a 1.0": ["c<2; sys_platform == 'win32'", "c>=2; sys_platform != 'win32'"],
      "c 1.0": ["d"],
      "c 2.0": [],
      "d 1.0": [],
    };
    expect(await lines(releases, ["a"], everywhere)).toEqual([
      "a==1.0",
      "c==1.0 ; sys_platform == 'win32'",
      "c==2.0 ; sys_platform != 'win32'",
      "d==1.0 ; sys_platform == 'win32'",
    ]);
  });

  test("forks also when the clash is between packages that only the markers keep apart", async () => {
    const releases: Releases = { "a 1.0": ["c<2"], "b 1.0": ["c>=2"], "c 1.0": [], "c 2.0": [] };
    expect(await lines(releases, ["a; sys_platform == 'win32'", "b; sys_platform == 'linux'"], everywhere)).toEqual([
      "a==1.0 ; sys_platform == 'win32'",
      "b==1.0 ; sys_platform == 'linux'",
      "c==1.0 ; sys_platform == 'win32'",
      "c==2.0 ; sys_platform == 'linux'",
    ]);
  });

  test("forks where the best version needs a newer Python", async () => {
    const releases: Releases = { "n 1.0": { python: ">=3.8" }, "n 2.0": { python: ">=3.11" }, "m 1.0": ["n"] };
    expect(await lines(releases, ["m"], everywhere)).toEqual([
      "m==1.0",
      "n==1.0 ; python_version < '3.11'",
      "n==2.0 ; python_version >= '3.11'",
    ]);
  });

  test("does not fork for a Python where the package is not needed anyway", async () => {
    const releases: Releases = { "n 1.0": [], "n 2.0": { metadataPython: ">=3.11" } };
    expect(await lines(releases, ["n; python_version >= '3.12'"], everywhere)).toEqual(["n==2.0 ; python_version >= '3.12'"]);
  });

  test("does not differ more than it must", async () => {
    const releases: Releases = {
      "a 1.0": ["c<2; sys_platform == 'win32'", "c>=2; sys_platform != 'win32'"],
      "c 1.0": ["d"],
      "c 2.0": ["d<2"],
      "d 1.0": [],
      "d 2.0": [],
    };
    expect(await lines(releases, ["a"], everywhere)).toContain("d==1.0");
  });

  test("a project that comes from a URL in one part only", async () => {
    const urls: Releases = { "https://x.test/c.whl c 9.0": [] };
    expect(
      await lines({ "c 1.0": [] }, ["c @ https://x.test/c.whl ; sys_platform == 'win32'", "c; sys_platform != 'win32'"], everywhere, urls),
    ).toEqual(["c==1.0 ; sys_platform != 'win32'", "c==9.0 ; sys_platform == 'win32'"]);
  });

  test("limited to some environments", async () => {
    const releases: Releases = { "a 1.0": ["b; sys_platform == 'win32'", "c; sys_platform == 'linux'"], "b 1.0": [], "c 1.0": [] };
    expect(await lines(releases, ["a"], { target: universal(">=3.9", "sys_platform == 'linux'") })).toEqual(["a==1.0", "c==1.0"]);
  });

  test("a clash that no marker can part is a conflict", async () => {
    const releases: Releases = { "a 1.0": ["c<2"], "b 1.0": ["c>=2"], "c 1.0": [], "c 2.0": [] };
    expect((await failureOf(catalogOf(releases), ["a", "b; sys_platform == 'linux'"], everywhere)).code).toBe("RESOLUTION_CONFLICT");
  });

  test("the same bytes in whatever order the catalog answers", async () => {
    const releases: Releases = {
      "a 1.0": ["c<2; sys_platform == 'win32'", "c>=2; sys_platform != 'win32'", "n"],
      "c 1.0": ["d<2"],
      "c 2.0": ["d"],
      "d 1.0": [],
      "d 2.0": [],
      "n 1.0": [],
      "n 2.0": { python: ">=3.11" },
    };
    const expected = JSON.stringify(await resolve(requestOf(["a"], everywhere), catalogOf(releases), { emit: silent }));
    let seed = 3;
    for (let round = 0; round < 20; round += 1) {
      const later = (): Promise<void> => new Promise((done) => setTimeout(done, (seed = (seed * 48271) % 2147483647) % 3));
      expect(JSON.stringify(await resolve(requestOf(["a"], everywhere), catalogOf(releases, {}, later), { emit: silent }))).toBe(expected);
    }
  });
});

/** What of the answer applies to one environment must be all that is needed there, and nothing else. */
function checkFor(environment: MarkerEnvironment, resolution: Resolution, requirements: readonly string[], releases: Releases): void {
  const chosen = new Map<string, string>();
  for (const one of resolution.packages) {
    if (one.marker !== undefined && !evaluateMarker(one.marker, environment)) continue;
    if (chosen.has(one.name)) throw new Error(`two versions of ${one.name}`);
    chosen.set(one.name, one.candidate.versionText);
  }
  const reached = new Set<string>();
  const queue = requirements.map(parseRequirement);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next.marker !== undefined && !evaluateMarker(next.marker, environment)) continue;
    const version = chosen.get(next.name);
    if (version === undefined || !specifiersContain(next.specifiers, parseVersion(version)))
      throw new Error(`${next.name} is not met by ${version}`);
    if (reached.has(next.name)) continue;
    reached.add(next.name);
    const release = releases[`${next.name} ${version}`] as { needs: string[]; python: string };
    if (!specifiersContain(parseRequirement(`python${release.python}`).specifiers, parseVersion(environment.python_full_version)))
      throw new Error(`${next.name} ${version} does not run there`);
    queue.push(...release.needs.map(parseRequirement));
  }
  for (const name of chosen.keys()) if (!reached.has(name)) throw new Error(`${name} is not needed there`);
}

test("a careful bound at Python 4 splits nothing", async () => {
  const releases = {
    "a 1.0": { needs: [], python: ">=3.6" },
    "a 2.0": { needs: [], python: ">=3.8,<4" },
    "b 1.0": { needs: [], python: "~=3.8" },
  };
  const resolution = await resolve(requestOf(["a", "b"], everywhere), catalogOf(releases), { emit: silent });
  expect(
    resolution.packages.map((one) => `${one.name} ${one.candidate.versionText} ${one.marker === undefined ? "always" : "sometimes"}`),
  ).toEqual(["a 2.0 always", "b 1.0 always"]);
});

test("400 random catalogs: right for every environment, one by one", async () => {
  let solved = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    let state = seed * 7919;
    const below = (limit: number): number => (state = (state * 48271) % 2147483647) % limit;
    const names = ["a", "b", "c", "d"];
    const markers = [
      "",
      "",
      "; sys_platform == 'win32'",
      "; sys_platform != 'win32'",
      "; python_version < '3.11'",
      "; python_version >= '3.11'",
      "; python_version < '3.12' and sys_platform == 'linux'",
    ];
    const need = (): string =>
      `${names[below(4)]}${["", "", ">=2.0", "<2.0", "==1.0", "!=2.0"][below(6)]}${markers[below(markers.length)]}`;
    const releases: Record<string, { needs: string[]; python: string }> = {};
    for (const name of names) {
      for (const version of ["1.0", "2.0", "3.0"])
        releases[`${name} ${version}`] = {
          needs: Array.from({ length: below(3) }, need),
          python: [">=3.8", ">=3.8", ">=3.10", ">=3.12", "<3.13,>=3.8"][below(5)]!,
        };
    }
    const requirements = [need(), need(), need()];
    let resolution: Resolution;
    try {
      resolution = await resolve(requestOf(requirements, everywhere), catalogOf(releases), { emit: silent });
    } catch (error) {
      if (!isPenError(error) || error.code === "INTERNAL") throw error;
      continue;
    }
    solved += 1;
    for (const python of ["3.9.1", "3.10.2", "3.11.0", "3.12.4", "3.13.1", "3.14.0"]) {
      for (const platform of ["linux", "win32", "darwin"]) {
        const environment = {
          ...linux,
          python_full_version: python,
          python_version: python.split(".").slice(0, 2).join("."),
          sys_platform: platform,
        };
        try {
          checkFor(environment, resolution, requirements, releases);
        } catch (error) {
          throw new Error(`seed ${seed}, ${python} on ${platform}: ${String(error)} in ${JSON.stringify({ requirements, releases })}`, {
            cause: error,
          });
        }
      }
    }
  }
  expect(solved).toBeGreaterThan(100);
});
