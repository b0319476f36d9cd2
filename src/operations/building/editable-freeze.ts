import { readGitTree } from "#builds";
import { pathExists, realPath, type Host, relative } from "#foundation";
import { localUrl } from "./direct-places.ts";

interface Editable {
  readonly name: string;
  readonly version: string;
  /** The folder of the project. */
  readonly location: string;
}

/**
 * The lines of `pip freeze` for a project in development mode: the repository and the commit that it stands on, where it has a remote, else the
 * folder under a comment that says why.
 */
export async function freezeEditable({ name, version, location }: Editable, host: Host): Promise<string> {
  const tree = await readGitTree(location, { host, signal: undefined });
  const folder = `-e ${location}`;
  if (tree?.commit === undefined) return `# Editable install with no version control (${name}==${version})\n${folder}`;
  if (tree.remote === undefined) return `# Editable Git install with no remote (${name}==${version})\n${folder}`;
  const url = remoteUrl(tree.remote);
  if (url === undefined)
    return `# Editable Git install (${name}==${version}) with either a deleted local remote or invalid URI:\n# '${tree.remote}'\n${folder}`;
  const inside = relative(tree.root, realPath(location));
  const address = /^git:/i.test(url) ? url : `git+${url}`;
  return `-e ${address}@${tree.commit}#egg=${name.replaceAll("-", "_")}${inside === "" ? "" : `&subdirectory=${inside}`}`;
}

/** A remote as a URL: `git@host:path` is ssh, a path of this machine a file. */
function remoteUrl(remote: string): string | undefined {
  if (/^\w+:\/\//.test(remote)) return remote;
  if (pathExists(remote)) return localUrl(remote);
  const short = /^(\w+@)?([^/:]+):(\w[^:]*)$/.exec(remote);
  return short === null ? undefined : `ssh://${short[1] ?? ""}${short[2]}/${short[3]}`;
}
