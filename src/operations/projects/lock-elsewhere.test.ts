/** What is locked of packages that only another platform can use. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openLockWorld, type LockWorld } from "../../../tests/support/lock-world.ts";
import { projects } from "../../../tests/support/world.ts";

let world: LockWorld;
beforeAll(async () => {
  // The first is for a Python that is not the project's.
  const wheels = ["cp36", "cp311", "cp312", "cp313"].map((tag) => ({
    name: "console",
    version: "1.0",
    tag: `${tag}-${tag}-win_amd64`,
    requires: [`for-${tag}`],
  }));
  const needed = wheels.flatMap(({ requires }) => requires).map((name) => ({ name, version: "1.0" }));
  world = await openLockWorld({ projects: projects(...wheels, ...needed) });
});
afterAll(() => world?.close());

test.each(["3.11", "3.12", "3.13"])("the wheel for the project's Python says what is needed there: %s", async (version) => {
  const project = world.project(
    `[packages]\nconsole = {version = "*", sys_platform = "== 'win32'"}\n\n[requires]\npython_version = "${version}"\n`,
  );
  await world.lock(project);
  const entries = world.entries(project);
  expect(Object.keys(entries)).toEqual(["console", `for-cp${version.replace(".", "")}`]);
  // The hashes are of all files all the same.
  expect(entries["console"]?.["hashes"]).toHaveLength(4);
});
