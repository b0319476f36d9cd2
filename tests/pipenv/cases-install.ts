/** `install`, `uninstall`, `sync`, `update`, `upgrade`: what becomes of the files and of the environment. */
import type { TwinCase } from "./twins.ts";

const source = '[[source]]\nurl = "{index}"\nverify_ssl = true\nname = "local"\n\n';
const rest = "\n[dev-packages]\n\n[requires]\n";
const six = { Pipfile: `${source}[packages]\nsix = "*"\n` };

const elsewhere = { why: "what click needs on Windows is locked, with its marker", pen: "platform_system == 'Windows'" };
const asItWas = { why: "what fails leaves the Pipfile as it was", pen: /\[packages\]\n[^[]*$/ };
const untouched = { why: "what fails leaves the environment as it was", pen: /^\n---\n$/ };

export const installCases: Readonly<Record<string, TwinCase>> = {
  "a package": { files: { Pipfile: `${source}[packages]\n\n[dev-packages]\n` }, steps: ["install six"] },
  "a version, with a comment beside it": {
    files: { Pipfile: `${source}[packages]\nclick = "<8" # the best\n\n[dev-packages]\n` },
    steps: ["install 'six>=1.15,<1.16'"],
  },
  "an extra and a marker": {
    files: { Pipfile: `${source}[packages]\n\n[dev-packages]\n` },
    steps: ["install 'flask[async]'", "install \"six; python_version > '3'\""],
    differs: { "Pipfile.lock": elsewhere },
  },
  "into dev-packages": { files: six, steps: ["install --dev 'click<8'"] },
  "into a category": { files: six, steps: ["install --categories docs itsdangerous"] },
  "what is locked": { files: { Pipfile: `${source}[packages]\nflask = "<2"\n${rest}` }, steps: ["lock", "install"] },
  "with dev-packages": {
    files: { Pipfile: `${source}[packages]\nsix = "*"\n\n[dev-packages]\nclick = "<8"\n` },
    steps: ["lock", "install --dev"],
  },
  "without a lock": { files: six, steps: ["install"] },
  "a stale lock": { files: six, steps: ["lock", { write: { Pipfile: `${source}[packages]\nsix = "*"\nclick = "<8"\n` } }, "install"] },
  "deploy what is locked": { files: six, steps: ["lock", "install --deploy"] },
  "deploy a stale lock": {
    files: six,
    steps: ["lock", { write: { Pipfile: `${source}[packages]\nclick = "<8"\n` } }, "install --deploy"],
  },
  "ignore the Pipfile": {
    files: six,
    steps: ["lock", { write: { Pipfile: `${source}[packages]\nclick = "<8"\n` } }, "install --ignore-pipfile"],
  },
  "a package that nobody has": {
    files: six,
    steps: ["lock", "install nobody-has-this"],
    differs: { Pipfile: asItWas, packages: untouched },
  },
  "what cannot be met": {
    files: { Pipfile: `${source}[packages]\nsix = "*"\nclick = ">=7,<8"\n` },
    steps: ["lock", "install stubborn"],
    differs: { Pipfile: asItWas, packages: untouched },
  },
  "a requirements file": {
    files: { ...six, "more.txt": "click==7.1.2\nitsdangerous>=2\n" },
    steps: ["install -r more.txt"],
  },
  "a local project, editable": {
    files: { ...six, "lib/setup.py": "from setuptools import setup\nsetup(name='own-lib', version='1.0', py_modules=[])\n" },
    steps: ["sync"],
  },
};

export const syncCases: Readonly<Record<string, TwinCase>> = {
  "what is locked": { files: { Pipfile: `${source}[packages]\nflask = "<2"\n` }, steps: ["lock", "sync", "sync"] },
  "without a lock": { files: six, steps: ["sync"] },
  "a stale lock": { files: six, steps: ["lock", { write: { Pipfile: `${source}[packages]\nclick = "<8"\n` } }, "sync"] },
  "dev-packages": { files: { Pipfile: `${source}[packages]\nsix = "*"\n\n[dev-packages]\nclick = "<8"\n` }, steps: ["lock", "sync --dev"] },
  "a category alone": {
    files: { Pipfile: `${source}[packages]\nsix = "*"\n\n[docs]\nitsdangerous = "*"\n` },
    steps: ["lock", "sync --categories docs"],
  },
  "nothing more than is locked": {
    files: { Pipfile: `${source}[packages]\nsix = "*"\nclick = "<8"\n` },
    steps: ["lock", "sync", { write: { Pipfile: `${source}[packages]\nsix = "*"\n` } }, "lock", "sync --clean"],
  },
};

export const changeCases: Readonly<Record<string, TwinCase>> = {
  "uninstall a package": { files: { Pipfile: `${source}[packages]\nsix = "*"\nclick = "<8"\n` }, steps: ["install", "uninstall six"] },
  "uninstall nothing": { files: six, steps: ["uninstall"] },
  "uninstall all": { files: { Pipfile: `${source}[packages]\nflask = "<2"\n` }, steps: ["install", "uninstall --all"] },
  "uninstall all of dev-packages": {
    files: { Pipfile: `${source}[packages]\nsix = "*"\n\n[dev-packages]\nclick = "<8"\n` },
    steps: ["install --dev", "uninstall --all-dev"],
  },
  "update everything": {
    files: { Pipfile: `${source}[packages]\nsix = "<1.16"\n` },
    steps: ["install", { write: { Pipfile: `${source}[packages]\nsix = "*"\n` } }, "update"],
  },
  "look for updates": { files: { Pipfile: `${source}[packages]\nsix = "*"\n` }, steps: ["install", "update --outdated"] },
  "upgrade one": {
    files: { Pipfile: `${source}[packages]\nsix = "<1.16"\n` },
    steps: ["install", { write: { Pipfile: `${source}[packages]\nsix = "*"\n` } }, "upgrade six"],
    differs: { Pipfile: { why: "pipenv adds [dev-packages]; pen has nothing to change", pen: /six = "\*"\n$/ } },
  },
  clean: {
    files: { Pipfile: `${source}[packages]\nsix = "*"\nclick = "<8"\n` },
    steps: ["install", { write: { Pipfile: `${source}[packages]\nsix = "*"\n` } }, "lock", "clean --dry-run", "clean"],
  },
};

export const lookingCases: Readonly<Record<string, TwinCase>> = {
  verify: {
    files: six,
    steps: [
      "lock",
      { run: "verify", prints: true },
      { write: { Pipfile: `${source}[packages]\nclick = "<8"\n` } },
      { run: "verify", says: ["Pipfile.lock is out-of-date"] },
    ],
  },
  requirements: {
    files: {
      Pipfile: `${source}[packages]\nasync-part = {extras = ["none"], version = "*"}\nflask = {version = "<2", markers = "python_version > '3'"}\n\n[dev-packages]\nitsdangerous = "*"\n\n[docs]\nsix = "*"\n`,
    },
    steps: [
      "lock",
      { run: "requirements", prints: true },
      { run: "requirements --dev", prints: true },
      { run: "requirements --dev-only --hash", prints: true },
      { run: "requirements --exclude-markers --exclude-index", prints: true },
      { run: "requirements --categories docs", prints: true },
      { run: "requirements --from-pipfile", prints: true },
      { run: "requirements --no-lock", prints: true },
    ],
  },
  graph: {
    files: { Pipfile: `${source}[packages]\nflask = "<2"\nasync-part = "*"\n` },
    steps: [
      "install",
      { run: "graph", prints: true },
      { run: "graph --bare", prints: true },
      { run: "graph --json", prints: true },
      { run: "graph --json-tree", prints: true },
      { run: "graph --reverse", prints: true },
      { run: "graph --reverse --json", prints: true },
      { run: "graph --reverse --json-tree", prints: true },
      "graph --json --json-tree",
    ],
  },
  scripts: {
    files: { Pipfile: `${source}[packages]\n\n[scripts]\ntests = "python -m this"\nlong-one = "echo 'a b'"\n` },
    steps: [{ run: "scripts", prints: true }],
  },
  "where things are": {
    files: { ...six, "deep/er/file": "" },
    steps: [
      { run: "--venv", prints: true },
      { run: "--where", prints: true, from: "deep/er" },
      { run: "--py", prints: true },
    ],
  },
};

const scripts =
  '[scripts]\nhi = "echo hello"\nboth = ["echo one", "echo two"]\nfails = ["false", "echo never"]\nfn = {call = "mod:main(\'x\')"}\nvars = "FOO=bar sh -c \'echo $FOO\'"\n';

export const runCases: Readonly<Record<string, TwinCase>> = {
  "a command": {
    files: { Pipfile: `${source}[packages]\n` },
    steps: [{ run: "run echo 'a b' $HOME_OF_NOBODY", prints: true }, "run false"],
  },
  scripts: {
    files: { Pipfile: `${source}[packages]\n\n${scripts}`, "mod.py": "def main(x):\n    print('called', x)\n" },
    steps: [
      { run: "run hi there", prints: true },
      { run: "run both", prints: true },
      { run: "run both more", prints: true },
      { run: "run fails", prints: true },
      { run: "run fn", prints: true },
      { run: "run vars", prints: true },
      { run: "run FOO=baz sh -c 'echo $FOO'", prints: true },
    ],
  },
  "variables of .env": {
    files: { Pipfile: `${source}[packages]\n`, ".env": "A=1\nexport B=\"two ${A}\"\n# no\nC='three'\n" },
    steps: [{ run: "run sh -c 'echo $A-$B-$C-$PIPENV_ACTIVE'", prints: true }],
  },
  "no .env": {
    files: { Pipfile: `${source}[packages]\n`, ".env": "A=1\n" },
    env: { PIPENV_DONT_LOAD_ENV: "1" },
    steps: [{ run: "run sh -c 'echo -$A-'", prints: true }],
  },
  "a word of the shell": { files: { Pipfile: `${source}[packages]\n` }, steps: [{ run: "run type cd", prints: true }] },
  "an unknown command": { files: { Pipfile: `${source}[packages]\n` }, steps: ["run nobody-has-this"] },
};

export const placeCases: Readonly<Record<string, TwinCase>> = {
  "a new project": { environment: "none", env: { PIPENV_TEST_INDEX: "{index}" }, steps: ["install six"] },
  "by name": { files: six, environment: "none", steps: ["install", { run: "--venv", prints: true }] },
  "in the project, as .env says": {
    files: { ...six, ".env": "PIPENV_VENV_IN_PROJECT=1\n" },
    environment: "none",
    steps: ["install", { run: "--venv", prints: true }],
  },
  "in the project": {
    files: six,
    environment: "none",
    env: { PIPENV_VENV_IN_PROJECT: "1" },
    steps: ["install", { run: "--venv", prints: true }],
  },
  "by the Pipfile": {
    files: { Pipfile: `${source}[packages]\nsix = "*"\n\n[pipenv]\nvenv_in_project = true\n` },
    environment: "none",
    steps: ["install", { run: "--venv", prints: true }],
  },
  "a custom name": {
    files: six,
    environment: "none",
    env: { PIPENV_CUSTOM_VENV_NAME: "mine" },
    steps: ["install", { run: "--venv", prints: true }],
  },
  "a .venv file": { files: { ...six, ".venv": "named\n" }, environment: "none", steps: ["install", { run: "--venv", prints: true }] },
  WORKON_HOME: { files: six, environment: "none", env: { WORKON_HOME: "{project}/../home/envs" }, steps: ["install", "remove", "remove"] },
  "none yet": { files: six, environment: "none", steps: ["--venv", "--py", "graph"] },
};
