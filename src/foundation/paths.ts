/**
 * `node:path` for all of pen: most paths need no work but to be put together, and loading that module takes as long as making a dozen files.
 * Whatever is not in its normal form yet, and every path on Windows, goes to `node:path`; so the answers are its answers.
 */
import type * as Path from "node:path";

const path = (): typeof Path => process.getBuiltinModule("node:path");

/** Whether normalizing would take nothing away: parts that are empty, `.` or `..`, and a slash at the end. */
function isNormal(name: string): boolean {
  if (name === "" || name.endsWith("/") || name.includes("//")) return false;
  if (!name.startsWith(".") && !name.includes("/.")) return true;
  const bounded = `/${name}/`;
  return !bounded.includes("/./") && !bounded.includes("/../");
}

/** The functions of `posix` in `node:path`, on every system. */
export const posix = {
  join(...parts: string[]): string {
    let joined = "";
    for (const part of parts)
      joined = joined === "" ? part : part === "" ? joined : joined.endsWith("/") ? joined + part : `${joined}/${part}`;
    return isNormal(joined) ? joined : path().posix.join(...parts);
  },
  dirname(name: string): string {
    if (name === "/") return name;
    const end = name.lastIndexOf("/");
    return end >= 0 && isNormal(name) ? name.slice(0, end === 0 ? 1 : end) : path().posix.dirname(name);
  },
  basename: (name: string): string => (isNormal(name) ? name.slice(name.lastIndexOf("/") + 1) : path().posix.basename(name)),
  isAbsolute: (name: string): boolean => name.startsWith("/"),
  normalize: (name: string): string => (isNormal(name) ? name : path().posix.normalize(name)),
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

/** As in `node:path`. */
export const normalize = (name: string): string => own.normalize(name);
/** As in `node:path`. */
export const sep: string = process.platform === "win32" ? "\\" : "/";
/** As in `node:path`. */
export const delimiter: string = process.platform === "win32" ? ";" : ":";

/** As in `node:path`. */
export function resolve(base: string, ...others: string[]): string {
  let joined = base;
  for (const other of others) joined = joined === "" || other.startsWith("/") ? other : other === "" ? joined : `${joined}/${other}`;
  if (own !== posix || !joined.startsWith("/")) return path().resolve(base, ...others);
  return isNormal(joined) ? joined : withoutDots(joined);
}

/** An absolute path in its normal form, without a slash at the end. */
function withoutDots(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/"))
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  return `/${parts.join("/")}`;
}

/** As in `node:path`. */
export function relative(from: string, to: string): string {
  const isPlain = own === posix && from.startsWith("/") && to.startsWith("/") && isNormal(from) && isNormal(to);
  if (!isPlain) return path().relative(from, to);
  if (to.startsWith(`${from}/`)) return to.slice(from.length + 1);
  const [ups, parts] = [from.split("/"), to.split("/")];
  let same = 0;
  while (same < ups.length && ups[same] === parts[same]) same += 1;
  const below = parts.slice(same).join("/");
  const up = "../".repeat(ups.length - same);
  return below === "" ? up.slice(0, -1) : up + below;
}
