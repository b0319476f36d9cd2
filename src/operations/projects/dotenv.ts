import { isFolder, pathExists, printableLine, readTextIfAny, warn, type Emit, type Host, dirname, resolve } from "#foundation";
import { applyDotenv, locatePipfile, parseDotenv } from "#project";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";
import { pipenvFlag, pipenvText } from "./variables.ts";

/**
 * The same options with the variables of the project's `.env` file over those of the machine, as pipenv loads it before every command: for
 * `${VARIABLES}` in sources, for pipenv's own settings, for what is run. Errors: as `locatePipfile`, `FILE_SYSTEM`.
 */
export function withDotenv<Options extends OperationOptions>(options: Options): Options & Pick<Settings, "host" | "cacheFolder"> {
  const { host, emit, cacheFolder } = readSettings(options);
  // The cache stays the person's.
  return { ...options, cacheFolder, host: { ...host, env: dotenvVariables(host, emit) } };
}

/** What the `.env` file may not set: it comes with a project, and pen's own settings are the person's. */
const reserved = /^PEN_/i;

/** Who was told already: a command may call several verbs. */
const told = new WeakSet<Emit>();

function dotenvVariables(host: Host, emit: Emit): Host["env"] {
  const { env } = host;
  // The second is python-dotenv's own.
  if (pipenvFlag(host, "DONT_LOAD_ENV") === true || /^(1|true|t|yes|y)$/i.test(env["PYTHON_DOTENV_DISABLED"] ?? "")) return env;
  const chosen = pipenvText(host, "DOTENV_LOCATION");
  const pipfile = locatePipfile(host);
  const root = pipfile === undefined ? host.cwd : dirname(pipfile);
  // pipenv takes it from the working folder for `run`, from the project's for all else.
  const here = resolve(host.cwd, chosen ?? ".env");
  const path = chosen !== undefined && pathExists(here) ? here : resolve(root, chosen ?? ".env");
  const say: Emit = told.has(emit) ? () => {} : emit;
  told.add(emit);
  const text = isFolder(path) ? undefined : readTextIfAny(path);
  if (text === undefined) {
    if (chosen !== undefined)
      warn(say, "dotenv", `PIPENV_DOTENV_LOCATION names no file: ${printableLine(chosen)}. No variables were loaded.`);
    return env;
  }
  const entries = parseDotenv(text, (line) =>
    warn(say, "dotenv", `${printableLine(path)} line ${line} is not understood and was passed over`),
  );
  const kept = entries.filter(({ key }) => !reserved.test(key));
  for (const { key } of entries.filter((entry) => !kept.includes(entry)))
    warn(say, "dotenv", `${printableLine(key)} in ${printableLine(path)} is passed over: a project does not set pen's own variables`);
  if (!env["PIPENV_ACTIVE"]) say({ type: "log", level: "info", code: "dotenv", message: "Loading .env environment variables..." });
  return applyDotenv(kept, env, { override: true });
}
