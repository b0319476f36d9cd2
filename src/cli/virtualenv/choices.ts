import { PenError, printableLine, type Host } from "#foundation";
import type { ActivatorName, AppDataOptions, VirtualenvOptions } from "#operations";
import { tryParseVersion, versionText } from "#standards";
import type { Sourced, Values } from "./sources.ts";

/** What a command line of virtualenv asks for, once all sources are read. */
export interface Choices {
  readonly task: "version" | "upgrade" | "create";
  /** The options of `makeVirtualenv`, but for the place. */
  readonly options: Omit<VirtualenvOptions, "path" | "host" | "onEvent" | "signal">;
  readonly appData: AppDataOptions;
  /** virtualenv's level: 2 shows what was made, less does not, 3 also what led to it. */
  readonly verbosity: number;
  readonly withTraceback: boolean;
  /** True when `--wheel` or `--no-wheel` was said, which do nothing. */
  readonly saysWheel: boolean;
}

/** All activators, in the order in which they are shown. */
export const allActivators: readonly ActivatorName[] = ["bash", "cshell", "fish", "nushell", "powershell", "python", "xonsh"];

/** Turns values into choices. Errors: `USAGE` for options that exclude each other and values that are none. */
export function readChoices(values: Values, host: Host): Choices {
  refuseBoth(values, "verbose", "quiet");
  const wheel = values.text("wheel");
  if (wheel.value !== undefined) seedVersion("--wheel", wheel.value);
  const appData: AppDataOptions = {
    folder: appDataFolder(values, host),
    readOnly: values.flag("read-only-app-data").value,
    reset: values.flag("reset-app-data").value,
  };
  return {
    task: values.flag("version").value ? "version" : values.flag("upgrade-embed-wheels").value ? "upgrade" : "create",
    options: { ...environmentChoices(values), ...seedChoices(values), appData },
    appData,
    verbosity: Math.max(0, values.count("verbose", 2).value - values.count("quiet", 0).value),
    withTraceback: values.flag("with-traceback").value,
    saysWheel: wheel.value !== undefined || values.flag("no-wheel").value,
  };
}

/** Counts of zero and defaults are not said. */
function refuseBoth(values: Values, first: "verbose", second: "quiet"): void {
  if (values.count(first, 0).source === "command line" && values.count(second, 0).source === "command line")
    throw exclusive(`--${first}`, `--${second}`);
}

const exclusive = (first: string, second: string): PenError =>
  new PenError("USAGE", `${second} is not allowed together with ${first}`, { hint: "Leave one of the two out." });

function environmentChoices(values: Values): Omit<VirtualenvOptions, "path"> {
  oneOf("discovery", values.text("discovery"), ["builtin"]);
  const activators = values.text("activators").value;
  const redirect = values.choice("venv-redirect", "no-venv-redirect").value;
  return {
    python: values.list("python").value,
    tryFirstWith: values.list("try-first-with").value,
    creator: values.text("creator").value,
    ...(activators === undefined ? {} : { activators: activatorsOf(activators) }),
    prompt: values.text("prompt").value,
    systemSitePackages: values.flag("system-site-packages").value,
    copies: wantsCopies(values),
    clear: values.flag("clear").value,
    force: values.flag("force").value,
    vcsIgnore: !values.flag("no-vcs-ignore").value,
    ...(redirect === undefined ? {} : { redirect }),
  };
}

const strength = { "command line": 3, variable: 2, file: 1, default: 0 } as const;

/** The stronger source wins; said in one place, copies do. */
function wantsCopies(values: Values): boolean {
  const copies = values.flag("copies", false);
  const symlinks = values.flag("symlinks", true);
  if (copies.source === "command line" && symlinks.source === "command line") throw exclusive("--symlinks", "--copies");
  const yes = [
    ...(copies.value ? [[true, strength[copies.source]] as const] : []),
    ...(symlinks.value ? [[false, strength[symlinks.source]] as const] : []),
  ];
  // With neither of the two, virtualenv copies.
  return yes.sort((a, b) => b[1] - a[1])[0]?.[0] ?? true;
}

function seedChoices(values: Values): Omit<VirtualenvOptions, "path"> {
  const none = values.flag("no-seed").value;
  const version = (name: "pip" | "setuptools"): string | undefined => {
    const text = values.text(name).value;
    const wanted = text === undefined ? undefined : seedVersion(`--${name}`, text);
    return none || values.flag(`no-${name}`).value ? "none" : wanted;
  };
  const download = values.choice("download", "no-download");
  if (values.flag("download").source === "command line" && values.flag("no-download").source === "command line")
    throw exclusive("--download", "--no-download");
  const seeder = oneOf("seeder", values.text("seeder"), ["app-data", "pip"]);
  if (seeder === "pip" && values.flag("symlink-app-data").source === "command line")
    throw new PenError("USAGE", "--symlink-app-data needs --seeder app-data", { hint: "Leave one of the two out: --seeder pip copies." });
  return {
    seeder: seeder === "pip" ? "pip" : "app-data",
    pip: version("pip"),
    setuptools: version("setuptools"),
    ...(download.value === undefined ? {} : { download: download.value }),
    extraSearchFolders: values.list("extra-search-dir").value,
    periodicUpdate: !values.flag("no-periodic-update").value,
    symlinkAppData: values.flag("symlink-app-data").value,
  };
}

function oneOf(name: string, { value, from }: Sourced<string | undefined>, known: readonly string[]): string | undefined {
  if (value === undefined || known.includes(value)) return value;
  throw new PenError("USAGE", `${name} ${printableLine(value)} is not available`, {
    why: from === undefined ? `It was asked for with --${name}.` : `It was asked for by ${from}.`,
    hint: `It takes one of: ${known.join(", ")}.`,
  });
}

/** A comma-separated list; in a variable or the file it may be one of lines. Kept is virtualenv's order. */
function activatorsOf(text: string): ActivatorName[] {
  const names = text
    .split(/[,\r\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const unknown = names.filter((name) => !allActivators.some((known) => known === name));
  if (unknown.length > 0) {
    throw new PenError("USAGE", `These activators are not available: ${unknown.map(printableLine).join(", ")}`, {
      hint: `There are: ${allActivators.join(", ")}. With --activators "" none is written.`,
    });
  }
  return allActivators.filter((name) => names.includes(name));
}

const archive = /\.(?:zip|whl|tar|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz|tlz|tar\.lz|tar\.lzma)$/i;

/** `bundle`, `embed`, `none`, or a version in its normal form. */
function seedVersion(option: string, text: string): string {
  const word = text.trim();
  if (["bundle", "embed", "none"].includes(word)) return word;
  const version = archive.test(word) ? undefined : tryParseVersion(word);
  if (version !== undefined) return versionText(version);
  throw new PenError("USAGE", `${option} does not know the version ${printableLine(text)}`, {
    hint: "It takes bundle, embed, none, or an exact version like 24.0.",
  });
}

/** The option, else the variable that overrides the default place; a blank one counts as unset. */
function appDataFolder(values: Values, host: Host): string | undefined {
  const { value } = values.text("app-data");
  if (value !== undefined) return value;
  const override = host.env["VIRTUALENV_OVERRIDE_APP_DATA"];
  return override === undefined || override.trim() === "" ? undefined : override;
}
