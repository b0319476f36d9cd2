import { isPenError, pathExists } from "#foundation";
import { assembleInterpreter } from "./assemble.ts";
import { readElf } from "./elf.ts";
import type { InspectOptions } from "./inspect.ts";
import { fingerprintOf, writeCache, type CacheEntry } from "./interpreter-cache.ts";
import { muslVersion, platformTargetOf } from "./platform-target.ts";
import { askInterpreter } from "./probe.ts";
import type { Interpreter } from "./types.ts";

/** Starts the interpreter, and remembers what it says of itself, or that it does not work. Errors: as `inspectInterpreter`. */
export async function askAndRemember(executable: string, options: InspectOptions): Promise<Interpreter> {
  const { host, cacheFolder } = options;
  // Taken before the question: a Python that is replaced meanwhile must not inherit the answer.
  const fingerprint = fingerprintOf(executable);
  const remember = (entry: CacheEntry, watched: readonly string[] = []) => {
    if (fingerprint !== undefined) writeCache(cacheFolder, entry, { path: executable, fingerprint, watched, now: host.now() });
  };
  try {
    const answer = await askInterpreter(executable, host, options);
    const program = pathExists(answer.executable) ? answer.executable : executable;
    const elf = host.platform === "linux" ? readElf(program) : undefined;
    const platform = platformTargetOf(answer, elf, answer.libc === undefined ? await muslVersion(elf?.loader) : undefined);
    const interpreter = assembleInterpreter(answer, { path: executable, source: options.source ?? "explicit", platform });
    const loader = elf?.loader === undefined ? [] : [elf.loader];
    remember(
      { kind: "interpreter", interpreter },
      interpreter.realExecutable === fingerprint?.real ? loader : [...loader, interpreter.realExecutable],
    );
    return interpreter;
  } catch (error) {
    // Who was interrupted has learned nothing about the interpreter.
    if (isPenError(error) && error.data["transient"] !== true && options.signal?.aborted !== true) remember({ kind: "failure", error });
    throw error;
  }
}
