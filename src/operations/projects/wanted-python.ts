import { findInterpreter, parseRequest, type Interpreter } from "#python";
import type { Settings } from "../settings.ts";

/** The Python that `text` asks for. Errors: `USAGE`, and those of `findInterpreter`. */
export function wantedPython(text: string, { host, cacheFolder, signal }: Settings): Promise<Interpreter> {
  return findInterpreter(parseRequest(text, host), { host, cacheFolder, signal });
}
