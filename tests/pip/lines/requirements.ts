import type { Line } from "../line.ts";

const lib = "lib-1.0-py3-none-any.whl";
const zeros = "0".repeat(64);

export const fileLines: readonly Line[] = [
  { args: "install -r r.txt", files: { "r.txt": "# one\nlib==1.0  # why\n\n" } },
  { args: "install -r r.txt", files: { "r.txt": "lib \\\n  >=1, \\\n  <2\n" } },
  { args: "install -r r.txt -r more.txt", files: { "r.txt": "lib<2\n", "more.txt": "app\n" } },
  {
    args: "install -r r.txt",
    files: { "r.txt": "-r deep/more.txt\n", "deep/more.txt": "-c bound.txt\nlib\n", "deep/bound.txt": "lib<1.2\n" },
  },
  { args: "install -r r.txt", files: { "r.txt": "--index-url {other}\nlib\n" } },
  { args: "install -r r.txt", files: { "r.txt": "--extra-index-url {other}\nlib\nelsewhere\n" } },
  { args: "install -r r.txt", files: { "r.txt": "--no-index\n--find-links {wheels}\nlib\n" } },
  { args: "install -r r.txt", files: { "r.txt": "-f wheels\n--no-index\nlib==1.0\n", "wheels/note.txt": "" } },
  { args: "install -r r.txt", files: { "r.txt": "--pre\nlib\n" } },
  { args: "install -r r.txt", files: { "r.txt": "${NAME}==1.0\n" }, env: { NAME: "lib" } },
  { args: "install -r r.txt", files: { "r.txt": "" } },
  { args: "install -r r.txt", files: { "r.txt": "\ufefflib==1.0\n" } },
  { args: "install -r r.txt", files: { "r.txt": "lib==1.0\r\napp\r\n" } },
  { args: "install -r nowhere.txt" },
  { args: "install -r r.txt", files: { "r.txt": "lib ==\n" } },
  { args: "install -r r.txt", files: { "r.txt": "--no-such-option\n" } },
  { args: "install -r r.txt", files: { "r.txt": "-r r.txt\nlib\n" } },
  { args: "install -r r.txt", files: { "r.txt": "lib==1.0\nlib==2.0\n" } },
  { args: "install -r r.txt", files: { "r.txt": "./{name}\n".replace("{name}", lib) } },
  { args: "install -r r.txt", files: { "r.txt": "{local}\n" } },
  { args: "install -r r.txt", files: { "r.txt": "-e {shared}/project\n" } },
  { args: "install -r r.txt", files: { "r.txt": "--only-binary :all:\nboth\n" } },
  { args: "install -r r.txt", files: { "r.txt": "--no-binary both\nboth\n" } },
  {
    args: "install --group dev",
    files: { "pyproject.toml": '[dependency-groups]\ndev = ["lib<2", {include-group = "more"}]\nmore = ["extra-two"]\n' },
  },
  { args: "install --group deep/pyproject.toml:dev", files: { "deep/pyproject.toml": '[dependency-groups]\ndev = ["lib<2"]\n' } },
  { args: "install --group none", files: { "pyproject.toml": '[dependency-groups]\ndev = ["lib<2"]\n' } },
  { args: "install --requirements-from-script s.py", files: { "s.py": '# /// script\n# dependencies = ["lib<2"]\n# ///\nprint()\n' } },
  { args: "install --only-deps app" },
];

export const constraintLines: readonly Line[] = [
  { args: "install -c c.txt lib", files: { "c.txt": "lib<1.2\n" } },
  { args: "install -c c.txt app", files: { "c.txt": "lib==1.0\nextra-one==1.0\n" } },
  { args: "install -c c.txt app[one]", files: { "c.txt": "extra-one==1.0\n" } },
  { args: "install -c c.txt lib", files: { "c.txt": "LIB == 1.0\n" } },
  { args: "install -c c.txt lib", files: { "c.txt": "lib<1.2\nlib>=1.5\n" } },
  { args: "install -c c.txt lib==2.0", files: { "c.txt": "lib<1.2\n" } },
  { args: "install -c c.txt lib", in: "some", files: { "c.txt": "lib>=1.5\n" } },
  { args: "install -c c.txt lib", files: { "c.txt": "lib[extra]<2\n" } },
  { args: "install -c c.txt lib", files: { "c.txt": "lib @ {files}/lib-1.0-py3-none-any.whl\n" } },
  { args: "install -c c.txt lib", files: { "c.txt": 'lib<1.2; python_version < "3"\n' } },
  { args: "install -c c.txt lib", files: { "c.txt": "-e {shared}/project\n" } },
  { args: "install -c c.txt", files: { "c.txt": "lib<1.2\n" } },
  { args: "install -c nowhere.txt lib" },
];

export const markerLines: readonly Line[] = [
  { args: ["install", 'lib; python_version >= "3"'] },
  { args: ["install", 'lib; python_version < "3"'] },
  { args: ["install", 'lib==1.0; sys_platform == "win32"', 'lib==1.5; sys_platform != "win32"'] },
  { args: "install -r r.txt", files: { "r.txt": 'lib==1.0 ; os_name == "posix" and (python_version > "3.0" or extra == "x")\n' } },
  { args: "install app[one]" },
  { args: "install app[one,two]" },
  { args: "install app[TWO]" },
  { args: "install app[none]" },
  { args: "install app[one]", in: "some" },
  { args: "install app[two]", in: "some" },
  { args: "install app[one] app[two]" },
  { args: ["install", "app [ one ] == 1.0"] },
];

export const hashModeLines: readonly Line[] = [
  { args: "install -r r.txt", files: { "r.txt": `lib==1.0 --hash=sha256:{sha256:${lib}}\n` } },
  { args: "install -r r.txt", files: { "r.txt": `lib==1.0 --hash=sha384:{sha384:${lib}}\n` } },
  { args: "install -r r.txt", files: { "r.txt": `lib==1.0 --hash=sha512:{sha512:${lib}}\n` } },
  { args: "install -r r.txt", files: { "r.txt": `lib==1.0 \\\n  --hash=sha256:${zeros} \\\n  --hash=sha256:{sha256:${lib}}\n` } },
  { args: "install -r r.txt", files: { "r.txt": `lib==1.0 --hash=sha256:${zeros}\n` } },
  { args: "install -r r.txt", files: { "r.txt": `lib==1.0 --hash=sha256:{sha256:${lib}}\nextra-two\n` } },
  {
    args: "install -r r.txt",
    files: { "r.txt": `lib>=1.0 --hash=sha256:{sha256:${lib}}\n` },
    apart: {
      what: ["status", "words", "environment"],
      why: "pip looks for the version that has the hash; pen wants it pinned, as pip documents it",
    },
  },
  { args: "install -r r.txt", files: { "r.txt": `app==1.0 --hash=sha256:{sha256:app-1.0-py3-none-any.whl}\n` } },
  { args: "install --no-deps -r r.txt", files: { "r.txt": `app==1.0 --hash=sha256:{sha256:app-1.0-py3-none-any.whl}\n` } },
  { args: "install -r r.txt", files: { "r.txt": `{files}/${lib} --hash=sha256:{sha256:${lib}}\n` } },
  {
    args: "install -r r.txt",
    files: {
      "r.txt": `{files}/${lib}#sha256={sha256:${lib}}\nextra-two==2.0.post1 --hash=sha256:{sha256:extra_two-2.0.post1-py3-none-any.whl}\n`,
    },
  },
  { args: "install -r r.txt", files: { "r.txt": `-e {shared}/project\nlib==1.0 --hash=sha256:{sha256:${lib}}\n` } },
  { args: "install -r r.txt", files: { "r.txt": `{shared}/project\nlib==1.0 --hash=sha256:{sha256:${lib}}\n` } },
  { args: "install -r r.txt -c c.txt", files: { "r.txt": "lib\n", "c.txt": `lib==1.0 --hash=sha256:{sha256:${lib}}\n` } },
  { args: "install --require-hashes lib==1.0" },
  { args: "install --require-hashes -r r.txt", files: { "r.txt": "lib==1.0\n" } },
  {
    args: "install -r r.txt",
    files: { "r.txt": `lib==1.0 --hash=md5:{md5:${lib}}\n` },
    apart: { what: ["status", "words", "environment"], why: "MD5 is broken: pen refuses it" },
  },
  { args: "install -r r.txt", files: { "r.txt": "lib==1.0 --hash=sha256\n" } },
  { args: "install -r r.txt", in: "some", files: { "r.txt": `lib==1.0 --hash=sha256:{sha256:${lib}}\n` } },
];
