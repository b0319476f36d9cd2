import { PenError, printableLine } from "#foundation";
import type { ConfigSettings } from "#builds";
import { normalizeName, type NormalizedName } from "#standards";

/** What would run if a source were built: shown to the person who decides. */
export interface BuildQuestion {
  /** `markupsafe 3.0.2`, or the place of a source that nobody has named yet. */
  readonly what: string;
  readonly name: string | undefined;
  /** URL or path, without credentials. */
  readonly origin: string;
  /** The build backend, `module:object`. */
  readonly backend: string;
  /** What is installed into the build environment first. */
  readonly requires: readonly string[];
}

/** What a person says about building from source. */
export interface BuildChoices {
  /** Build whatever has no usable wheel. Default false: only local projects that were named themselves. */
  readonly allowAll?: boolean;
  /** Build these projects where they have no usable wheel. */
  readonly allow?: readonly string[];
  /** Asked before a source is built that nothing else allows; without it the answer is no. */
  readonly confirm?: (question: BuildQuestion) => Promise<boolean>;
  /** Default true: each build has an environment of its own. False: it uses the packages of the environment that is installed into. */
  readonly isolation?: boolean;
  /** Passed to every backend; also as `KEY=VALUE` texts. */
  readonly settings?: ConfigSettings | readonly string[];
  /** Passed to the backends of single projects, over {@link settings}. By name in any spelling; also as `NAME:KEY=VALUE` texts. */
  readonly packageSettings?: Readonly<Record<string, ConfigSettings>> | readonly string[];
  /** Requirements files whose versions bound what goes into build environments. */
  readonly constraintFiles?: readonly string[];
  /** Milliseconds for one run of a backend; default one hour, 0 for no limit. */
  readonly timeoutMs?: number;
  /** Take an older version with a wheel before a newer one that must be built. */
  readonly preferWheels?: boolean;
  /** Where repositories are kept that are installed in development mode; default `src` in the environment. */
  readonly sourceFolder?: string | undefined;
}

/** The same with everything read. */
export interface ReadBuildChoices extends Omit<BuildChoices, "settings" | "packageSettings"> {
  readonly settings: ConfigSettings;
  readonly packageSettings: ReadonlyMap<NormalizedName, ConfigSettings>;
}

/** Reads what is given as text. Errors: USAGE. */
export function readChoices({ settings = {}, packageSettings = {}, ...rest }: BuildChoices): ReadBuildChoices {
  const single = isTexts(packageSettings) ? parsePackageSettings(packageSettings) : packageSettings;
  return {
    ...rest,
    settings: isTexts(settings) ? parseSettings(settings) : settings,
    packageSettings: new Map(Object.entries(single).map(([name, its]) => [normalizeName(name), its])),
  };
}

const isTexts = (value: object): value is readonly string[] => Array.isArray(value);

/** Which kinds of files may be used of which project, as pip's `--only-binary` and `--no-binary` say. */
export interface FormatControl {
  allowsWheel(name: NormalizedName): boolean;
  allowsSource(name: NormalizedName): boolean;
}

/**
 * The two options as pip understands them: a list of names, `:all:` for every project (which forgets what was said before), `:none:` for none. What is
 * said of a project by name weighs more than what is said of all.
 */
export function formatControl(noBinary: Iterable<string>, onlyBinary: Iterable<string>): FormatControl {
  const [source, binary] = [new Set<string>(), new Set<string>()];
  const say = (values: Iterable<string>, target: Set<string>, other: Set<string>): void => {
    for (const value of values) {
      const word = value.trim();
      if (word === ":all:") {
        other.clear();
        target.clear();
        target.add(word);
      } else if (word === ":none:") target.clear();
      else if (word !== "") {
        const name = normalizeName(word);
        other.delete(name);
        target.add(name);
      }
    }
  };
  say(noBinary, source, binary);
  say(onlyBinary, binary, source);
  const isOnly = (name: NormalizedName, set: Set<string>, other: Set<string>): boolean =>
    set.has(name) || (!other.has(name) && set.has(":all:"));
  return {
    allowsWheel: (name) => binary.has(name) || !isOnly(name, source, binary),
    allowsSource: (name) => !isOnly(name, binary, source),
  };
}

/** `KEY=VALUE` texts as settings: a key that comes again becomes a list, as in pip. Errors: USAGE. */
function parseSettings(texts: readonly string[]): ConfigSettings {
  const found: Record<string, string | string[]> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) {
      throw new PenError("USAGE", `${printableLine(text)} is no setting for a build backend`, {
        hint: "Write it like: --config-settings KEY=VALUE",
      });
    }
    const [key, value] = [text.slice(0, at), text.slice(at + 1)];
    const before = Object.hasOwn(found, key) ? found[key] : undefined;
    Object.defineProperty(found, key, {
      value: before === undefined ? value : [before, value].flat(),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return found;
}

/** `NAME:KEY=VALUE` texts by project. Errors: USAGE. */
function parsePackageSettings(texts: readonly string[]): Record<NormalizedName, ConfigSettings> {
  const byName = new Map<NormalizedName, string[]>();
  for (const text of texts) {
    const [, name, setting] = /^([^:=]+):(.+)$/s.exec(text) ?? [];
    if (name === undefined || setting === undefined) {
      throw new PenError("USAGE", `${printableLine(text)} is no setting for the backend of one package`, {
        hint: "Write it like: --config-settings-package NAME:KEY=VALUE",
      });
    }
    const key = normalizeName(name);
    byName.set(key, [...(byName.get(key) ?? []), setting]);
  }
  return Object.fromEntries([...byName].map(([name, settings]) => [name, parseSettings(settings)])) as Record<
    NormalizedName,
    ConfigSettings
  >;
}

/** What holds for one project: the settings for all with its own over them, and those that its requirement line gives over both. */
export function settingsFor(choices: ReadBuildChoices, name: NormalizedName | undefined, own: readonly string[]): ConfigSettings {
  const single = name === undefined ? undefined : choices.packageSettings.get(name);
  return { ...choices.settings, ...single, ...parseSettings(own.map(settingOf)) };
}

/** The options behind a requirement in a requirements file: `--config-settings=KEY=VALUE`. */
function settingOf(option: string): string {
  const [, setting] = /^(?:--config-settings?|-C)=(.*)$/s.exec(option) ?? [];
  if (setting !== undefined) return setting.replace(/^(["'])(.*)\1$/s, "$2");
  throw new PenError("INVALID_REQUIREMENT", `${printableLine(option)} cannot be given to a build`, {
    why: "Options of setup.py are not passed on: pip has dropped them, too.",
    hint: "Give the backend a setting: --config-settings KEY=VALUE",
  });
}
