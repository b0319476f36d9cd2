import {
  acquireLock,
  dataDir,
  isFolder,
  isPenError,
  makeFolders,
  PenError,
  printableLine,
  readBytesIfAny,
  realPath,
  removeEmptyFolder,
  removeFile,
  statusOf,
  targetStatusOf,
  warn,
  writeAtomic,
  writeNew,
  type Host,
  dirname,
  join,
} from "#foundation";
import { findInterpreters, type Interpreter } from "#python";
import { requireInIni, undoInIni } from "./ini.ts";
import { markerAt, markerFile, markerText, obeysMarker, pipVersion, reasonForNoMarker } from "./markers.ts";
import { changeablePipFiles, pipFiles, pipSetting } from "./pip.ts";
import { readGuardState, removeGuardState, removeLeftovers, writeGuardState } from "./state.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";

export interface GuardOptions extends OperationOptions {
  /** Set `require-virtualenv` in the user's configuration of pip. Default true. */
  readonly config?: boolean;
  /** Put the marker of PEP 668 into the Pythons that are the person's own. Default true. */
  readonly markers?: boolean;
}

/** A Python outside any environment, and what its pip would do. */
export interface GuardedPython {
  readonly python: string;
  readonly version: string;
  /** The version of its pip; null when it has none. */
  readonly pip: string | null;
  /** True when `pip install` outside an environment is refused, or impossible. */
  readonly refused: boolean;
  /** What refuses: `require-virtualenv`, `externally-managed`, `no-pip`. */
  readonly by: ReadonlyArray<"require-virtualenv" | "externally-managed" | "no-pip">;
  /** Whose marker of PEP 668 it has. */
  readonly marker: "pen" | "other" | null;
  /** Why there is none of pen's; null when there is, or could be. */
  readonly noMarker: string | null;
}

/** A file that was changed, or left as it is against the wish. */
export interface GuardChange {
  readonly path: string;
  readonly kind: "pip-config" | "marker";
  readonly action: "written" | "restored" | "removed" | "kept";
  /** Why it was kept. */
  readonly why: string | null;
}

export interface GuardReport {
  /** True while `pen guard on` holds. */
  readonly on: boolean;
  /** True when every Python here refuses. */
  readonly guarded: boolean;
  /** Where `require-virtualenv` comes from in this shell: a file or a variable; null when nothing says it. */
  readonly requiredBy: string | null;
  readonly pythons: readonly GuardedPython[];
  /** What this call did. */
  readonly changes: readonly GuardChange[];
}

/** Whether `pip install` outside an environment is refused, by every Python that pen finds. Changes nothing. */
export async function guardStatus(options: OperationOptions = {}): Promise<GuardReport> {
  const settings = readSettings(options);
  const { host, cacheFolder, signal } = settings;
  return report(await basePythons({ host, cacheFolder, signal }), [], host);
}

/**
 * Makes pip refuse to install outside an environment, by what pip itself obeys: `require-virtualenv` in the user's configuration, and the marker of
 * PEP 668 in Pythons that are the person's own. What is changed is written down first, so that a command that was killed can be repeated or
 * undone. Doing it twice changes nothing more. Errors: `FILE_SYSTEM` for a configuration that cannot be written.
 */
export async function guardOn(options: GuardOptions = {}): Promise<GuardReport> {
  const settings = readSettings(options);
  const pythons = await basePythons(settings);
  const changes = await alone(settings, () => {
    writeGuardState(settings.host, { ...readGuardState(settings.host), on: true });
    const configs = options.config === false ? [] : requireEverywhere(settings.host);
    return [...configs, ...(options.markers === false ? [] : mark(pythons, settings.host))];
  });
  const conda = pythons.filter(({ prefix }) => isFolder(join(prefix, "conda-meta")));
  if (conda.length > 0 && options.config !== false) {
    warn(
      settings.emit,
      "conda-guarded",
      "pip does not take conda's environments for virtual environments: `pip install` is refused in them, too. PIP_REQUIRE_VIRTUALENV=0 before it lets one command through.",
    );
  }
  return report(pythons, changes, settings.host);
}

/**
 * Takes back what {@link guardOn} did, and nothing else: what others changed in the same files meanwhile stays, and so does a marker that is not
 * pen's. Errors: `FILE_SYSTEM` for a file that cannot be written; it can be repeated.
 */
export async function guardOff(options: OperationOptions = {}): Promise<GuardReport> {
  const settings = readSettings(options);
  const pythons = await basePythons(settings);
  const changes = await alone(settings, () => {
    const { host } = settings;
    const done = [...restoreConfigs(host), ...unmark(pythons, host)];
    removeGuardState(host);
    return done;
  });
  return report(pythons, changes, settings.host);
}

async function basePythons({ host, cacheFolder, signal }: Pick<Settings, "host" | "cacheFolder" | "signal">): Promise<Interpreter[]> {
  const found = await findInterpreters({ host, cacheFolder, signal });
  return found.filter(({ isVirtualEnvironment }) => !isVirtualEnvironment);
}

async function alone(settings: Settings, work: () => GuardChange[]): Promise<GuardChange[]> {
  const { host, emit, signal } = settings;
  const lock = await acquireLock(join(dataDir(host), "guard.lock"), {
    emit,
    resource: "the guard",
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const configs = [...readGuardState(host).configs.map(({ path }) => path), ...pipFiles(host).user];
    for (const folder of new Set([dataDir(host), ...configs.map((path) => dirname(path))])) removeLeftovers(folder);
    return work();
  } finally {
    lock.release();
  }
}

function requireEverywhere(host: Host): GuardChange[] {
  const files = changeablePipFiles(host);
  return files.flatMap((path, at) => {
    // Of the user's own files the last one wins; the one that PIP_CONFIG_FILE names stands alone.
    const everything = at === files.length - 1 || !pipFiles(host).user.includes(path);
    const change = requireIn(writablePlace(path), everything, host);
    return change === undefined ? [] : [change];
  });
}

function requireIn(path: string, everything: boolean, host: Host): GuardChange | undefined {
  const bytes = readBytesIfAny(path);
  if (requireInIni(latin1(bytes), everything) === undefined) return undefined;
  const state = readGuardState(host);
  const known = state.configs.find((one) => one.path === path);
  // What somebody changed in pen's own lines is what stands there now.
  const wanted = requireInIni(undoInIni(latin1(bytes), known?.change) ?? latin1(bytes), everything);
  if (wanted === undefined) return undefined;
  const isNew = bytes === undefined || known?.isNew === true;
  const folders = [...(known?.folders ?? []), ...missingFolders(dirname(path))];
  const configs = [...state.configs.filter((one) => one !== known), { path, isNew, folders, change: wanted.change }];
  writeGuardState(host, { ...state, configs });
  makeFolders(dirname(path));
  writeBytes(path, wanted.text);
  return { path, kind: "pip-config", action: "written", why: null };
}

/** A link stays one: what it leads to is changed. */
function writablePlace(path: string): string {
  if (statusOf(path)?.kind !== "link") return path;
  if (targetStatusOf(path) !== undefined) return realPath(path);
  throw new PenError("FILE_SYSTEM", `${printableLine(path)} is a link that leads nowhere`, {
    hint: "Remove it, or make the file that it leads to.",
    data: { path },
  });
}

function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let at = folder; statusOf(at) === undefined && at !== dirname(at); at = dirname(at)) missing.push(at);
  return missing;
}

const latin1 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? new Uint8Array()).toString("latin1");

function writeBytes(path: string, text: string): void {
  const mode = statusOf(path)?.mode;
  writeAtomic(path, Buffer.from(text, "latin1"), { durable: true, ...(mode === undefined ? {} : { mode }) });
}

function mark(pythons: readonly Interpreter[], host: Host): GuardChange[] {
  return pythons.flatMap((interpreter): GuardChange[] => {
    const path = markerFile(interpreter);
    const state = readGuardState(host);
    const standing = markerAt(path);
    const isCut = standing === "cut" && state.markers.includes(path);
    if ((standing !== "none" && !isCut) || reasonForNoMarker(interpreter, host) !== undefined) return [];
    if (!state.markers.includes(path)) writeGuardState(host, { ...state, markers: [...state.markers, path] });
    try {
      if (isCut) writeAtomic(path, markerText);
      else writeNew(path, markerText);
    } catch (error) {
      if (!isPenError(error, "FILE_SYSTEM")) throw error;
      return [{ path, kind: "marker", action: "kept", why: error.why ?? error.message }];
    }
    return [{ path, kind: "marker", action: "written", why: null }];
  });
}

function restoreConfigs(host: Host): GuardChange[] {
  const state = readGuardState(host);
  const { user, named } = pipFiles(host);
  const known = state.configs.map(({ path }) => path);
  // Also where what was written down is lost: the lines say whose they are.
  const others = [...user, ...(named === undefined ? [] : [named])].filter((path) => targetStatusOf(path)?.kind === "file").map(realPath);
  return [...new Set([...known, ...others])].flatMap((path) => {
    const entry = state.configs.find((one) => one.path === path);
    const bytes = statusOf(path)?.kind === "file" ? readBytesIfAny(path) : undefined;
    const text = bytes === undefined ? undefined : undoInIni(latin1(bytes), entry?.change);
    const changes: GuardChange[] = [];
    if (text !== undefined) {
      const isGone = entry?.isNew === true && text === "";
      if (isGone) removeFile(path);
      else writeBytes(path, text);
      changes.push({ path, kind: "pip-config", action: isGone ? "removed" : "restored", why: null });
    } else if (entry !== undefined && bytes !== undefined && latin1(bytes).trim() !== "") {
      changes.push({ path, kind: "pip-config", action: "kept", why: "pen's lines are not in it any more" });
    }
    for (const folder of entry?.folders ?? []) removeEmptyFolder(folder);
    if (entry !== undefined) {
      const now = readGuardState(host);
      writeGuardState(host, { ...now, configs: now.configs.filter((one) => one.path !== path) });
    }
    return changes;
  });
}

function unmark(pythons: readonly Interpreter[], host: Host): GuardChange[] {
  const { markers } = readGuardState(host);
  // Where what was written down is lost, the text says whose it is.
  const own = pythons.filter((interpreter) => reasonForNoMarker(interpreter, host) === undefined).map(markerFile);
  return [...new Set([...markers, ...own])].flatMap((path): GuardChange[] => {
    const standing = markerAt(path);
    if (standing === "pen" || (standing === "cut" && markers.includes(path))) {
      removeFile(path);
      return [{ path, kind: "marker", action: "removed", why: null }];
    }
    return standing === "none" || !markers.includes(path)
      ? []
      : [{ path, kind: "marker", action: "kept", why: "it is not pen's any more" }];
  });
}

function report(pythons: readonly Interpreter[], changes: readonly GuardChange[], host: Host): GuardReport {
  const guarded = pythons.map((interpreter) => judge(interpreter, host));
  const required = pipSetting("require-virtualenv", "/nowhere", host);
  return {
    on: readGuardState(host).on,
    guarded: guarded.every(({ refused }) => refused),
    requiredBy: required?.value === true ? required.source : null,
    pythons: guarded,
    changes,
  };
}

function judge(interpreter: Interpreter, host: Host): GuardedPython {
  const pip = pipVersion(interpreter, host);
  const standing = markerAt(markerFile(interpreter));
  const marker = standing === "none" ? null : standing === "pen" ? "pen" : "other";
  const by: Array<GuardedPython["by"][number]> = [];
  if (pipSetting("require-virtualenv", interpreter.prefix, host)?.value === true) by.push("require-virtualenv");
  const overruled = pipSetting("break-system-packages", interpreter.prefix, host)?.value === true;
  if (marker !== null && !overruled && pip !== undefined && obeysMarker(pip)) by.push("externally-managed");
  if (pip === undefined) by.push("no-pip");
  return {
    python: interpreter.executable,
    version: interpreter.version,
    pip: pip ?? null,
    refused: by.length > 0,
    by,
    marker,
    noMarker: marker === null ? (reasonForNoMarker(interpreter, host) ?? null) : null,
  };
}
