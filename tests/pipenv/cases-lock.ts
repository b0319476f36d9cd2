/** What `lock` writes. */
import { buildSource, projectFiles } from "../support/sources.ts";
import { buildWheel } from "../support/wheels.ts";
import { pythonForms } from "./twin-packages.ts";
import type { TwinCase } from "./twins.ts";

const source = '[[source]]\nurl = "{index}"\nverify_ssl = true\nname = "local"\n\n';

const lock = (pipfile: string, more: Partial<TwinCase> = {}): TwinCase => ({
  files: { Pipfile: `${source}${pipfile}` },
  steps: ["lock"],
  ...more,
});

const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

/** pipenv locks what only other platforms need without version or hash, and leaves out what that needs. */
const whole = { why: "pen locks what another platform needs, and all below it" };

export const lockCases: Readonly<Record<string, TwinCase>> = {
  "nothing to lock": lock("[packages]\n"),
  "one package": lock('[packages]\nsix = "*"\n', { steps: ["lock", { run: "verify", prints: true }] }),
  "both categories, and what they need": lock('[packages]\nflask = "<2"\n\n[dev-packages]\nclick = "*"\nold-pythons = "*"\n'),
  "categories of one's own, bounded by the packages": lock(
    '[packages]\nclick = "<8"\n\n[dev-packages]\nsix = "*"\n\n[docs]\nclick = "*"\nsix = "<2"\n\n[tests]\n',
  ),
  "categories that are not bounded": lock(
    '[packages]\nsix = "<1.16"\n\n[dev-packages]\nsix = "*"\n\n[pipenv]\nuse_default_constraints = false\n',
  ),
  "names of every spelling": lock('[packages]\nName_With_Dots = "*"\nAsync_Part = "*"\n"Naming.Needs" = "*"\n'),
  "Requires-Python of every form": lock(
    `[packages]\n${Object.keys(pythonForms)
      .map((name) => `${name} = "*"\n`)
      .join("")}`,
  ),
  "extras, in a text and in a table": lock(
    '[packages]\nflask = {version = "*", extras = ["async", "dotenv"]}\nextra-needs = "*"\nclick = "<8"\n',
  ),
  "an extra of two words, as another package spells it": lock('[packages]\nspelling-needs = "*"\n', {
    steps: ["lock", "lock", { run: "requirements", prints: true }, "install"],
  }),
  "an extra of two words, as both spell it": lock(
    '[packages]\nspelling-needs = "*"\nspelled = {version = "*", extras = ["of_two_words"]}\n',
  ),
  "markers and keys that are markers": lock(
    `[packages]
flask = {version = "<2", sys_platform = "== 'linux'"}
six = {version = "*", markers = "python_version >= '3.5' or os_name == 'nt'", index = "local"}
async-part = {version = "<1.1", os_name = "== 'posix'"}
winpart = {version = "*", platform_machine = "!= 'vax'", markers = "sys_platform != 'win32'"}
old-pythons = {version = "*", python_version = ">= '3.6'", sys_platform = "== 'linux'", platform_machine = "!= 'vax'"}
`,
  ),
  "what only another platform needs": lock('[packages]\nclick = ">=8"\ncolorama = {version = "<0.4.6", sys_platform = "== \'win32\'"}\n', {
    differs: { "Pipfile.lock": { ...whole, pen: /"winpart": \{\s+"hashes"/ } },
  }),
  "what a requirement asks for on this platform alone": lock('[packages]\nplatform-needs = "*"\n', {
    differs: { "Pipfile.lock": { why: "pen keeps the platform in the marker", pen: "and sys_platform == 'linux'" } },
  }),
  "files of forms that nothing installs any more": {
    files: { Pipfile: `${source.replace("{index}", "{origin}/simple")}[packages]\nold-forms = "*"\n` },
    steps: ["lock"],
  },
  "pre-releases, and yanked versions": lock('[packages]\nsix = ">=2.0.0rc1"\nyank-me = "*"\n', {
    steps: [
      "lock",
      { write: { Pipfile: `${source}[packages]\nyank-me = "==1.1"\nsix = "*"\n\n[pipenv]\nallow_prereleases = true\n` } },
      "lock",
    ],
  }),
  "folders, also in development mode": {
    files: {
      Pipfile: `${source}[packages]\nplain = {path = "./plain"}\nEdit_Able = {path = "sub/edit", editable = true}\n\n[dev-packages]\nclick = "<8"\n`,
      ...below("plain", projectFiles({ name: "plain", version: "1", requires: ["six<2"] })),
      ...below("sub/edit", projectFiles({ name: "Edit_Able", version: "1", requires: ["itsdangerous"] })),
    },
    steps: ["lock"],
  },
  "a folder in development mode, with an extra": {
    files: {
      Pipfile: `${source}[packages]\nedit-able = {path = "./edit", editable = true, extras = ["more"]}\n`,
      ...below(
        "edit",
        projectFiles({
          name: "edit-able",
          version: "1",
          requires: ["click<8", "itsdangerous; extra == 'more'"],
          backend: '_plain = _metadata\ndef _metadata():\n    return _plain() + "Provides-Extra: more\\n"\n',
        }),
      ),
    },
    steps: ["lock", "install"],
  },
  "archives of this machine": {
    files: {
      Pipfile: `${source}[packages]\nheld = {file = "dist/held-1.0-py3-none-any.whl"}\nsourced = {path = "./dist/sourced-1.0.tar.gz"}\n`,
      ...archives(),
    },
    steps: ["lock"],
  },
  "a source that must be built": lock('[packages]\nsource-only = "*"\n'),
  "what the resolver shall skip, and what shall be built": lock(
    '[packages]\nflask = {version = "==1.0", skip_resolver = true}\nsix = {version = "*", no_binary = true}\n',
  ),
  "two sources": {
    files: {
      Pipfile: `${source}[[source]]\nurl = "{origin}/simple"\nverify_ssl = false\nname = "other"\n\n[packages]\nflask = {version = "<2", index = "other"}\nsix = "*"\n\n[dev-packages]\nclick = {version = "<8", index = "other"}\n`,
    },
    steps: ["lock"],
  },
  "a source with variables": {
    files: {
      Pipfile: '[[source]]\nurl = "http://${WHO}:${SECRET}@{host}/simple"\nverify_ssl = false\nname = "own"\n\n[packages]\nsix = "*"\n',
    },
    env: { WHO: "me", SECRET: "s3cr3t" },
    steps: ["lock"],
  },
  "a Python that is asked for": lock('[packages]\nflask = "<2"\n\n[requires]\npython_version = "3.11"\n'),
  "a lock that is there already": lock('[packages]\nsix = "<1.16"\n\n[dev-packages]\nflask = "<2"\n', {
    steps: [
      "lock",
      { write: { Pipfile: `${source}[packages]\nsix = "*"\n\n[dev-packages]\nclick = "<8"\n` } },
      "lock",
      { run: "verify", prints: true },
    ],
  }),
  "one category alone": lock('[packages]\nsix = "<1.16"\n\n[dev-packages]\nitsdangerous = "*"\n', {
    steps: [
      "lock",
      { write: { Pipfile: `${source}[packages]\nsix = "*"\n\n[dev-packages]\nclick = "<8"\n` } },
      "lock --categories dev-packages",
    ],
  }),
  "what cannot be": lock('[packages]\nclick = ">=8"\nstubborn = "*"\n'),
};

function archives(): Record<string, Uint8Array> {
  const wheel = buildWheel({ name: "held", version: "1.0", requires: ["itsdangerous"] });
  const sdist = buildSource({ name: "sourced", version: "1.0", requires: ["click<8"] });
  return { [`dist/${wheel.filename}`]: wheel.bytes, [`dist/${sdist.filename}`]: sdist.bytes };
}
