/** The one kind of request that takes no knowledge of versions. Apart from the others, because most programs that start pen name a path. */
import { isAbsolute, join, resolve } from "#foundation";
import type { Host } from "#foundation";

/** An executable, or the folder of an environment or an installation; absolute. */
export interface PathRequest {
  readonly kind: "path";
  readonly path: string;
}

const maxPath = 4096;

/** False for a text that names no file anywhere. */
export const canBePath = (text: string): boolean => text.length <= maxPath && !text.includes("\0");

/** What `text` asks for when it can only be a path: as `parseRequest` reads it, or undefined for all that needs a closer look. */
export function pathRequest(text: string, host: Host): PathRequest | undefined {
  if (!canBePath(text) || !looksLikePath(text.trim(), host)) return undefined;
  return { kind: "path", path: resolve(host.cwd, expandHome(text, host)) };
}

function looksLikePath(text: string, host: Host): boolean {
  return isAbsolute(text) || text.includes("/") || /^(?:~(?!=)|\.)/.test(text) || (host.platform === "win32" && text.includes("\\"));
}

function expandHome(text: string, host: Host): string {
  return text === "~" || text.startsWith("~/") ? join(host.home, text.slice(1)) : text;
}
