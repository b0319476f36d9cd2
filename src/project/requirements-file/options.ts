import type { FileOptions } from "./types.ts";

/** An option that stands on a line of its own: it takes a value, or is a flag. */
export type FileOptionRule = { readonly names: readonly string[] } & (
  | { readonly apply: (value: string) => Partial<FileOptions> }
  | { readonly flag: Partial<FileOptions> }
);

const names = (value: string): string[] => value.split(",").map((item) => item.trim());

/** The options of pip's requirements file format that stand on a line of their own. */
const rules: readonly FileOptionRule[] = [
  { names: ["-i", "--index-url", "--pypi-url"], apply: (value) => ({ indexUrl: value }) },
  { names: ["--extra-index-url"], apply: (value) => ({ extraIndexUrls: [value] }) },
  { names: ["-f", "--find-links"], apply: (value) => ({ findLinks: [value] }) },
  { names: ["--no-binary"], apply: (value) => ({ noBinary: names(value) }) },
  { names: ["--only-binary"], apply: (value) => ({ onlyBinary: names(value) }) },
  { names: ["--trusted-host"], apply: (value) => ({ trustedHosts: [value] }) },
  { names: ["--use-feature"], apply: (value) => ({ features: [value] }) },
  { names: ["--no-index"], flag: { noIndex: true } },
  { names: ["--pre"], flag: { prereleases: true } },
  { names: ["--prefer-binary"], flag: { preferBinary: true } },
  { names: ["--require-hashes"], flag: { requireHashes: true } },
];

/** The full name of an option that stands on a line of its own or leads to another file: long names may be cut short where that leaves no doubt. */
export function fullOptionName(written: string): string {
  if (fileOptionNames.includes(written) || !written.startsWith("--")) return written;
  const begun = fileOptionNames.filter((name) => name.startsWith(written));
  return begun.length === 1 ? (begun[0] ?? written) : written;
}

/** The rule of an option that stands on a line of its own; undefined for an unknown one. */
export function fileOptionRule(name: string): FileOptionRule | undefined {
  return rules.find(({ names }) => names.includes(name));
}

/** The names of all options, for 'did you mean'. */
export const fileOptionNames: readonly string[] = rules
  .flatMap(({ names }) => names)
  .concat("-r", "--requirement", "-c", "--constraint", "-e", "--editable", "--hash");

export const noFileOptions: FileOptions = {
  indexUrl: undefined,
  extraIndexUrls: [],
  noIndex: false,
  findLinks: [],
  noBinary: [],
  onlyBinary: [],
  preferBinary: false,
  prereleases: false,
  requireHashes: false,
  trustedHosts: [],
  features: [],
};

/** Lists add up; a later single value replaces an earlier one. */
export function mergeFileOptions(base: FileOptions, more: Partial<FileOptions>): FileOptions {
  return combineFileOptions([base, more]);
}

/** {@link mergeFileOptions} for any number of them. */
export function combineFileOptions(all: ReadonlyArray<Partial<FileOptions>>): FileOptions {
  const list = (key: ListOption): string[] => all.flatMap((one) => one[key] ?? []);
  const isSet = (key: FlagOption): boolean => all.some((one) => one[key] === true);
  return {
    indexUrl: all.findLast((one) => one.indexUrl !== undefined)?.indexUrl,
    extraIndexUrls: list("extraIndexUrls"),
    noIndex: isSet("noIndex"),
    findLinks: list("findLinks"),
    noBinary: list("noBinary"),
    onlyBinary: list("onlyBinary"),
    preferBinary: isSet("preferBinary"),
    prereleases: isSet("prereleases"),
    requireHashes: isSet("requireHashes"),
    trustedHosts: list("trustedHosts"),
    features: list("features"),
  };
}

type ListOption = "extraIndexUrls" | "findLinks" | "noBinary" | "onlyBinary" | "trustedHosts" | "features";
type FlagOption = "noIndex" | "preferBinary" | "prereleases" | "requireHashes";
