import type { Credentials } from "./settings.ts";

/** The machines of a netrc file, and the `default` entry. */
export interface Netrc {
  find(host: string): Credentials | undefined;
}

/**
 * Reads the text of a netrc file: `machine`, `default`, `login`, `password`, `account`, comments, quoted values and `macdef`
 * blocks (skipped up to a blank line). Words that it does not know are skipped: a broken file gives what can be read.
 */
export function parseNetrc(text: string): Netrc {
  const machines = new Map<string, Credentials>();
  const words = splitWords(text);
  for (let at = 0; at < words.length;) {
    const word = words[at];
    at += 1;
    if (word !== "machine" && word !== "default") continue;
    const host = word === "default" ? "" : (words[at++] ?? "").toLowerCase();
    let login = "";
    let password: string | undefined;
    for (; at + 1 < words.length; at += 2) {
      const key = words[at];
      if (key === "login" || key === "user") login = words[at + 1] ?? "";
      else if (key === "password") password = words[at + 1];
      else if (key !== "account") break;
    }
    if (password !== undefined && !machines.has(host)) machines.set(host, { username: login, password });
  }
  return { find: (host) => machines.get(host.toLowerCase()) ?? machines.get("") };
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  let inMacro = false;
  for (const line of text.split(/\r?\n/)) {
    if (inMacro) {
      inMacro = line.trim() !== "";
      continue;
    }
    for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
      const word = match[2] ?? (match[1] ?? "").replace(/\\(.)/g, "$1");
      // A '#' begins a comment only where a keyword may stand: passwords may begin with it.
      if (match[2]?.startsWith("#") === true && !expectsValue(words)) break;
      if (word === "macdef" && !expectsValue(words)) {
        inMacro = true;
        break;
      }
      words.push(word);
    }
  }
  return words;
}

const keysWithValue: ReadonlySet<string> = new Set(["machine", "login", "user", "password", "account"]);

function expectsValue(words: readonly string[]): boolean {
  const last = words.at(-1);
  if (last === undefined || !keysWithValue.has(last)) return false;
  // "password login": the value of `password` is the word 'login', so it expects nothing.
  let run = 0;
  for (let at = words.length - 1; at >= 0 && keysWithValue.has(words[at] ?? ""); at -= 1) run += 1;
  return run % 2 === 1;
}
