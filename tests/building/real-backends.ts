/**
 * What the tests with real build backends share: the backends' wheels as an index offers them, projects for each backend, and a look into the wheels
 * that come out. The wheels are other people's: they stand in the folder that PEN_TEST_WHEELS names (see .ci/run), not in this repository.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServedFile } from "../support/index-server.ts";
import { tarGz } from "../support/sources.ts";
import { tool } from "../support/tools.ts";
import { python } from "../support/world.ts";

const folder = process.env["PEN_TEST_WHEELS"];
const filenames =
  folder === undefined || !existsSync(folder)
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith(".whl"))
        .sort();

/** The wheels of the backends by project. */
export function backendProjects(): Record<string, ServedFile[]> {
  const found: Record<string, ServedFile[]> = {};
  for (const filename of filenames) {
    const name = (filename.split("-")[0] ?? "").replaceAll("_", "-");
    (found[name] ??= []).push({ filename, bytes: readFileSync(join(folder ?? "", filename)) });
  }
  return found;
}

/** The real pip of PEN_TEST_TOOLS. */
export const pip: string | undefined = tool("pip");

/** True where a C compiler and the headers of the Python stand: extension modules can be built. */
const compiles: boolean =
  spawnSync("cc", ["--version"]).status === 0 &&
  python !== undefined &&
  spawnSync(python, ["-I", "-c", "import sysconfig, os, sys; sys.exit(not os.path.exists(sysconfig.get_path('include') + '/Python.h'))"])
    .status === 0;

/** What is missing here for the tests with real backends; undefined when all is there. */
export const missing: string | undefined =
  filenames.length === 0
    ? "PEN_TEST_WHEELS with the backends' wheels"
    : pip === undefined
      ? "PEN_TEST_TOOLS with pip 26"
      : compiles
        ? undefined
        : "a C compiler and the headers of Python";

export interface BackendProject {
  /** What it is an example of. */
  readonly what: string;
  /** Name and version as the backend writes them in file names. */
  readonly stem: string;
  /** A module of it that can be imported. */
  readonly module: string;
  readonly files: Readonly<Record<string, string>>;
  /** A console script that prints `hello`. */
  readonly script?: string;
  readonly compiled?: boolean;
}

const quick = `#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "quick", "", -1, 0};
PyMODINIT_FUNC PyInit_quick(void) { return PyModule_Create(&module); }
`;
const main = "def main():\n    print('hello')\n";
const system = (backend: string, ...requires: readonly string[]): string =>
  `[build-system]\nrequires = ${JSON.stringify(requires)}\nbuild-backend = ${JSON.stringify(backend)}\n`;
const project = (name: string, more: string): string =>
  `[project]\nname = ${JSON.stringify(name)}\ndescription = "An ünüsual description"\nrequires-python = ">=3.8"\ndependencies = ["greeting>=1; python_version >= '3'"]\n${more}\n` +
  `[project.optional-dependencies]\nextra = ["toolkit"]\n[project.scripts]\n${name.replaceAll("_", "-")}-run = "${name.replaceAll("-", "_")}:main"\n`;
const licence = 'license = "MIT OR Apache-2.0"\nlicense-files = ["LICENSE*", "third/NOTICE"]\n';
const licences = { LICENSE: "MIT\n", "LICENSE.apache": "Apache\n", "third/NOTICE": "Others\n" };
const readme = { "README.md": "# Read me\n\nwith text\n" };

export const examples: readonly BackendProject[] = [
  {
    what: "setuptools: src layout, data, an extension module, a version that is read from the code, PEP 639",
    stem: "st_full-1.2",
    module: "st_full.quick",
    script: "st-full-run",
    compiled: true,
    files: {
      "pyproject.toml":
        `${system("setuptools.build_meta", "setuptools>=77")}${project("st-full", `dynamic = ["version"]\nreadme = "README.md"\n${licence}`)}` +
        '[tool.setuptools.dynamic]\nversion = {attr = "st_full.__version__"}\n[tool.setuptools.package-data]\nst_full = ["data/*.txt"]\n' +
        '[[tool.setuptools.ext-modules]]\nname = "st_full.quick"\nsources = ["quick.c"]\n',
      "src/st_full/__init__.py": `__version__ = "1.2"\n${main}`,
      "src/st_full/data/table.txt": "1 2 3\n",
      "quick.c": quick,
      ...readme,
      ...licences,
    },
  },
  {
    what: "setuptools: a setup.py without pyproject.toml, with scripts and an extension module",
    stem: "st_old-3.0",
    module: "st_old",
    script: "st-old-run",
    compiled: true,
    files: {
      "setup.py":
        'from setuptools import setup, Extension\nsetup(name="st.Old", version="3.0", packages=["st_old"], package_data={"st_old": ["*.txt"]}, scripts=["bin/st-old-tool"],\n' +
        '    install_requires=["greeting"], extras_require={"x": ["toolkit"]}, ext_modules=[Extension("st_old.quick", ["quick.c"])],\n' +
        '    entry_points={"console_scripts": ["st-old-run=st_old:main"]})\n',
      "st_old/__init__.py": main,
      "st_old/words.txt": "a b\n",
      "bin/st-old-tool": "#!/usr/bin/env python\nprint('tool')\n",
      "quick.c": quick,
    },
  },
  {
    what: "hatchling: src layout, forced data, a version that is read from the code, PEP 639",
    stem: "hatch_full-0.3",
    module: "hatch_full",
    script: "hatch-full-run",
    files: {
      "pyproject.toml":
        `${system("hatchling.build", "hatchling>=1.26")}${project("hatch-full", `dynamic = ["version"]\nreadme = "README.md"\n${licence}`)}` +
        '[tool.hatch.version]\npath = "src/hatch_full/about.py"\n[tool.hatch.build.targets.wheel.shared-data]\n"etc/hatch.conf" = "etc/hatch.conf"\n',
      "src/hatch_full/__init__.py": main,
      "src/hatch_full/about.py": '__version__ = "0.3"\n',
      "src/hatch_full/data.json": "{}\n",
      "etc/hatch.conf": "on = 1\n",
      ...readme,
      ...licences,
    },
  },
  {
    what: "flit-core: a version that is read from the code, data, PEP 639",
    stem: "flit_full-2.0",
    module: "flit_full",
    script: "flit-full-run",
    files: {
      "pyproject.toml": `${system("flit_core.buildapi", "flit_core>=3.11")}${project("flit_full", `dynamic = ["version"]\nreadme = "README.md"\n${licence}`)}[tool.flit.external-data]\ndirectory = "share"\n`,
      "src/flit_full/__init__.py": `"""Flit."""\n__version__ = "2.0"\n${main}`,
      "src/flit_full/data/table.txt": "1 2 3\n",
      "share/etc/flit.conf": "x\n",
      ...readme,
      ...licences,
    },
  },
  {
    what: "poetry-core: its own table alone, src layout, data",
    stem: "poetry_old-4.1",
    module: "poetry_old",
    script: "poetry-old-run",
    files: {
      "pyproject.toml":
        `${system("poetry.core.masonry.api", "poetry-core>=1.0")}[tool.poetry]\nname = "poetry-old"\nversion = "4.1"\ndescription = "Old"\nauthors = ["Someone <someone@example.org>"]\nreadme = "README.md"\nlicense = "MIT"\n` +
        'packages = [{ include = "poetry_old", from = "src" }]\ninclude = [{ path = "extra.txt", format = ["wheel"] }]\n[tool.poetry.dependencies]\npython = ">=3.8"\ngreeting = "^1.0"\n[tool.poetry.scripts]\npoetry-old-run = "poetry_old:main"\n',
      "src/poetry_old/__init__.py": main,
      "src/poetry_old/data.txt": "x\n",
      "extra.txt": "y\n",
      ...readme,
      ...licences,
    },
  },
  {
    what: "poetry-core: [project] with a dynamic version, PEP 639",
    stem: "poetry_full-4.2",
    module: "poetry_full",
    script: "poetry-full-run",
    files: {
      "pyproject.toml": `${system("poetry.core.masonry.api", "poetry-core>=2.2")}${project("poetry-full", `dynamic = ["version"]\nreadme = "README.md"\n${licence}`)}[tool.poetry]\nversion = "4.2"\n`,
      "poetry_full/__init__.py": main,
      ...readme,
      ...licences,
    },
  },
  {
    what: "pdm-backend: src layout, a version that is read from the code, data, PEP 639",
    stem: "pdm_full-5.0",
    module: "pdm_full",
    script: "pdm-full-run",
    files: {
      "pyproject.toml":
        `${system("pdm.backend", "pdm-backend>=2.4")}${project("pdm-full", `dynamic = ["version"]\nreadme = "README.md"\n${licence}`)}` +
        '[tool.pdm]\nversion = { source = "file", path = "src/pdm_full/__init__.py" }\n[tool.pdm.build.wheel-data]\ndata = [{ path = "etc/*.conf", relative-to = "." }]\n',
      "src/pdm_full/__init__.py": `__version__ = "5.0"\n${main}`,
      "src/pdm_full/data.txt": "x\n",
      "etc/pdm.conf": "on = 1\n",
      ...readme,
      ...licences,
    },
  },
  {
    what: "scikit-build-core: an extension module by CMake, src layout, PEP 639",
    stem: "skb_full-6.0",
    module: "skb_full.quick",
    script: "skb-full-run",
    compiled: true,
    files: {
      "pyproject.toml": `${system("scikit_build_core.build", "scikit-build-core>=0.11")}${project("skb-full", `version = "6.0"\nreadme = "README.md"\n${licence}`)}`,
      "CMakeLists.txt":
        "cmake_minimum_required(VERSION 3.18)\nproject(skb LANGUAGES C)\nfind_package(Python REQUIRED COMPONENTS Interpreter Development.Module)\n" +
        "Python_add_library(quick MODULE quick.c WITH_SOABI)\ninstall(TARGETS quick DESTINATION skb_full)\n",
      "quick.c": quick,
      "src/skb_full/__init__.py": main,
      ...readme,
      ...licences,
    },
  },
];

/** The source distribution of an example, as its own backend would pack it but for PKG-INFO. */
export function archiveOf({ stem, files }: BackendProject): ServedFile {
  const bytes = tarGz(Object.entries(files).map(([path, content]) => ({ name: `${stem}/${path}`, content })));
  return { filename: `${stem}.tar.gz`, bytes };
}
