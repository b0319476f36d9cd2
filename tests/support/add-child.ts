/** Adds one wheel to a store, in a process of its own: path, file name, cache folder. Prints the SHA-256 that it has there. */
import { readHost, silent } from "#foundation";
import { openStore } from "#store";

const [path = "", filename = "", cacheFolder = ""] = process.argv.slice(2);
const stored = await openStore({ host: readHost(), cacheFolder, emit: silent }).add({ path, filename });
process.stdout.write(`${stored.manifest.sha256}\n`);
