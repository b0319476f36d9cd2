import { PenError, readTextIfAny, dirname, join } from "#foundation";
import { parsePipfileLock, parsePylock, type LockedPackage } from "#lock";
import { locatePipfile } from "#project";
import { tryParseVersion, versionText, type NormalizedName } from "#standards";
import type { Context } from "../context.ts";
import { editableLocation, versionOf } from "../packages/distributions.ts";
import { readDistributions, visibleDistributions } from "../packages/list.ts";
import { lockCategory } from "./project.ts";
import { whatIsReported } from "./reported-environment.ts";

/** A package that is to be audited, or the reason why it cannot be. */
export type AuditSubject =
  | { readonly name: NormalizedName; readonly version: string }
  | { readonly name: NormalizedName; readonly skipped: string };

export interface AuditSubjects {
  readonly kind: "environment" | "lock";
  /** The environment's folder, or the lock file. */
  readonly path: string;
  /** In order of name, each once. */
  readonly subjects: readonly AuditSubject[];
}

export interface AuditSourceOptions {
  readonly python?: string | undefined;
  readonly locked?: boolean;
  readonly local?: boolean;
  readonly skipEditable?: boolean;
  /** Of a Pipfile.lock only these, as the Pipfile or the lock calls them; default all. */
  readonly categories?: readonly string[];
}

/** What the options ask to audit; of a project without an environment its lock. Errors: ENV_NOT_FOUND; INVALID_LOCK; INVALID_PROJECT when there is no lock. */
export async function auditSubjects(context: Context, options: AuditSourceOptions): Promise<AuditSubjects> {
  const reported = whatIsReported(context, options);
  return reported.kind === "lock" ? lockedSubjects(context, options) : installedSubjects(context, { ...options, python: reported.python });
}

async function installedSubjects(context: Context, options: AuditSourceOptions): Promise<AuditSubjects> {
  const listing = await readDistributions(context, options);
  const distributions = options.local === true ? listing.distributions : visibleDistributions(listing);
  const subjects = distributions.map((distribution): AuditSubject => {
    if (options.skipEditable === true && editableLocation(distribution) !== undefined)
      return { name: distribution.name, skipped: "distribution marked as editable" };
    return subjectOf(distribution.name, versionOf(distribution));
  });
  return { kind: "environment", path: listing.environment?.root ?? context.host.cwd, subjects: once(subjects) };
}

function subjectOf(name: NormalizedName, version: string): AuditSubject {
  const parsed = tryParseVersion(version);
  if (parsed === undefined) return { name, skipped: `Package has invalid version and could not be audited: ${name} (${version})` };
  return { name, version: versionText(parsed) };
}

/** The lock of the project here: Pipfile.lock beside the Pipfile, else pylock.toml. */
function lockedSubjects({ host }: Context, options: AuditSourceOptions): AuditSubjects {
  const pipfile = locatePipfile(host);
  const folder = pipfile === undefined ? host.cwd : dirname(pipfile);
  const path = pipfile === undefined ? join(folder, "Pipfile.lock") : `${pipfile}.lock`;
  const text = readTextIfAny(path);
  const read = text === undefined ? pylockSubjects(join(folder, "pylock.toml")) : pipfileLockSubjects(text, path, options.categories ?? []);
  if (read === undefined)
    throw new PenError("INVALID_PROJECT", "Pipfile.lock not found", {
      why: `There is neither a Pipfile.lock nor a pylock.toml in ${folder}.`,
      hint: "Lock the project first (pen lock), or leave --locked away to audit what is installed.",
    });
  const isLeftOut = (one: LockedSubject): boolean => options.skipEditable === true && one.editable;
  const subjects = read.found.map((one): AuditSubject => {
    if (isLeftOut(one)) return { name: one.name, skipped: "distribution marked as editable" };
    if (one.version === undefined) return { name: one.name, skipped: "the lock does not say which version it is" };
    return subjectOf(one.name, one.version);
  });
  return { kind: "lock", path: read.path, subjects: once(subjects) };
}

interface LockedSubject {
  readonly name: NormalizedName;
  readonly version: string | undefined;
  readonly editable: boolean;
}

interface LockedSubjects {
  readonly path: string;
  readonly found: readonly LockedSubject[];
}

function pipfileLockSubjects(text: string, path: string, chosen: readonly string[]): LockedSubjects {
  const wanted = new Set(chosen.map(lockCategory));
  const categories = [...parsePipfileLock(text, path).categories].filter(([name]) => wanted.size === 0 || wanted.has(name));
  return { path, found: categories.flatMap(([, entries]) => entries) };
}

function pylockSubjects(path: string): LockedSubjects | undefined {
  const text = readTextIfAny(path);
  if (text === undefined) return undefined;
  const { packages } = parsePylock(text, { file: path });
  const isEditable = ({ direct }: LockedPackage): boolean => direct?.info.kind === "dir" && direct.info.editable;
  return { path, found: packages.map((one) => ({ name: one.name, version: one.version, editable: isEditable(one) })) };
}

/** A package of two categories is audited once for every version. */
function once(subjects: readonly AuditSubject[]): AuditSubject[] {
  const known = new Map(subjects.map((one) => [`${one.name} ${"version" in one ? one.version : ""}`, one]));
  return [...known.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
