/** Corners: what a command leaves of what people wrote, and what it makes of files that are not as they should be. */
import { pipfile, type TwinCase } from "./twins.ts";

const one = pipfile('[packages]\nsix = "<1.16"  # why\n\n[dev-packages]\nclick = "<8"\n');
const locked = pipfile('[packages]\nflask = "<2"\n\n[dev-packages]\nsix = {version = "*", markers = "python_version >= \'3\'"}\n');

export const cornerCases: Readonly<Record<string, TwinCase>> = {
  "install one more package keeps the comments": {
    files: { Pipfile: pipfile('# head\n\n[packages]\n# first\nsix = "<1.16"  # why\n\n[dev-packages]\n') },
    steps: ["install itsdangerous"],
  },
  "install a package that is there already, with another version": {
    files: { Pipfile: one },
    steps: ["install 'six>=1.16'"],
    differs: { Pipfile: { why: "pipenv drops the comment of an entry that it replaces", pen: 'six = ">=1.16"  # why' } },
  },
  "install a package in another spelling": {
    files: { Pipfile: pipfile('[packages]\nAsync_Part = "<2"\n') },
    steps: ["install async-part"],
    differs: { Pipfile: { why: "pen keeps the spelling of a name that is there", pen: 'Async_Part = "*"' } },
  },
  "install --skip-lock": { files: { Pipfile: one }, steps: ["install --skip-lock"] },
  "install relocks what is stale": {
    files: { Pipfile: one },
    steps: ["install", { write: { Pipfile: pipfile('[packages]\nsix = "*"\nitsdangerous = "*"\n') } }, "install"],
    differs: {
      "Pipfile.lock": { why: "pen moves only what has to move", pen: '"version": "==1.15.0"' },
      packages: { why: "the same", pen: "itsdangerous==2.0\nsix==1.15.0" },
    },
  },
  "sync removes nothing": {
    files: { Pipfile: one },
    steps: ["install --dev", { write: { Pipfile: pipfile('[packages]\nsix = "<1.16"\n') } }, "lock", "sync"],
  },
  "uninstall a development package": { files: { Pipfile: one }, steps: ["install --dev", "uninstall --dev click"] },
  "uninstall what others need": {
    files: { Pipfile: pipfile('[packages]\nflask = "<2"\nclick = "<8"\n') },
    steps: ["install", "uninstall click"],
    differs: {
      "Pipfile.lock": { why: "pipenv leaves the source at what is no entry of the Pipfile any more", pen: /\],\s+"version": "==7.1.2"/ },
      packages: { why: "pipenv removes what another package needs", pen: "---\nclick==7.1.2\nflask==1.0" },
    },
  },
  sort_pipfile: {
    files: { Pipfile: pipfile('[packages]\nsix = "*"\n\n[pipenv]\nsort_pipfile = true\n') },
    steps: ["install itsdangerous", "install yank-me"],
  },
  "a Pipfile with Windows line ends": { files: { Pipfile: one.replaceAll("\n", "\r\n") }, steps: ["install itsdangerous"] },
  "remove deletes the environment": { files: { Pipfile: one }, steps: ["install", "remove", "--venv"] },
  "requirements without a lock": {
    files: { Pipfile: locked },
    steps: ["requirements"],
    differs: {
      status: { why: "pipenv writes an empty lock and prints nothing", pen: "requirements: 1" },
      "Pipfile.lock": { why: "the same", pen: "(none)" },
    },
  },
  "a lock that is no JSON": {
    files: { Pipfile: locked, "Pipfile.lock": "{" },
    steps: ["sync", "requirements"],
    differs: {
      status: { why: "pipenv takes the second time for a project without a lock", pen: "requirements: 1" },
      "Pipfile.lock": { why: "pen leaves the file as it is", pen: "{" },
      files: { why: "pipenv renames it", pen: /^[\s-]*$/ },
    },
  },
  PIPENV_PIPFILE: {
    files: { "elsewhere/Pipfile": locked },
    env: { PIPENV_PIPFILE: "{project}/elsewhere/Pipfile" },
    environment: "none",
    steps: [{ run: "--where", prints: true }],
  },
  "PIPENV_PIPFILE that is not there": {
    files: { Pipfile: locked },
    env: { PIPENV_PIPFILE: "{project}/none" },
    steps: ["verify", "--where"],
  },
  "--where without a project": { steps: ["--where"] },
  "unknown commands and options": {
    files: { Pipfile: locked },
    steps: ["instal", "install --no-such-option", "graph --json --json-tree", "uninstall"],
  },
  "a Pipfile with a syntax error": { files: { Pipfile: "[packages\n" }, steps: ["lock", "verify", "sync"] },
  "run from a folder below": {
    files: { Pipfile: locked, "below/x": "" },
    steps: [{ run: "run python -c 'import os; print(os.path.basename(os.getcwd()))'", prints: true, from: "below" }],
  },
};
