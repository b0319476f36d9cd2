import { excerpt } from "#foundation";
import { kindOf, own, type TomlValue } from "../toml/reading.ts";
import { didYouMean, type TomlPlaces, type WarnAt } from "../toml/places.ts";
import type { PipfileSettings } from "./types.ts";

const caseModes = ["off", "canonical", "pypi"] as const;

const known: ReadonlySet<string> = new Set([
  "allow_prereleases",
  "sort_pipfile",
  "use_default_constraints",
  "install_search_all_sources",
  "disable_pip_input",
  "venv_in_project",
  "use_pylock",
  "pylock_name",
  "resolver",
  "resolver_backend",
  "resolver_timeout_seconds",
  "prefetch_index_manifests",
  "package_name_case",
  "cool-down-period",
]);

/** `[pipenv]`. Errors: `INVALID_PROJECT` for a value of the wrong kind; a key that is not known is a warning. */
export function readSettings(value: TomlValue | undefined, places: TomlPlaces, warn: WarnAt): PipfileSettings {
  const table = value === undefined ? {} : places.table(value, ["pipenv"]);
  for (const key of Object.keys(table))
    if (!known.has(key)) warn(["pipenv", key], `[pipenv] knows no setting ${excerpt(key)}; it is passed over.`, didYouMean(key, known));
  const wrong = (key: string, found: TomlValue, wanted: string): Error =>
    places.error(["pipenv", key], { message: `has the setting ${key} with ${kindOf(found)}`, hint: `Write ${key} = ${wanted}` });
  const flag = (key: string): boolean | undefined => {
    const found = own(table, key);
    if (found === undefined || typeof found === "boolean") return found;
    throw wrong(key, found, "true or false");
  };
  const text = (key: string): string | undefined => {
    const found = own(table, key);
    if (found === undefined) return undefined;
    if (typeof found !== "string") throw wrong(key, found, '"…"');
    return found.trim() === "" ? undefined : found.trim();
  };
  const seconds = (key: string): number | undefined => {
    const found = own(table, key);
    if (found === undefined) return undefined;
    const number = typeof found === "bigint" || typeof found === "number" ? Number(found) : Number.NaN;
    if (number > 0 && Number.isFinite(number)) return number;
    throw places.error(["pipenv", key], { message: `has a setting ${key} that is no time`, hint: `Write the seconds: ${key} = 600` });
  };
  const nameCase = (): PipfileSettings["packageNameCase"] => {
    const found = own(table, "package_name_case");
    if (found === undefined || found === false) return undefined;
    if (found === true) return "canonical";
    if (typeof found !== "string") throw wrong("package_name_case", found, '"canonical"');
    const mode = caseModes.find((one) => one === found.trim().toLowerCase());
    if (mode === undefined && !["", "false", "none", "no", "0"].includes(found.trim().toLowerCase()))
      warn(["pipenv", "package_name_case"], `package_name_case is none of ${caseModes.join(", ")}; names stay as they are.`);
    return mode;
  };
  const days = (): number | undefined => {
    const key = "cool-down-period";
    const found = own(table, key);
    if (found === undefined) return undefined;
    const match = typeof found === "string" ? /^(\d{1,6})d$/.exec(found) : null;
    if (match !== null) return Number(match[1]);
    throw places.error(["pipenv", key], { message: `has a ${key} that is no number of days`, hint: `Write ${key} = "30d"` });
  };
  return {
    allowPrereleases: flag("allow_prereleases"),
    sortPipfile: flag("sort_pipfile"),
    useDefaultConstraints: flag("use_default_constraints"),
    installSearchAllSources: flag("install_search_all_sources"),
    disablePipInput: flag("disable_pip_input"),
    venvInProject: flag("venv_in_project"),
    usePylock: flag("use_pylock"),
    pylockName: text("pylock_name"),
    resolver: text("resolver_backend") ?? text("resolver"),
    resolverTimeoutSeconds: seconds("resolver_timeout_seconds"),
    prefetchIndexManifests: flag("prefetch_index_manifests"),
    packageNameCase: nameCase(),
    coolDownDays: days(),
  };
}
