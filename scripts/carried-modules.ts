/**
 * Nothing runs this. As a second entry of the executable it makes Bun compile these modules of its own when pen is built: one that is fetched with
 * `process.getBuiltinModule` alone would be parsed at every start (`node:zlib` costs four times as much then). tests/carried-modules.test.ts compares.
 */
export * as childProcess from "node:child_process";
export * as crypto from "node:crypto";
export * as fs from "node:fs";
export * as net from "node:net";
export { default as path } from "node:path";
export * as os from "node:os";
export * as tty from "node:tty";
export * as url from "node:url";
export * as util from "node:util";
export * as zlib from "node:zlib";
