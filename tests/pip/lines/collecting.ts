import type { Line } from "../line.ts";

const emptyFolder = { what: ["work"], why: "A download that fails leaves no folder behind, where pip leaves an empty one" } as const;

export const downloadLines: readonly Line[] = [
  { args: "download lib" },
  { args: "download app -d there" },
  { args: "download --no-deps app" },
  { args: "download --dest deep/there lib==1.0" },
  { args: "download -r r.txt -d there", files: { "r.txt": "lib\nextra-two\n" } },
  { args: "download -c c.txt lib", files: { "c.txt": "lib<1.2\n" } },
  { args: "download --pre lib" },
  { args: "download {files}/lib-1.0-py3-none-any.whl" },
  { args: "download {local}" },
  { args: "download --no-deps --no-binary :all: built==1.0" },
  { args: "download built==1.0 --no-deps" },
  { args: "download --only-binary :all: --platform win_amd64 --python-version 3.12 fast" },
  { args: "download --only-binary :all: --platform manylinux2014_x86_64 --python-version 312 --implementation cp --abi cp312 fast" },
  { args: "download --only-binary :all: --platform macosx_12_0_arm64 --python-version 3.13 fast" },
  {
    args: "download --platform win_amd64 -d there fast",
    apart: { what: ["status", "work"], why: "pen builds nothing for another machine, so it needs no --only-binary; see docs/pip.md" },
  },
  { args: "download --only-binary :all: --platform win32 -d there fast", apart: emptyFolder },
  { args: "download -d there nowhere", apart: emptyFolder },
  { args: "download lib", first: ["download -q lib"] },
  { args: "download old-python -d there", apart: emptyFolder },
  { args: "download old-python --ignore-requires-python" },
  { args: "download --require-hashes lib==1.0 -d there", apart: emptyFolder },
  { args: "download" },
  { args: "download -q lib" },
];

export const wheelLines: readonly Line[] = [
  { args: "wheel lib" },
  { args: "wheel -w there app" },
  { args: "wheel --wheel-dir there --no-deps app" },
  {
    args: "wheel built==1.0",
    apart: { what: ["work", "words"], why: "Each is built anew, at another time; pen says of built wheels too where it saved them" },
  },
  {
    args: "wheel {shared}/project --no-deps",
    apart: { what: ["work", "words"], why: "Each is built anew, at another time; pen says of built wheels too where it saved them" },
  },
  { args: "wheel -r r.txt", files: { "r.txt": "lib<2\n" } },
  { args: "wheel failing" },
  { args: "wheel" },
  { args: "wheel nowhere" },
];

export const lockLines: readonly Line[] = [
  { args: "lock lib", documents: ["pylock.toml"] },
  { args: "lock app -o pylock.app.toml", documents: ["pylock.app.toml"] },
  { args: "lock -r r.txt", files: { "r.txt": "app[one]\n" }, documents: ["pylock.toml"] },
  {
    args: "lock {local}",
    documents: ["pylock.toml"],
    apart: { what: ["status", "work"], why: "pen locks no path of this machine outside the lock's folder: nobody else could use it" },
  },
  { args: "lock lib==1.6", documents: ["pylock.toml"] },
  { args: "lock -e {shared}/project", documents: ["pylock.toml"], apart: { what: ["status"], why: "pip ends with a traceback" } },
  { args: "lock nowhere" },
  { args: "lock" },
];
