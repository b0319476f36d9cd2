import { errnoOf, pathExists, PenError, printableLine, readHost, type Host } from "#foundation";

/** The machine, with a working folder that is there and has a name in UTF-8. Errors: `FILE_SYSTEM`, `TARGET_UNSUPPORTED`. */
export function openHost(): Host {
  const host = hostIfAny();
  if (host === undefined) {
    throw new PenError("FILE_SYSTEM", "The working folder is gone", {
      why: "It was deleted while your shell was in it.",
      hint: "Go to a folder that exists: cd ~",
    });
  }
  // A name that is no UTF-8 arrives with replacement characters, and is then the name of another folder.
  if (!host.cwd.includes("\ufffd") || pathExists(host.cwd)) return host;
  throw new PenError("TARGET_UNSUPPORTED", "The name of the working folder is not UTF-8", {
    why: `It would be read as ${printableLine(host.cwd)}, which is another folder.`,
    hint: "Rename the folder, or work in another one.",
  });
}

function hostIfAny(): Host | undefined {
  try {
    return readHost();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Refuses arguments that are not UTF-8: they would name other files. Errors: `USAGE`. */
export function checkEncoding(words: readonly string[]): void {
  for (const word of words)
    if (word.includes("\ufffd"))
      throw new PenError("USAGE", `The argument ${printableLine(word)} is not UTF-8`, { hint: "Use a name without such bytes." });
}
