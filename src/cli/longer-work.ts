import { allowThreads, easeJit } from "#foundation";

/** For what may take longer than a moment: threads may help, and after a while the compiler does its usual work. */
export function prepareForWork(): void {
  easeJit(150);
  allowThreads(threadEntry(import.meta.url));
}

/**
 * Where operations/thread.ts stands, from a module of this folder: within the executable (`/$bunfs/root/`, on Windows `B:/~BUN/root/`) the parts of the
 * program stand in one folder, and an entry below its path in the sources.
 */
function threadEntry(module: string): string {
  const folder = module.slice(0, module.lastIndexOf("/"));
  if (module.includes("/$bunfs/") || module.includes("/~BUN/")) return `${folder}/src/operations/thread.js`;
  return `${folder.slice(0, folder.lastIndexOf("/"))}/operations/thread${module.slice(module.lastIndexOf("."))}`;
}
