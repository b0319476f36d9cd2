import { crc32, PenError } from "#foundation";
import { entryPointScript } from "./launchers.ts";
import type { PlatformTarget } from "./platform-tags.ts";

/** What a launcher on Windows is for: `t` waits in a console, `w` has no window of its own. */
export interface LauncherKind {
  readonly gui: boolean;
  /** `x86`, `amd64` or `arm64`: the machine of the environment's Python. */
  readonly machine: "x86" | "amd64" | "arm64";
}

/** The name of the program to build on, among those that every wheel of pip carries in `pip/_vendor/distlib`: `t64.exe`, `w64-arm.exe`. */
export function launcherStubName({ gui, machine }: LauncherKind): string {
  return `${gui ? "w" : "t"}${machine === "x86" ? "32" : "64"}${machine === "arm64" ? "-arm" : ""}.exe`;
}

/** The file for a command on Windows: `pip.exe`. */
export function launcherFileName(command: string): string {
  return `${command}.exe`;
}

export interface WindowsLauncher {
  /** The bytes of the program that {@link launcherStubName} names. */
  readonly stub: Uint8Array;
  readonly gui: boolean;
  /** The script in Python, without a first line for a shell. */
  readonly script: string | Uint8Array;
  /** Options for Python (`-u`), from the first line of a script of a wheel. */
  readonly options?: string | undefined;
}

/**
 * An `.exe` that runs a script with the `python.exe` beside it, made as distlib makes it: the program, a first line that names the Python, and a zip with the script as
 * `__main__.py`, one after the other. `<launcher_dir>` in the line is the folder that the program stands in (distlib 0.3.3 and newer), so the
 * file is the same in every environment and goes on working where the environment is moved to. The same input gives the same bytes.
 */
export function windowsLauncher({ stub, gui, script, options = "" }: WindowsLauncher): Uint8Array {
  const line = `#!<launcher_dir>\\python${gui ? "w" : ""}.exe${options === "" ? "" : ` ${options}`}\n\r\n`;
  const content = typeof script === "string" ? Buffer.from(script, "utf8") : script;
  return Buffer.concat([stub, Buffer.from(line, "latin1"), zipOf("__main__.py", content)]);
}

/** The `.exe` of an entry point. Throws INVALID_ENTRY_POINT as `entryPointLauncher` does. */
export function windowsEntryPoint(
  entryPoint: { readonly module: string; readonly attribute: string },
  { stub, gui }: Pick<WindowsLauncher, "stub" | "gui">,
): Uint8Array {
  return windowsLauncher({ stub, gui, script: entryPointScript(entryPoint) });
}

/** A command of a wheel: an entry point of `console_scripts`, or with `gui` of `gui_scripts`. */
export interface WindowsCommand {
  readonly name: string;
  readonly module: string;
  readonly attribute: string;
  readonly gui: boolean;
}

/** How Windows' own tags name the machines that there are launchers for. */
const machines: Readonly<Record<string, LauncherKind["machine"]>> = { x86: "x86", x86_64: "amd64", arm64: "arm64" };

/**
 * What stands in `Scripts` for the commands of a wheel, by file name: one `.exe` each, in the order of the commands. `program` gives the bytes of a program
 * of pip's distlib by its name. Throws TARGET_UNSUPPORTED for a platform that has no launchers, or whose program is missing; INVALID_ENTRY_POINT as
 * {@link windowsEntryPoint}.
 */
export function windowsCommands(
  commands: readonly WindowsCommand[],
  target: PlatformTarget,
  program: (name: string) => Uint8Array | undefined,
): ReadonlyMap<string, Uint8Array> {
  const machine = target.os === "windows" ? machines[target.arch] : undefined;
  if (machine === undefined) throw unsupported(`There are no launchers for ${target.os === "other" ? target.tag : target.os}`);
  return new Map(
    commands.map(({ name, gui, ...entryPoint }) => {
      const stubName = launcherStubName({ gui, machine });
      const stub = program(stubName);
      if (stub === undefined) throw unsupported(`The program ${stubName} is not in the wheel of pip`);
      return [launcherFileName(name), windowsEntryPoint(entryPoint, { stub, gui })] as const;
    }),
  );
}

function unsupported(message: string): PenError {
  return new PenError("TARGET_UNSUPPORTED", message, {
    why: "The commands of packages on Windows begin with a program that pip's distlib carries for x86, x86_64 and arm64.",
  });
}

/** The day that DOS begins with, 1 January 1980: the same bytes at any time. */
const firstDay = 0x21;

/** A zip archive of one stored file (APPNOTE 6.3, without any of its later parts). `name` is ASCII. */
function zipOf(name: string, content: Uint8Array): Uint8Array {
  const path = Buffer.from(name, "latin1");
  // From the version needed to the lengths, both headers are alike.
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(firstDay, 8);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(content.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004", "latin1"), shared, path]);
  const madeBy = Buffer.from([20, 0]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(0o600 * 0x1_0000, 6);
  const directory = Buffer.concat([Buffer.from("PK\u0001\u0002", "latin1"), madeBy, shared, rest, path]);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length + content.length, 16);
  return Buffer.concat([local, content, directory, end]);
}
