import type { PipfileOrigin } from "./types.ts";

/** The systems that Pipfiles and pip know. */
export const versionSystems = ["git", "hg", "svn", "bzr"] as const;

export type VersionSystem = (typeof versionSystems)[number];

/** The system of a URL as pip writes it: `git+https://…`. */
export function isRepository(url: string): VersionSystem | undefined {
  return versionSystems.find((one) => url.startsWith(`${one}+`));
}

/** A repository as pip would name it, taken apart: `git+https://host/x.git@ref#subdirectory=y` says more than its URL. What is written beside it wins. */
export function repository(
  vcs: VersionSystem,
  text: string,
  written: { readonly ref: string | undefined; readonly subdirectory: string | undefined },
): PipfileOrigin {
  const [place = "", fragment = ""] = text.split("#", 2);
  const plain = place.startsWith(`${vcs}+`) ? place.slice(vcs.length + 1) : place;
  // An `@` in the path names the revision, one before the host a user.
  const at = plain.lastIndexOf("@");
  const host = plain.indexOf("://") < 0 ? 0 : plain.indexOf("://") + 3;
  const path = plain.indexOf("/", host);
  const hasRef = path >= 0 && at > path;
  const subdirectory = fragment.split("&").find((part) => part.startsWith("subdirectory="));
  return {
    kind: "vcs",
    vcs,
    url: hasRef ? plain.slice(0, at) : plain,
    ref: written.ref ?? (hasRef ? plain.slice(at + 1) : undefined),
    subdirectory: written.subdirectory ?? subdirectory?.slice("subdirectory=".length),
  };
}
