import type { Explanation } from "#operations";

/** What a place of `sys.path` is called. */
export const sourceNames: Readonly<Record<Explanation["path"][number]["source"], string>> = {
  start: "the folder of your script; with -c and -m the working directory",
  pythonpath: "from the variable PYTHONPATH",
  zip: "the standard library as one file",
  "standard-library": "the standard library",
  extensions: "the part of the standard library that is compiled",
  "site-packages": "packages",
  "linked-packages": "packages that pen has linked from its store",
  "path-file": "a line of a .pth file",
  inherited: "packages of an environment that this one inherits from",
  "user-site": "your own packages for this Python version (PEP 370)",
  "base-site-packages": "packages of the base Python (include-system-site-packages)",
};
