/** The packages that the crash tests install: many small files, a shared namespace, scripts, data, headers and a path file. */
import { buildWheel, type WheelOptions } from "../support/wheels.ts";
import type { ServedFile } from "../support/index-server.ts";

/** A wheel as the index serves it. */
export function served(options: WheelOptions): ServedFile {
  const { filename, bytes } = buildWheel(options);
  const requires = (options.requires ?? []).map((line) => `Requires-Dist: ${line}\n`).join("");
  return { filename, bytes, metadata: `Metadata-Version: 2.1\nName: ${options.name}\nVersion: ${options.version}\n${requires}` };
}

/** `count` modules in folders of 25, some of which change or are gone from version to version. */
function modules(name: string, version: string, count: number): Record<string, string> {
  const files: Record<string, string> = { [`${name}/__init__.py`]: `__version__ = "${version}"\n` };
  for (let at = 0; at < count; at += 1) {
    if (version === "2.0" && at % 50 === 7) continue;
    const changed = version === "2.0" && at % 3 === 0 ? "# newer\n" : "";
    files[`${name}/part${Math.floor(at / 25)}/module${at}.py`] = `${changed}value = ${at}\n`;
  }
  return files;
}

function tools(version: string): WheelOptions {
  return {
    name: "tools",
    version,
    files: { "tools/__init__.py": `def main():\n    print("tools ${version}")\n`, "tools_extra.pth": "# nothing\n" },
    entryPoints: { console_scripts: { "tools-run": "tools:main", [`tools-${version}`]: "tools:main" } },
    dataFiles: {
      "scripts/tools-script": `#!python\nprint("${version}")\n`,
      "data/share/tools/data.txt": `data ${version}\n`,
      "data/etc/tools.conf": "kept\n",
      "headers/tools.h": `/* ${version} */\n`,
    },
  };
}

/** All projects, with `many` small files in the largest. */
export function crashProjects(many: number): Record<string, readonly ServedFile[]> {
  const both = (make: (version: string) => WheelOptions): ServedFile[] => ["1.0", "2.0"].map((version) => served(make(version)));
  const space = (part: string) => (version: string) => ({
    name: `space-${part}`,
    version,
    files: {
      [`space/${part}/__init__.py`]: `version = "${version}"\n`,
      [`space/shared_${part}.py`]: "",
      [`space/deep/${part}/inner/file${version}.txt`]: version,
    },
  });
  return {
    many: both((version) => ({ name: "many", version, files: modules("many", version, many) })),
    "space-one": both(space("one")),
    "space-two": both(space("two")),
    tools: both(tools),
    app: both((version) => ({
      name: "app",
      version,
      requires: [`many==${version}`, `space-one==${version}`, `space-two==${version}`, `tools==${version}`],
      files: modules("app", version, 30),
    })),
  };
}
