/** Locks (PEP 751) where requirements files are named. pip tells that this is an experiment; that line is not compared. */
import type { Line } from "../line.ts";

interface Locked {
  readonly name: string;
  readonly version: string;
  readonly filename?: string;
  /** Lines of the package's table. */
  readonly more?: string;
  readonly hash?: string;
  /** Lines instead of those of a file. */
  readonly source?: string;
  readonly place?: string;
}

function locked({ name, version, more = "", source, ...one }: Locked): string {
  const filename = one.filename ?? `${name.replaceAll("-", "_")}-${version}-py3-none-any.whl`;
  const place = one.place ?? `url = "{files}/${filename}"`;
  const file = `wheels = [{name = "${filename}", ${place}, hashes = {sha256 = "${one.hash ?? `{sha256:${filename}}`}"}}]\n`;
  return `[[packages]]\nname = "${name}"\nversion = "${version}"\n${more}${source ?? file}\n`;
}

const lock = (...packages: readonly Locked[]): string => `lock-version = "1.0"\ncreated-by = "test"\n${packages.map(locked).join("")}`;
const withGroups = (text: string): string =>
  text.replace("created-by", 'extras = ["one"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["docs"]\ncreated-by');

const lib = { name: "lib", version: "1.0" };
const extraOne = { name: "extra-one", version: "1.0" };
const extraTwo = { name: "extra-two", version: "2.0.post1" };
const choices = withGroups(
  lock(
    lib,
    { ...extraOne, more: `marker = "'one' in extras"\n` },
    { name: "both", version: "1.0", more: `marker = "'dev' in dependency_groups"\n` },
    { ...extraTwo, more: `marker = "'docs' in dependency_groups"\n` },
  ),
);
const zeros = "0".repeat(64);
const sdist = `sdist = {name = "built-1.0.tar.gz", url = "{files}/built-1.0.tar.gz", hashes = {sha256 = "{sha256:built-1.0.tar.gz}"}}\n`;

export const pylockLines: readonly Line[] = [
  { args: "install -r pylock.toml", files: { "pylock.toml": lock(lib, { name: "app", version: "1.0" }) } },
  { args: "install -r pylock.toml", in: "some", files: { "pylock.toml": lock({ name: "lib", version: "1.5" }) } },
  { args: "install -r pylock.toml", in: "some", files: { "pylock.toml": lock(lib) } },
  { args: "install -r pylock.dev.toml", files: { "pylock.dev.toml": lock(lib) } },
  {
    args: "install -r deep/pylock.toml",
    files: { "deep/pylock.toml": lock({ ...lib, place: 'path = "lib-1.0-py3-none-any.whl"' }) },
    first: ["download -q -d deep lib==1.0"],
  },
  {
    args: "install -r pylock.toml -r r.txt",
    files: { "pylock.toml": lock(lib), "r.txt": `extra-two==2.0.post1 --hash=sha256:{sha256:extra_two-2.0.post1-py3-none-any.whl}\n` },
  },
  { args: "install -r pylock.toml extra-two", files: { "pylock.toml": lock(lib) } },
  { args: "install -r pylock.toml", files: { "pylock.toml": lock({ ...lib, hash: zeros }) } },
  { args: "install -r pylock.toml", files: { "pylock.toml": lock({ ...lib, more: `marker = "sys_platform == 'win32'"\n` }, extraTwo) } },
  { args: "install -r pylock.toml", files: { "pylock.toml": choices } },
  { args: "install -r pylock.toml[one]", files: { "pylock.toml": choices } },
  { args: "install --group pylock.toml:dev", files: { "pylock.toml": choices } },
  { args: "install -r pylock.toml --group pylock.toml:dev", files: { "pylock.toml": choices } },
  { args: "install -r pylock.toml", files: { "pylock.toml": lock({ name: "built", version: "1.0", source: sdist }) } },
  {
    args: "install -r pylock.toml",
    files: {
      "pylock.toml": lock({
        name: "built",
        version: "1.0",
        source: `archive = {url = "{files}/built-1.0.tar.gz", hashes = {sha256 = "{sha256:built-1.0.tar.gz}"}}\n`,
      }),
    },
  },
  { args: "download -q -d out -r pylock.toml", files: { "pylock.toml": lock(lib, extraTwo) } },
  { args: "wheel -q -w out -r pylock.toml", files: { "pylock.toml": lock(lib, extraTwo) } },
  { args: "install -r pylock.toml", files: { "pylock.toml": "lock-version = '1.0'\n" } },
  { args: "install -r pylock.toml", files: { "pylock.toml": lock(lib).replace("1.0", "2.0") } },
  { args: "install -r pylock.toml", files: { "pylock.toml": `requires-python = ">=4"\n${lock(lib)}` } },
  { args: "install -r pylock.toml" },
  { args: "install -r pylock.toml", files: { "pylock.toml": lock(lib, { ...lib, version: "1.5" }) } },
  { args: "install -c pylock.toml lib", files: { "pylock.toml": lock(lib) } },
  { args: "uninstall -y -r pylock.toml", in: "some", files: { "pylock.toml": lock(lib) } },
  {
    args: "install -r pylock.toml",
    files: { "pylock.toml": lock({ name: "app", version: "1.0" }) },
    apart: {
      what: ["status", "words", "environment"],
      why: "pip follows what a locked package needs, and stops where the lock does not have it; a lock is installed as it is (PEP 751)",
    },
  },
];
