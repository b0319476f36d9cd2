import { type WheelFilename, type Version, sameVersion, tryNormalizeName, tryParseVersion } from "#standards";
import type { Refuse } from "./invalid.ts";
import type { WheelLimits } from "./limits.ts";
import { createPlaces } from "./member-names.ts";
import type { WheelScheme } from "./types.ts";
import type { ZipMember } from "./zip-directory.ts";

/** A member and where its bytes go. */
export interface PlacedMember {
  readonly member: ZipMember;
  readonly scheme: WheelScheme;
  /** Relative to the scheme's folder. */
  readonly path: string;
  readonly executable: boolean;
  /** Members that every environment has of its own (RECORD, INSTALLER, …) are read and checked, but not unpacked. */
  readonly unpacked: boolean;
}

export interface WheelLayout {
  /** `flask-3.0.0.dist-info`. */
  readonly distInfo: string;
  /** The files, in the order of the archive; folders are made for files only. */
  readonly files: readonly PlacedMember[];
}

/** What an installer writes itself; a wheel that brings it along only pretends. */
const installerFiles: ReadonlySet<string> = new Set(["RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"]);

const schemes: ReadonlyMap<string, WheelScheme> = new Map([
  ["purelib", "lib"],
  ["platlib", "lib"],
  ["scripts", "scripts"],
  ["headers", "headers"],
  ["data", "data"],
]);

/**
 * Finds the `.dist-info` folder and gives every file its place (PEP 427, "Installing a wheel"). Throws INVALID_WHEEL when the
 * wheel does not fit its file name, names an unknown scheme, or wants a place that belongs to the environment itself.
 */
export function placeMembers(
  members: readonly ZipMember[],
  filename: WheelFilename,
  options: { limits: WheelLimits; refuse: Refuse },
): WheelLayout {
  const { refuse } = options;
  const distInfo = findDistInfo(members, filename, refuse);
  const places = createPlaces(options.limits.ignoresCase);
  const files: PlacedMember[] = [];
  for (const member of members) {
    const placed = placeMember(member, distInfo, filename, refuse);
    if (placed === undefined) continue;
    if (placed.scheme === "scripts") checkScriptPlace(placed.path, member.name, refuse);
    if (placed.scheme === "data") checkDataPlace(placed.path, member.name, refuse);
    const clash = places.takeFile(`${placed.scheme}/${placed.path}`);
    if (clash !== undefined) throw refuse(clash.rule, `It is installed to the same place as '${clash.other}'.`, { member: member.name });
    files.push(placed);
  }
  return { distInfo, files };
}

function findDistInfo(members: readonly ZipMember[], filename: WheelFilename, refuse: Refuse): string {
  const found = new Set<string>();
  for (const { name } of members) {
    const slash = name.indexOf("/");
    const top = slash < 0 ? "" : name.slice(0, slash);
    if (top.toLowerCase().endsWith(".dist-info")) found.add(top);
  }
  const [distInfo, second] = [...found];
  if (distInfo === undefined) throw refuse("missing-dist-info", "It has no .dist-info folder.");
  if (second !== undefined) throw refuse("multiple-dist-info", `It has several .dist-info folders: '${distInfo}' and '${second}'.`);
  checkStem(distInfo.slice(0, -".dist-info".length), filename, (rule, why) => refuse(rule, why, { member: distInfo }));
  if (!distInfo.endsWith(".dist-info")) throw refuse("missing-dist-info", "Its .dist-info folder is not spelled so.", { member: distInfo });
  return distInfo;
}

type FitRule = "name-mismatch" | "version-mismatch";

/** `flask-3.0.0` must mean what the file name says. */
function checkStem(stem: string, filename: WheelFilename, refuse: (rule: FitRule, why: string) => Error): void {
  const hyphen = stem.lastIndexOf("-");
  const name = hyphen < 0 ? undefined : tryNormalizeName(stem.slice(0, hyphen));
  if (name !== filename.name) throw refuse("name-mismatch", `The file name says the project is '${filename.name}', the folder another.`);
  const version: Version | undefined = tryParseVersion(stem.slice(hyphen + 1).replaceAll("_", "-"));
  if (version === undefined || !sameVersion(version, filename.version))
    throw refuse("version-mismatch", `The file name says the version is '${filename.versionText}', the folder another.`);
}

function placeMember(member: ZipMember, distInfo: string, filename: WheelFilename, refuse: Refuse): PlacedMember | undefined {
  const { name } = member;
  // The type bits of a link, pipe or device are ignored: such a member becomes a plain file with the same bytes.
  const kind = member.mode & 0o170000;
  const executable = (kind === 0o100000 || kind === 0) && (member.mode & 0o111) !== 0;
  const slash = name.indexOf("/");
  const top = slash < 0 ? name : name.slice(0, slash);
  if (slash > 0 && top.toLowerCase().endsWith(".data")) {
    checkStem(top.slice(0, -".data".length), filename, (_rule, why) => refuse("data-folder-mismatch", why, { member: name }));
    return placeData(member, name.slice(slash + 1), { executable, refuse });
  }
  if (member.isFolder) return undefined;
  const unpacked = !(top === distInfo && installerFiles.has(name.slice(slash + 1)));
  return { member, scheme: "lib", path: name, executable, unpacked };
}

function placeData(member: ZipMember, rest: string, context: { executable: boolean; refuse: Refuse }): PlacedMember | undefined {
  if (rest === "") return undefined;
  const slash = rest.indexOf("/");
  const scheme = schemes.get(slash < 0 ? "" : rest.slice(0, slash));
  if (scheme === undefined)
    throw context.refuse("unknown-scheme", "It is in none of the folders purelib, platlib, headers, scripts and data.", {
      member: member.name,
    });
  if (member.isFolder) return undefined;
  const path = rest.slice(slash + 1);
  if (scheme === "lib" ? /^[^/]*\.dist-info(?:\/|$)/i.test(path) : scheme === "data" && /\/[^/]*\.dist-info\//i.test(path))
    throw context.refuse("multiple-dist-info", "It would pretend that a distribution is installed.", { member: member.name });
  if (scheme === "scripts" && path.includes("/"))
    throw context.refuse("script-in-folder", "Commands stand directly in the folder of scripts.", { member: member.name });
  return { member, scheme, path, executable: context.executable || scheme === "scripts", unpacked: true };
}

/** Interpreters by any name that an environment gives them, on any platform. */
const interpreterName = /^(?:python|pythonw|pypy|pypyw|graalpy)[\d.]*t?(?:_d)?(?:\.(?:exe|dll|so))?$/;
const activationName = /^(?:activate(?:[._-].*)?|deactivate(?:\..*)?|activate_this\.py)$/;

/** The rule that a file of this name in the scripts folder of an environment breaks. */
export function protectedScript(path: string): "overwrites-interpreter" | "overwrites-environment" | undefined {
  const name = path.toLowerCase().normalize("NFKC");
  if (interpreterName.test(name)) return "overwrites-interpreter";
  return activationName.test(name) ? "overwrites-environment" : undefined;
}

function checkScriptPlace(path: string, member: string, refuse: Refuse): void {
  const rule = protectedScript(path);
  if (rule !== undefined) throw refuse(rule, "It would replace a file that makes the environment.", { member });
}

/** The folders of an environment, which no file may replace. */
const environmentFolders: ReadonlySet<string> = new Set(["bin", "scripts", "lib", "lib64", "include", "share", "pyvenv.cfg"]);

function checkDataPlace(path: string, member: string, refuse: Refuse): void {
  const lower = path.toLowerCase().normalize("NFKC");
  const [top = "", ...rest] = lower.split("/");
  if ((top === "bin" || top === "scripts") && rest.length > 0) checkScriptPlace(rest.join("/"), member, refuse);
  if (environmentFolders.has(lower) || top === "pyvenv.cfg")
    throw refuse("overwrites-environment", "It would replace a file or folder that makes the environment.", { member });
}
