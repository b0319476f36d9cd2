import { isFolder, isPenError, listFolder, pathExists, readTextIfAny, realPath, join } from "#foundation";
import { readLinkage } from "#python";

/**
 * What every machine has of its own and must have: the C library and what belongs to it, the run-time of the compiler, and what reaches down to
 * its screen and its hardware. Tcl and Tk come with scripts in fixed places.
 */
const everywhere =
  /^(?:ld-|lib(?:c|m|mvec|pthread|dl|rt|util|resolv|anl|nss_\w+|BrokenLocale|thread_db|gcc_s|stdc\+\+|tcl[\d.]*|tk[\d.]*|X\w*|xcb[\w-]*|ICE|SM|GL\w*|EGL|OpenGL|drm\w*|gbm|vulkan|wayland-\w+|asound|cuda|nvidia-\w+|fontconfig|freetype)(?:-\d[\d.]*)?(?:\.so|\.musl|$))/;

/** True for a library that a bundle leaves to the machine that it runs on. */
const isEverywhere = (name: string): boolean => everywhere.test(name) || /^libnsl\.so\.1$/.test(name);

/** Finds libraries of this machine by their names, where its loader looks: for `x86_64` and the like, in the order of the folders. */
export class SystemLibraries {
  readonly #machine: string;
  readonly #found = new Map<string, string | undefined>();
  #folders: readonly string[] | undefined;

  constructor(machine: string) {
    this.#machine = machine;
  }

  /** The file itself, links followed; undefined for what is left to every machine, and for what is not here. */
  find(name: string): string | undefined {
    if (!this.#found.has(name)) this.#found.set(name, this.#look(name));
    return this.#found.get(name);
  }

  #look(name: string): string | undefined {
    if (isEverywhere(name) || name.includes("/")) return undefined;
    this.#folders ??= loaderFolders(this.#machine);
    const path = this.#folders.map((folder) => join(folder, name)).find((one) => pathExists(one) && readLinkage(one) !== undefined);
    return path === undefined ? undefined : realPath(path);
  }
}

function loaderFolders(machine: string): string[] {
  const triplet = `${machine}-linux-gnu`;
  const usual = [`/lib/${triplet}`, `/usr/lib/${triplet}`, "/lib64", "/usr/lib64", "/lib", "/usr/lib"];
  return [...new Set([...configured(), ...usual])].filter(isFolder);
}

/** The folders that a person or a package added: `/etc/ld.so.conf`, which most systems spread over a folder beside it. */
function configured(): string[] {
  const beside = "/etc/ld.so.conf.d";
  const files = isFolder(beside) ? listFolder(beside).flatMap(({ name }) => (name.endsWith(".conf") ? [join(beside, name)] : [])) : [];
  return ["/etc/ld.so.conf", ...files.sort()].flatMap((file) =>
    (textOf(file) ?? "")
      .split("\n")
      .map((line) => line.replace(/#.*$/, "").trim())
      .filter((line) => line.startsWith("/")),
  );
}

function textOf(file: string): string | undefined {
  try {
    return readTextIfAny(file);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}
