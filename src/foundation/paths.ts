/**
 * `node:path` for what short commands load: most paths need no work but to be put together, and loading that module takes as long as making a dozen files.
 * Whatever is not in its normal form yet, and every path on Windows, goes to `node:path`; so the answers are its answers.
 */
import type * as Path from "node:path";

const path = (): typeof Path => process.getBuiltinModule("node:path");

/** Finds what normalizing would take away: parts that are empty, `.` or `..`, and a slash at the end. */
const abnormal = /(?:^\.{1,2}|\/\.{0,2})(?:\/|$)/;

const isNormal = (name: string): boolean => name !== "" && !abnormal.test(name);

/** The functions of `posix` in `node:path`, on every system. */
export const posix = {
  join(...parts: string[]): string {
    let joined = "";
    for (const part of parts) joined = joined === "" ? part : part === "" ? joined : `${joined}/${part}`;
    return isNormal(joined) ? joined : path().posix.join(...parts);
  },
  dirname(name: string): string {
    if (name === "/") return name;
    const end = name.lastIndexOf("/");
    return end >= 0 && isNormal(name) ? name.slice(0, Math.max(end, 1)) : path().posix.dirname(name);
  },
  basename: (name: string): string => (isNormal(name) ? name.slice(name.lastIndexOf("/") + 1) : path().posix.basename(name)),
  isAbsolute: (name: string): boolean => name.startsWith("/"),
};

/** `win32` of `node:path`, on every system. */
export const win32 = (): Path.PlatformPath => path().win32;

const own: typeof posix = process.platform === "win32" ? win32() : posix;

/** As in `node:path`. */
export const join = (...parts: string[]): string => own.join(...parts);
/** As in `node:path`. */
export const dirname = (name: string): string => own.dirname(name);
/** As in `node:path`. */
export const basename = (name: string): string => own.basename(name);
/** As in `node:path`. */
export const isAbsolute = (name: string): boolean => own.isAbsolute(name);

/** As in `node:path`, for two. */
export function resolve(base: string, other: string): string {
  const joined = own !== posix || base === "" ? "" : other.startsWith("/") ? other : other === "" ? base : `${base}/${other}`;
  return joined.startsWith("/") && isNormal(joined) ? joined : path().resolve(base, other);
}

/** As in `node:path`. */
export function relative(from: string, to: string): string {
  const isBelow = own === posix && from.startsWith("/") && to.startsWith(`${from}/`) && isNormal(from) && isNormal(to);
  return isBelow ? to.slice(from.length + 1) : path().relative(from, to);
}
