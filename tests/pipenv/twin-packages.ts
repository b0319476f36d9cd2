/** What the index of the twins offers: few packages, of every kind that a lock treats in a way of its own. */
import type { ServedFile } from "../support/index-server.ts";
import { buildSource } from "../support/sources.ts";
import { projects } from "../support/world.ts";

/** Requires-Python of the packages that are here for its forms. */
export const pythonForms: Readonly<Record<string, string>> = {
  "form-a": ">=3.7.2",
  "form-b": ">3.6,<4",
  "form-c": "<=3.14,>=3.0.0",
  "form-d": ">=3.6.*,<4.0,!=3.8.1,!=3.9.*",
  "form-e": ">=3.7,>=3.8.1,<=3.12",
  "form-f": "~=3.11",
  "form-g": ">3",
  "form-h": "==3.11.*",
  "form-i": "!=3.0.*,!=3.1.*,>=2.7",
};

export function twinPackages(): Record<string, ServedFile[]> {
  const source = buildSource({ name: "source-only", version: "1.0", requires: ["itsdangerous"] });
  const wheels = projects(
    {
      name: "six",
      version: "1.15.0",
      requiresPython: ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*",
      served: { requiresPython: ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*" },
    },
    {
      name: "six",
      version: "1.16.0",
      requiresPython: ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*",
      served: { requiresPython: ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*" },
    },
    { name: "six", version: "2.0.0rc1" },
    // Two files of one version: both hashes are locked.
    { name: "click", version: "7.1.2", requiresPython: ">=2.7" },
    {
      name: "click",
      version: "8.1.0",
      requiresPython: ">=3.7",
      requires: ["colorama; platform_system == 'Windows'"],
      served: { requiresPython: ">=3.7" },
    },
    {
      name: "click",
      version: "8.1.0",
      tag: "cp311-cp311-win_amd64",
      requiresPython: ">=3.7",
      requires: ["colorama; platform_system == 'Windows'"],
      served: { requiresPython: ">=3.7" },
    },
    { name: "colorama", version: "0.4.5", requires: ["winpart"] },
    { name: "colorama", version: "0.4.6", requires: ["winpart"] },
    { name: "winpart", version: "1.0" },
    { name: "itsdangerous", version: "2.0" },
    {
      name: "Flask",
      version: "1.0",
      requires: ["click>=6,<8", "itsdangerous"],
      requiresPython: ">=3.6",
      served: { requiresPython: ">=3.6" },
    },
    {
      name: "Flask",
      version: "2.0",
      requires: ["click>=7.1.2", "itsdangerous>=2", "async-part>=1; extra == 'async'"],
      extras: ["async", "dotenv"],
      requiresPython: ">=3.7",
      entryPoints: { console_scripts: { flask: "flask:main" } },
      files: { "flask/__init__.py": "def main():\n    print('flask')\n" },
      served: { requiresPython: ">=3.7" },
    },
    { name: "async-part", version: "1.0", requires: ["six"] },
    { name: "async-part", version: "1.1", requires: ["six>=1.16"] },
    // Needs what nothing fits.
    { name: "stubborn", version: "1.0", requires: ["click<7"] },
    { name: "yank-me", version: "1.0" },
    { name: "yank-me", version: "1.1", served: { yanked: "broken" } },
    { name: "name_with.dots", version: "1.0" },
    { name: "future", version: "3.0", requiresPython: ">=4", served: { requiresPython: ">=4" } },
    { name: "future", version: "2.0" },
    { name: "old-pythons", version: "1.0", requires: ["six; python_version < '3.5'", "click; python_version >= '3.5'"] },
    { name: "Naming.Needs", version: "1.0", requires: ["name_with.dots", "Async-Part>=1"] },
    { name: "extra-needs", version: "1.0", requires: ["flask[async]"] },
    // With files of the forms that were before wheels, which a lock names too.
    { name: "old-forms", version: "1.0" },
    { name: "spelled", version: "1.0", requires: ["async-part; extra == 'Of_Two.Words'"], extras: ["Of_Two.Words"] },
    { name: "spelling-needs", version: "1.0", requires: ["spelled[Of_Two.Words]"] },
    { name: "platform-needs", version: "1.0", requires: ["six; sys_platform == 'linux'"] },
    ...Object.entries(pythonForms).map(([name, requiresPython]) => ({ name, version: "1.0", served: { requiresPython } })),
  );
  const old = ["1.0-py2.7.egg", "1.0.win32-py2.7.exe", "1.0.win-amd64.msi", "1.0-1.noarch.rpm", "1.0.linux-x86_64.tar.gz"].map((end) => ({
    filename: `old_forms-${end}`,
    bytes: Buffer.from(end),
  }));
  return { ...wheels, "old-forms": [...(wheels["old-forms"] ?? []), ...old], "source-only": [source] };
}
