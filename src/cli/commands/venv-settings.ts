import { isFolder, pathExists, PenError, printableLine, warn, type Host, resolve } from "#foundation";
import type { CreateEnvironmentOptions, IndexOptions } from "#operations";
import type { Parsed } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";
import { indexesOf } from "./sources.ts";

/** Options that change nothing here, and why. Whoever gives one is told. */
const idleVenvOptions: Readonly<Record<string, string>> = {
  relocatable: "is only written down: every environment of pen can be moved, its scripts and activation scripts find their own place",
  "no-python-downloads": "changes nothing: pen venv downloads no Python",
  "allow-python-downloads": "changes nothing: pen venv downloads no Python, it takes what is on this machine",
  "python-fetch": "changes nothing: pen venv downloads no Python, it takes what is on this machine",
  "no-installer-metadata": "changes nothing: pen writes INSTALLER into what it installs, which other installers ask for",
  preview: "changes nothing: pen has no previews",
  "preview-features": "changes nothing: pen has no previews",
};

/** What the options of `pen venv` that say where and how come to. Errors: `USAGE`, `FILE_SYSTEM`, `TARGET_UNSUPPORTED`. */
export interface VenvSettings {
  /** The machine, in the folder of `--directory`. */
  readonly host: Host;
  readonly places: readonly string[];
  readonly pythonPreference: CreateEnvironmentOptions["pythonPreference"];
  readonly indexes: IndexOptions;
  /** How old a remembered choice of seeds may be; undefined: as usual. */
  readonly seedAge: 0 | undefined;
}

/** Reads them, refuses what contradicts itself, and tells of options that mean nothing here. */
export function readVenvSettings({ parsed, host, emit }: Pick<CommandContext, "parsed" | "host" | "emit">): VenvSettings {
  refuseContradictions(parsed);
  for (const [name, why] of Object.entries(idleVenvOptions))
    if (isGiven(parsed, name)) warn(emit, "option-without-effect", `--${name} ${why}.`);
  if (parsed.flagIfGiven("relocatable") === false)
    warn(emit, "option-without-effect", "--no-relocatable changes nothing: every environment of pen can be moved.");
  const inside = inDirectory(parsed.value("directory"), host);
  const usual = defaultPlace(parsed.value("project"), inside);
  const isFresh = parsed.flag("upgrade-deps") || parsed.flag("refresh") || parsed.list("refresh-package").length > 0;
  return {
    host: inside,
    places: parsed.arguments.length > 0 ? parsed.arguments : [usual],
    pythonPreference: preferenceOf(parsed),
    indexes: {
      ...indexesOf(parsed),
      ...refreshOf(parsed),
      ...(parsed.flag("system-certs") ? { certificate: systemCertificates(host) } : {}),
    },
    seedAge: isFresh ? 0 : undefined,
  };
}

/** A flag is not given when the last word on it takes it back. */
const isGiven = (parsed: Parsed, name: string): boolean => parsed.list(name).length > 0 && parsed.list(name).at(-1) !== "off";

const usage = (message: string, why: string, hint: string): PenError => new PenError("USAGE", message, { why, hint });

function refuseContradictions(parsed: Parsed): void {
  const both = (one: string, other: string): boolean => parsed.flag(one) && parsed.flag(other);
  if (both("copies", "symlinks"))
    throw usage("--copies and --symlinks contradict each other", "The interpreter is either copied or linked.", "Give one of them.");
  if (both("upgrade", "clear"))
    throw usage(
      "--upgrade and --clear contradict each other",
      "The first keeps what is in the environment, the second deletes it.",
      "Give one of them.",
    );
  if (parsed.flag("upgrade") && parsed.list("inherit").length > 0)
    throw usage(
      "--upgrade does not take --inherit",
      "It changes the Python of an environment, not what it inherits.",
      "Type: pen env set ENV inherits PATH",
    );
  if (both("managed-python", "no-managed-python"))
    throw usage("--managed-python and --no-managed-python contradict each other", "No Python is both.", "Give one of them.");
  if (parsed.list("exclude-newer-package").length > 0)
    throw usage("pen does not take --exclude-newer-package", "pen has one date for all packages.", "Give that date with --exclude-newer.");
}

function preferenceOf(parsed: Parsed): CreateEnvironmentOptions["pythonPreference"] {
  if (parsed.flag("managed-python")) return "only-managed";
  if (parsed.flag("no-managed-python")) return "only-system";
  return parsed.value("python-preference") as CreateEnvironmentOptions["pythonPreference"];
}

function inDirectory(directory: string | undefined, host: Host): Host {
  return directory === undefined ? host : { ...host, cwd: existing(directory, { host, option: "--directory" }) };
}

function defaultPlace(project: string | undefined, host: Host): string {
  return project === undefined ? ".venv" : resolve(existing(project, { host, option: "--project" }), ".venv");
}

function existing(path: string, { host, option }: { readonly host: Host; readonly option: string }): string {
  const folder = resolve(host.cwd, path);
  if (path !== "" && isFolder(folder)) return folder;
  throw new PenError("FILE_SYSTEM", `${option} names no folder: ${printableLine(path)}`, {
    why: pathExists(folder) && path !== "" ? "It is a file." : "There is no such folder.",
    hint: "Make it first, or correct the name.",
    data: { path: folder },
  });
}

/** `--refresh-package` names what is asked anew; `--refresh` and `--upgrade-deps` mean everything. */
function refreshOf(parsed: Parsed): Pick<IndexOptions, "refresh"> {
  if (parsed.flag("refresh") || parsed.flag("upgrade-deps")) return { refresh: true };
  const names = parsed.list("refresh-package").map((name) => name.toLowerCase().replace(/[-_.]+/g, "-"));
  return names.length === 0 ? {} : { refresh: names as unknown as Exclude<IndexOptions["refresh"], boolean | undefined> };
}

/** Where systems keep the authorities that they trust, as one file. */
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/ssl/cert.pem",
];

function systemCertificates({ env }: Host): string {
  const found = [env["SSL_CERT_FILE"] ?? "", ...bundles].find((path) => path !== "" && pathExists(path));
  if (found !== undefined) return found;
  throw new PenError("TARGET_UNSUPPORTED", "pen finds no certificate authorities of this machine", {
    why: "None of the usual files is there, and the variable SSL_CERT_FILE names none.",
    hint: "Name the file: --cert PATH",
  });
}
