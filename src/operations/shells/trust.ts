import {
  dataDir,
  makeFolders,
  PenError,
  printableLine,
  readBytesIfAny,
  readTextIfAny,
  realPath,
  sha256Hex,
  statusOf,
  writeAtomic,
  type Host,
  join,
} from "#foundation";
import { isEnvironment, locateEnvironment, scriptsFolderIn } from "#venv";
import { environmentFolder } from "../environments/environment-names.ts";
import { readSettings, type OperationOptions } from "../settings.ts";

/**
 * Which environments the shell hook may activate. The answer is kept for the real path of the environment, the very folder and `pyvenv.cfg` that
 * stand there, and what its activation scripts hold: one that was changed or replaced, by a version control system say, is asked about again.
 */
export type Trust = "trusted" | "refused" | "unknown";

export interface ProjectTrust {
  /** The environment, as it is to be activated. */
  readonly root: string;
  readonly trust: Trust;
}

/** The environment of the folder one is in (`.venv` there or above) and whether it is trusted; undefined where there is none. */
export async function projectTrust(options: OperationOptions = {}): Promise<ProjectTrust | undefined> {
  const { host } = readSettings(options);
  const { VIRTUAL_ENV: _active, ...env } = host.env;
  const root = locateEnvironment({ ...host, env });
  if (root === undefined || !isEnvironment(root)) return undefined;
  const wanted = fingerprint(root);
  const known = readList(host).find(({ path }) => path === wanted.path);
  const isSame = known?.scripts === wanted.scripts && known.identity === wanted.identity;
  if (known === undefined || (known.trusted && !isSame)) return { root, trust: "unknown" };
  return { root, trust: known.trusted ? "trusted" : "refused" };
}

/** Remembers that an environment may (or may not, or is to be asked about again) be activated by the hook. Gives its folder. Errors: `ENV_NOT_FOUND`. */
export async function setTrust(options: OperationOptions & { readonly path?: string | undefined; readonly trust: Trust }): Promise<string> {
  const { host } = readSettings(options);
  const root = chosen(host, options.path);
  const print = fingerprint(root);
  const others = readList(host).filter(({ path }) => path !== print.path);
  const list = options.trust === "unknown" ? others : [...others, { ...print, trusted: options.trust === "trusted" }];
  makeFolders(dataDir(host));
  writeAtomic(listPath(host), `${JSON.stringify({ version: 1, environments: list }, undefined, 1)}\n`, { mode: 0o600 });
  return root;
}

/** A project's folder means its `.venv`. */
function chosen(host: Host, path: string | undefined): string {
  const { VIRTUAL_ENV: _active, ...env } = host.env;
  const named = path === undefined ? undefined : environmentFolder(path, host);
  const root = named !== undefined && isEnvironment(named) ? named : locateEnvironment({ ...host, env, cwd: named ?? host.cwd });
  if (root !== undefined && isEnvironment(root)) return root;
  throw new PenError("ENV_NOT_FOUND", `There is no virtual environment in ${printableLine(named ?? host.cwd)}`, {
    why: "It has no .venv, and neither has a folder above.",
    hint: "Make one: pen venv",
  });
}

interface Entry {
  readonly path: string;
  /** Hash over what the hook would read into a shell. */
  readonly scripts: string;
  /** Tells the folder from another one that stands at its path later. */
  readonly identity: string;
  readonly trusted: boolean;
}

function fingerprint(root: string): Omit<Entry, "trusted"> {
  const folder = join(root, scriptsFolderIn(root));
  const scripts = ["activate", "activate.fish", "activate.ps1"].map((name) => {
    const bytes = readBytesIfAny(join(folder, name));
    return bytes === undefined ? "" : sha256Hex(bytes);
  });
  const path = realPath(root);
  const config = join(path, "pyvenv.cfg");
  const [own, inside] = [statusOf(path), statusOf(config)];
  // A new folder may get the number of one that is gone, but not with the same file in it.
  const identity = [own?.device, own?.inode, inside?.inode, inside?.mtimeMs, readTextIfAny(config)].join();
  return { path, scripts: sha256Hex(scripts.join()), identity: sha256Hex(identity) };
}

const listPath = (host: Host): string => join(dataDir(host), "trusted.json");

/** A list that cannot be understood trusts nobody. */
function readList(host: Host): readonly Entry[] {
  try {
    const parsed: unknown = JSON.parse(readTextIfAny(listPath(host)) ?? "{}");
    const list = typeof parsed === "object" && parsed !== null && "environments" in parsed ? parsed.environments : [];
    return Array.isArray(list) ? list.filter(isEntry) : [];
  } catch {
    return [];
  }
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" &&
  value !== null &&
  "path" in value &&
  typeof value.path === "string" &&
  "scripts" in value &&
  typeof value.scripts === "string" &&
  "identity" in value &&
  typeof value.identity === "string" &&
  "trusted" in value &&
  typeof value.trusted === "boolean";
