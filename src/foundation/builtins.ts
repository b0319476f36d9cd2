/**
 * Modules of the runtime that cost one to three milliseconds each to load, fetched on first use: making an environment needs none of
 * them, and an import at the top of a file would be paid by every command.
 */
import type * as ChildProcess from "node:child_process";
import type * as Crypto from "node:crypto";
import type * as Fs from "node:fs";
import type * as Net from "node:net";
import type * as Os from "node:os";
import type * as Util from "node:util";
import type * as Zlib from "node:zlib";

export const childProcess = (): typeof ChildProcess => process.getBuiltinModule("node:child_process");
export const crypto = (): typeof Crypto => process.getBuiltinModule("node:crypto");
export const fs = (): typeof Fs => (loadedFs ??= process.getBuiltinModule("node:fs"));
let loadedFs: typeof Fs | undefined;
export const net = (): typeof Net => process.getBuiltinModule("node:net");
export const os = (): typeof Os => process.getBuiltinModule("node:os");
export const zlib = (): typeof Zlib => process.getBuiltinModule("node:zlib");
export const util = (): typeof Util => process.getBuiltinModule("node:util");

/** As in `node:url`. */
export const fileURLToPath = (url: string | URL): string => process.getBuiltinModule("node:url").fileURLToPath(url);
/** As in `node:url`. */
export const pathToFileURL = (path: string): URL => process.getBuiltinModule("node:url").pathToFileURL(path);
