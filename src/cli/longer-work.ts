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
  const isInside = module.includes("/$bunfs/") || module.includes("/~BUN/");
  return new URL(isInside ? "./src/operations/thread.js" : `../operations/thread${module.slice(module.lastIndexOf("."))}`, module).href;
}
