import {
  closest,
  pathExists,
  PenError,
  printableLine,
  readText,
  statusOf,
  warn,
  writeAtomic,
  removeFile,
  basename,
  join,
} from "#foundation";
import { changeGuarded, lockEnvironment, recover, type InstallTarget } from "#installer";
import {
  editedConfig,
  inheritanceFile,
  inheritanceText,
  inheritsKey,
  isEnvironment,
  locateEnvironment,
  openEnvironment,
  parsePyvenvConfig,
  type Environment,
} from "#venv";
import { environmentFolder, notFoundHint } from "./environment-names.ts";
import { checkInherited, openInherited } from "./inheritance.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";

/** What of an environment can be changed after it was made. */
export const environmentKeys = ["system-site-packages", "prompt", "inherits"] as const;
export type EnvironmentKey = (typeof environmentKeys)[number];

export interface SetEnvironmentOptions extends OperationOptions {
  /** The folder or the name of an environment, or the Python in one. */
  readonly environment: string;
  readonly key: EnvironmentKey;
  /** `on` or `off`; a text (`.` is the name of the working directory); folders between colons. Empty: as if nothing had been said. */
  readonly value: string;
}

/** What was changed, as `pyvenv.cfg` has it; null where it says nothing. */
export interface ChangedSetting {
  readonly environment: string;
  readonly key: EnvironmentKey;
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * Changes one setting of an environment that any tool made; what else `pyvenv.cfg` says stays, comments too. Happens at once or not at
 * all. Errors: `ENV_NOT_FOUND`, `USAGE` for a key or value that is not understood, `INVALID_CONFIG` for one that the file cannot hold, for `inherits` also
 * `ENV_BROKEN` and `TARGET_UNSUPPORTED`.
 */
export async function setEnvironment(options: SetEnvironmentOptions): Promise<ChangedSetting> {
  const settings = readSettings(options);
  const root = rootOf(options.environment, settings);
  const paths = { purelib: root, platlib: root, scripts: root, data: root, include: root };
  const target: InstallTarget = { root, paths, pythonVersion: "" };
  const lock = await lockEnvironment(target, settings.emit, settings.signal);
  try {
    recover(target, settings.emit);
    switch (checkedKey(options.key)) {
      case "system-site-packages":
        return editOne(root, options, ["include-system-site-packages", [switched(options.value)]]);
      case "prompt":
        return setPrompt(root, options, settings);
      case "inherits":
        return await setInherited(target, options, settings);
    }
  } finally {
    lock.release();
  }
}

function checkedKey(key: string): EnvironmentKey {
  const known = environmentKeys.find((one) => one === key);
  if (known !== undefined) return known;
  const near = closest(key, environmentKeys);
  throw new PenError("USAGE", `An environment has no setting ${printableLine(key)}`, {
    why: "The other keys of pyvenv.cfg say what the environment was made from.",
    hint: `${near === undefined ? "" : `Did you mean ${near}? `}There are: ${environmentKeys.join(", ")}.`,
  });
}

function rootOf(text: string, { host }: Settings): string {
  const folder = environmentFolder(text, host);
  const root = isEnvironment(folder) ? folder : locateEnvironment(host, { python: text });
  if (root !== undefined && isEnvironment(root)) return root;
  throw new PenError("ENV_NOT_FOUND", `There is no virtual environment at ${printableLine(folder)}`, {
    why: pathExists(folder) ? "It has no pyvenv.cfg, or no Python." : "Nothing stands there.",
    hint: notFoundHint(text, host, "See which there are: pen env list"),
    data: { path: folder },
  });
}

function switched(value: string): "true" | "false" {
  if (/^(?:on|true|yes|1)$/i.test(value)) return "true";
  if (/^(?:off|false|no|0)$/i.test(value)) return "false";
  throw new PenError("USAGE", `system-site-packages is on or off, not ${printableLine(value) || "empty"}`, {
    hint: "Type for example: pen env set .venv system-site-packages on",
  });
}

type Edit = readonly [key: string, values: readonly string[]];

const configOf = (root: string): string => join(root, "pyvenv.cfg");

function editOne(root: string, { key }: SetEnvironmentOptions, [name, values]: Edit): ChangedSetting {
  const file = configOf(root);
  const text = readText(file);
  const edited = editedConfig(text, name, values);
  if (edited !== text) writeAtomic(file, edited, { mode: statusOf(file)?.mode ?? 0o644 });
  return changed(root, key, [text, edited, name]);
}

function changed(root: string, key: EnvironmentKey, [before, after, name]: readonly [string, string, string]): ChangedSetting {
  const valueIn = (text: string): string | null => {
    const values = parsePyvenvConfig(text).entries.flatMap(([found, value]) => (found === name ? [value] : []));
    return values.length === 0 ? null : values.join(":");
  };
  return { environment: root, key, before: valueIn(before), after: valueIn(after) };
}

function setPrompt(root: string, options: SetEnvironmentOptions, { host, emit }: Settings): ChangedSetting {
  const prompt = options.value === "." ? basename(host.cwd) : options.value;
  const answer = editOne(root, options, ["prompt", prompt === "" ? [] : [prompt]]);
  if (parsePyvenvConfig(readText(configOf(root))).get("pen") === undefined)
    warn(
      emit,
      "foreign-activation",
      "Another tool made this environment. Its activation scripts hold the prompt themselves, and go on showing the old one.",
    );
  return answer;
}

/** `pyvenv.cfg` and the file that Python reads change together. */
async function setInherited(target: InstallTarget, options: SetEnvironmentOptions, settings: Settings): Promise<ChangedSetting> {
  const { host, cacheFolder, signal } = settings;
  const environment: Environment = await openEnvironment(target.root, { host, cacheFolder, signal });
  const { root, interpreter, paths } = environment;
  const texts = options.value === "" ? [] : options.value.split(":");
  const parents = await openInherited(texts, settings);
  checkInherited(parents, { root, interpreter });
  const roots = parents.map((parent) => parent.root);
  const config = configOf(root);
  const before = readText(config);
  const after = editedConfig(before, inheritsKey, roots);
  const file = join(paths.purelib, inheritanceFile);
  const standing = statusOf(file) !== undefined;
  const replaced = [config, ...(standing ? [file] : [])];
  const created = roots.length > 0 && !standing ? [file] : [];
  changeGuarded(target, { replaced, created }, () => {
    if (roots.length > 0) writeAtomic(file, inheritanceText(roots, interpreter), { mode: 0o644 });
    else if (standing) removeFile(file);
    writeAtomic(config, after, { mode: statusOf(config)?.mode ?? 0o644 });
  });
  return changed(root, options.key, [before, after, inheritsKey]);
}
