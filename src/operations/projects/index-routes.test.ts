import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isPenError } from "#foundation";
import { defaultIndexUrl } from "#index";
import { startIndex, type IndexServer } from "../../../tests/support/index-server.ts";
import { openLockWorld, type LockWorld } from "../../../tests/support/lock-world.ts";
import { projects, python } from "../../../tests/support/world.ts";
import type { Project } from "./project.ts";

// What the public index has, and what the company's own has beside it.
const publicWheels = [
  { name: "requests", version: "2.0" },
  { name: "shared", version: "9.0" },
  { name: "secret-lib", version: "99.0" },
  { name: "open", version: "1.0", requires: ["requests"] },
  { name: "evil", version: "1.0", requires: ["secret-lib"] },
  { name: "sharing", version: "1.0", requires: ["mirrored"] },
  { name: "mirrored", version: "2.0" },
  { name: "mirrored", version: "1.0" },
];
const companyWheels = [
  { name: "company", version: "1.0", requires: ["secret-lib", "requests", "mirrored"] },
  { name: "secret-lib", version: "1.0", requires: ["deep-secret"] },
  { name: "deep-secret", version: "1.0" },
  { name: "shared", version: "1.0" },
  { name: "mirrored", version: "1.0" },
];

describe.skipIf(python === undefined)("which source a package comes from", () => {
  let world: LockWorld;
  let company: IndexServer;
  const user = { username: "me", password: "s3cr3t-canary" };
  beforeAll(async () => {
    world = await openLockWorld({ projects: projects(...publicWheels) }, { COMPANY_USER: user.username, COMPANY_PASSWORD: user.password });
    company = await startIndex({ projects: projects(...companyWheels), auth: user });
  });
  afterAll(async () => {
    await company?.close();
    await world?.close();
  });

  const project = (packages: string, first: "public" | "company" = "public"): Project => {
    const own = `[[source]]\nname = "public"\nurl = "${world.index.indexUrl}"\nverify_ssl = true\n\n`;
    const url = company.indexUrl.replace("://", "://${COMPANY_USER}:${COMPANY_PASSWORD}@");
    const other = `[[source]]\nname = "company"\nurl = "${url}"\nverify_ssl = true\n\n`;
    return world.project(`${first === "public" ? own + other : other + own}[packages]\n${packages}`);
  };
  const versions = (of: Project): Record<string, unknown> =>
    Object.fromEntries(Object.entries(world.entries(of)).map(([name, { version }]) => [name, version]));

  test("a package without an index comes from the first source, and the others are not asked", async () => {
    company.requests.length = 0;
    const one = project('shared = "*"\nopen = "*"\n');
    await world.lock(one);
    expect(versions(one)).toEqual({ open: "==1.0", requests: "==2.0", shared: "==9.0" });
    expect(company.requests).toBeEmpty();
    const absent = await world.lock(project('company = "*"\n')).catch((error: unknown) => error);
    expect(isPenError(absent, "PACKAGE_NOT_FOUND")).toBe(true);
    expect(company.requests).toBeEmpty();
  });

  test("dependency confusion: what a private package needs is never taken from the public index when the private one has it", async () => {
    world.index.requests.length = 0;
    const one = project('company = {version = "*", index = "company"}\n');
    await world.lock(one);
    expect(versions(one)).toEqual({
      company: "==1.0",
      "deep-secret": "==1.0",
      mirrored: "==1.0",
      requests: "==2.0",
      "secret-lib": "==1.0",
    });
    // The public index hears of no private name.
    expect(world.index.paths("/simple/").filter((path) => path.includes("secret") || path.includes("company"))).toBeEmpty();
  });

  test("dependency confusion: a name that means another project in each source is refused, and an index in the Pipfile decides", async () => {
    const packages = 'company = {version = "*", index = "company"}\nevil = "*"\n';
    const error = await world.lock(project(packages)).catch((thrown: unknown) => thrown);
    if (!isPenError(error, "RESOLUTION_CONFLICT")) throw error;
    expect(error.message).toContain("secret-lib is one project in");
    expect(error.hint).toContain("secret-lib = {version");
    const decided = project(`${packages}secret-lib = {version = "*", index = "company"}\n`);
    await world.lock(decided);
    expect(versions(decided)).toMatchObject({ evil: "==1.0", "secret-lib": "==1.0" });
    expect(world.entries(decided)["secret-lib"]).toMatchObject({ index: "company" });
  });

  test("a mirror of the same files is no other project", async () => {
    const one = project('company = {version = "*", index = "company"}\nsharing = "*"\n');
    await world.lock(one);
    expect(versions(one)).toMatchObject({ mirrored: "==1.0", sharing: "==1.0" });
  });

  test("with the private source first, its packages need nothing from the public one", async () => {
    world.index.requests.length = 0;
    const one = project('company = "*"\n', "company");
    const error = await world.lock(one).catch((thrown: unknown) => thrown);
    // requests is in the public index alone, and nothing of that was asked for.
    expect(isPenError(error, "PACKAGE_NOT_FOUND")).toBe(true);
    expect(world.index.requests).toBeEmpty();
  });

  test("a source that is not there is one clear error", async () => {
    const error = await world.lock(project('open = {version = "*", index = "elsewhere"}\n')).catch((thrown: unknown) => thrown);
    if (!isPenError(error, "INVALID_PROJECT")) throw error;
    expect(error.message).toContain("elsewhere");
    expect(error.hint).toContain("public, company");
  });

  test("credentials stand in no lock, event or error", async () => {
    world.events.length = 0;
    const one = project('company = {version = "*", index = "company"}\n');
    const report = await world.lock(one);
    expect(company.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
    const failing = await world.lock(project('absent = {version = "*", index = "company"}\n')).catch((thrown: unknown) => thrown);
    const said = JSON.stringify([
      report,
      world.events,
      isPenError(failing) ? [failing.message, failing.why, failing.hint, failing.data] : "",
    ]);
    expect(said + readFileSync(one.lockPath, "utf8")).not.toContain(user.password);
    expect(readFileSync(one.lockPath, "utf8")).toContain("${COMPANY_USER}:${COMPANY_PASSWORD}@");
    const literal = world.project(
      `[[source]]\nname = "company"\nurl = "${company.indexUrl.replace("://", `://me:${user.password}@`)}"\nverify_ssl = true\n\n[packages]\nshared = "*"\n`,
    );
    await world.lock(literal);
    expect(readFileSync(literal.lockPath, "utf8")).not.toContain(user.password);
    const unset = world.project(one.pipfile.text.replaceAll("COMPANY_USER", "NOT_SET"));
    const error = await world.lock(unset).catch((thrown: unknown) => thrown);
    expect(isPenError(error, "INVALID_PROJECT") && error.message).toBe("The variable NOT_SET is not set");
  });

  test("PIPENV_PYPI_MIRROR stands in for the public index, and is written nowhere", async () => {
    const mirrored = { ...world.host, env: { ...world.host.env, PIPENV_PYPI_MIRROR: world.index.indexUrl } };
    const one = world.project(`[[source]]\nname = "pypi"\nurl = "${defaultIndexUrl}"\nverify_ssl = true\n\n[packages]\nopen = "*"\n`);
    await world.lock(one, { host: mirrored });
    expect(versions(one)).toEqual({ open: "==1.0", requests: "==2.0" });
    expect(readFileSync(one.lockPath, "utf8")).not.toContain(world.index.origin);
  });
});
