/** What the index of the differential test offers, and what lines may refer to by a place. */
import { createHash } from "node:crypto";
import type { ServedFile } from "../support/index-server.ts";
import { buildSource, type BuiltSource } from "../support/sources.ts";
import { buildWheel, type BuiltWheel } from "../support/wheels.ts";
import { projects, withFields } from "../support/world.ts";

const wheels = projects(
  {
    name: "app",
    version: "1.0",
    requires: ["lib<2", 'only-windows; sys_platform == "win32"', 'extra-one>=1; extra == "one"', 'extra-two; extra == "two"'],
    extras: ["one", "two"],
    entryPoints: { console_scripts: { app: "app:main" }, gui_scripts: { "app-gui": "app:main" }, "app.plugins": { first: "app" } },
    metadata: withFields(
      "Summary: An application",
      "Author: A. Person",
      "License: MIT",
      "Keywords: app",
      "Project-URL: Source, https://example.org/src",
    ),
    files: { "app/__init__.py": "def main():\n    print('app')\n", "app/data/text.txt": "text\n" },
    dataFiles: { "data/share/app/readme.txt": "read me\n", "scripts/app-script": "#!python\nprint('script')\n" },
  },
  { name: "app", version: "0.9", requires: ["lib<1.6"] },
  { name: "lib", version: "1.0" },
  { name: "lib", version: "1.5" },
  { name: "lib", version: "1.6", served: { yanked: "broken" } },
  { name: "lib", version: "2.0" },
  { name: "lib", version: "3.0rc1" },
  { name: "extra-one", version: "1.0" },
  { name: "extra-one", version: "1.1", requires: ["lib"] },
  { name: "extra-two", version: "2.0.post1" },
  { name: "only-windows", version: "1.0", tag: "py3-none-win_amd64" },
  { name: "Dotted.Name_Pkg", version: "1.0+local.1" },
  { name: "needs-new-lib", version: "1.0", requires: ["lib>=2"] },
  { name: "needs-old-lib", version: "1.0", requires: ["lib<1.2"] },
  { name: "needs-nowhere", version: "1.0", requires: ["nowhere>=1"] },
  { name: "needs-app-one", version: "1.0", requires: ["app[one]"] },
  { name: "old-python", version: "1.0", requiresPython: "<3", served: { requiresPython: "<3" } },
  { name: "python-split", version: "1.0", requiresPython: ">=3.6", served: { requiresPython: ">=3.6" } },
  { name: "python-split", version: "2.0", requiresPython: ">=4", served: { requiresPython: ">=4" } },
  { name: "only-pre", version: "1.0a1" },
  { name: "only-pre", version: "1.0b2" },
  { name: "all-yanked", version: "1.0", served: { yanked: true } },
  { name: "circle-a", version: "1.0", requires: ["circle-b"] },
  { name: "circle-b", version: "1.0", requires: ["circle-a"] },
  { name: "fast", version: "1.0", tag: "cp312-cp312-manylinux2014_x86_64" },
  { name: "fast", version: "1.0", tag: "cp312-cp312-win_amd64" },
  { name: "fast", version: "1.0", tag: "cp313-cp313-macosx_11_0_arm64" },
  { name: "same-file", version: "1.0", files: { "shared.py": "same = 1\n" } },
  { name: "namespace-a", version: "1.0", files: { "space/a.py": "a = 1\n" } },
  { name: "namespace-b", version: "1.0", files: { "space/b.py": "b = 1\n" } },
  { name: "both", version: "1.0" },
  { name: "colour", version: "1!2.0" },
  {
    name: "described",
    version: "2.1",
    metadata: (honest) => `${honest}Summary: With a body\nDescription-Content-Type: text/markdown\n\n# Body\n`,
  },
);

/** Projects that build with a backend of their own, which needs nothing. */
const sources: Readonly<Record<string, BuiltSource>> = {
  "built-1.0": buildSource({ name: "built", version: "1.0" }),
  "built-1.1": buildSource({ name: "built", version: "1.1", requires: ["lib<2"] }),
  "both-1.1": buildSource({ name: "both", version: "1.1" }),
  "failing-1.0": buildSource({
    name: "failing",
    version: "1.0",
    backend:
      "def prepare_metadata_for_build_wheel(*a, **k):\n    raise SystemExit('the backend gives up')\nbuild_wheel = prepare_metadata_for_build_wheel\n",
  }),
};

const source = (key: string): ServedFile => {
  const built = sources[key];
  if (built === undefined) throw new Error(key);
  return { filename: built.filename, bytes: built.bytes };
};

export const offered: Record<string, ServedFile[]> = {
  ...wheels,
  built: [source("built-1.0"), source("built-1.1")],
  both: [...(wheels["both"] ?? []), source("both-1.1")],
  failing: [source("failing-1.0")],
};

/** A second index, with other versions. */
export const otherOffered: Record<string, ServedFile[]> = projects({ name: "lib", version: "1.7" }, { name: "elsewhere", version: "1.0" });

/** A wheel that no index has. */
export const local: BuiltWheel = buildWheel({ name: "local-wheel", version: "0.3", requires: ["lib<2"] });

export const filesByKey: ReadonlyMap<string, { readonly filename: string; readonly bytes: Uint8Array }> = new Map(
  [...Object.values(offered).flat(), local].map((file) => [file.filename, file]),
);

/** The hexadecimal digest of an offered file. */
export function digestOf(filename: string, algorithm: string): string {
  const file = filesByKey.get(filename);
  if (file === undefined) throw new Error(`Nothing offers ${filename}`);
  return createHash(algorithm).update(file.bytes).digest("hex");
}
