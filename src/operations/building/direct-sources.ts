import { checkOut, copyProject, findCommit, isProject, parseGitUrl, unpackSource, type ConfigSettings, type GitSource } from "#builds";
import { fileURLToPath, isFolder, makeFolders, PenError, printableLine, redactUrl, removeTree, pathExists, join } from "#foundation";
import type { IndexClient } from "#index";
import { normalizeName, tryParseSdistFilename, type DirectUrl, type NormalizedName } from "#standards";
import type { Context } from "../context.ts";
import { localUrl, withoutCredentials, type FilePlace } from "./direct-places.ts";
import { fileHashes } from "../packages/hash.ts";
import { checkDirectHash } from "../resolving/promised-hashes.ts";
import type { Source } from "./source-types.ts";

/** A source that was named by its place, with what direct_url.json will say of it once it was fetched. */
export interface DirectSource {
  readonly source: Source;
  directUrl(): DirectUrl;
}

export interface DirectSourceInput {
  readonly context: Context;
  readonly client: IndexClient;
  /** A Python, for archives that pen cannot read by itself. */
  readonly python: string;
  /** What the requirement calls it. */
  readonly name: NormalizedName | undefined;
  readonly editable: boolean;
  /** Named by the person, or by a local project: see {@link Source.trusted}. */
  readonly trusted: boolean;
  /** `sha256:…` promises of the requirement. */
  readonly hashes: readonly string[];
  readonly settings: (name: NormalizedName | undefined) => ConfigSettings;
  /** Where repositories in development mode are kept. */
  readonly sourceFolder: string;
}

/** A folder of this machine. It is built in a copy, unless in development mode. */
export function folderSource(path: string, subdirectory: string | undefined, input: DirectSourceInput): DirectSource {
  const { editable, name } = input;
  const root = subdirectory === undefined ? path : join(path, subdirectory);
  return {
    source: {
      label: name ?? root,
      origin: root,
      editable,
      trusted: input.trusted || editable,
      name,
      version: undefined,
      settings: input.settings(name),
      identity: undefined,
      fetch: async (folder) => {
        if (!isProject(root)) throw notAProject(root);
        return { root: editable ? root : copyProject(root, folder), identity: undefined };
      },
    },
    directUrl: () => ({ url: localUrl(path), info: { kind: "dir", editable }, ...(subdirectory === undefined ? {} : { subdirectory }) }),
  };
}

/** An archive, here or on the network. */
export function archiveSource(place: FilePlace, input: DirectSourceInput): DirectSource {
  const { context, client, name } = input;
  const promised = place.hashes["sha256"];
  let sha256 = promised;
  const isWhole = promised !== undefined && (input.hashes.length === 0 || input.hashes.includes(`sha256:${promised}`));
  const inside = place.subdirectory === undefined ? "" : `/${place.subdirectory}`;
  const origin = redactUrl(place.url);
  const known = name ?? tryParseSdistFilename(place.filename)?.name;
  return {
    source: {
      label: name ?? origin,
      origin,
      editable: false,
      trusted: false,
      name,
      version: undefined,
      settings: input.settings(known),
      identity: isWhole ? `sha256:${promised}${inside}` : undefined,
      identify: async () => {
        // Where the URL states hashes, fetching compares them.
        if (!place.isLocal || Object.keys(place.hashes).length > 0) return undefined;
        const path = fileURLToPath(place.url);
        const { sha256: found = "" } = fileHashes(path, ["sha256"]);
        checkDirectHash(input.hashes, { path, sha256: found, url: origin });
        sha256 = found;
        return `sha256:${found}${inside}`;
      },
      fetch: async (folder) => {
        const place2 = `${folder}-file`;
        makeFolders(place2);
        const { url, filename, hashes } = place;
        const file = await client.download({ url, filename, hashes }, place2);
        checkDirectHash(input.hashes, { path: file.path, sha256: file.sha256, url: origin });
        sha256 = file.sha256;
        const root = await unpackSource(file.path, { filename, into: folder, python: input.python, signal: context.signal });
        return { root: within(root, place.subdirectory, origin), identity: `sha256:${file.sha256}${inside}` };
      },
    },
    directUrl: () => {
      const [first] = Object.entries(place.hashes);
      const hashes = first === undefined ? { sha256: sha256 ?? "" } : Object.fromEntries([first]);
      return {
        url: withoutCredentials(place.url),
        info: { kind: "archive", hashes },
        ...(place.subdirectory === undefined ? {} : { subdirectory: place.subdirectory }),
      };
    },
  };
}

/** A repository. In development mode it is kept where the person can work in it. Asks the server for the commit; errors as in `findCommit`. */
export async function gitSource(url: string, input: DirectSourceInput): Promise<DirectSource> {
  const { context } = input;
  const git = parseGitUrl(url);
  const options = { host: context.host, signal: context.signal };
  const name = input.name ?? (git.egg === undefined ? undefined : eggName(git.egg, url));
  if (input.editable) return editableRepository(git, { ...input, name }, url);
  let commit = await findCommit(git, options);
  const inside = git.subdirectory === undefined ? "" : `/${git.subdirectory}`;
  const identityOf = (found: string): string => `git:${git.url}@${found}${inside}`;
  return {
    source: {
      label: name ?? redactUrl(git.url),
      origin: redactUrl(`git+${git.url}${git.revision === undefined ? "" : `@${git.revision}`}`),
      editable: false,
      trusted: false,
      name,
      version: undefined,
      settings: input.settings(name),
      identity: commit === undefined ? undefined : identityOf(commit),
      fetch: async (folder) => {
        // What the branch pointed to when it was looked up is what is built, also when it moves meanwhile.
        const root = join(folder, "source");
        commit = await checkOut({ ...git, revision: commit ?? git.revision }, root, options);
        return { root: within(root, git.subdirectory, git.url), identity: identityOf(commit) };
      },
    },
    directUrl: () => ({
      url: git.url,
      info: {
        kind: "vcs",
        vcs: "git",
        commitId: commit ?? "",
        ...(git.revision === undefined ? {} : { requestedRevision: git.revision }),
      },
      ...(git.subdirectory === undefined ? {} : { subdirectory: git.subdirectory }),
    }),
  };
}

function eggName(egg: string, url: string): NormalizedName {
  const plain = egg.replace(/\[.*$/, "");
  try {
    return normalizeName(plain);
  } catch (error) {
    throw new PenError("INVALID_REQUIREMENT", `${printableLine(redactUrl(url))} has no proper name behind #egg=`, {
      hint: "Write: name @ git+https://…",
      cause: error,
    });
  }
}

function editableRepository(git: GitSource, input: DirectSourceInput, url: string): DirectSource {
  const { context, name } = input;
  if (name === undefined) {
    throw new PenError("INVALID_REQUIREMENT", `${printableLine(redactUrl(url))} needs a name to be installed in development mode`, {
      why: "The repository is kept in a folder of that name.",
      hint: "Add it at the end: #egg=NAME",
    });
  }
  const place = join(input.sourceFolder, name);
  const root = git.subdirectory === undefined ? place : join(place, git.subdirectory);
  return {
    source: {
      label: name,
      origin: redactUrl(`git+${git.url}`),
      editable: true,
      trusted: true,
      name,
      version: undefined,
      settings: input.settings(name),
      identity: undefined,
      fetch: async () => {
        const isNew = !pathExists(place);
        makeFolders(input.sourceFolder);
        try {
          await checkOut(git, place, { host: context.host, signal: context.signal });
        } catch (error) {
          if (isNew) removeTree(place);
          throw error;
        }
        return { root: within(place, git.subdirectory, git.url), identity: undefined };
      },
    },
    directUrl: () => ({ url: localUrl(root), info: { kind: "dir", editable: true } }),
  };
}

function within(root: string, subdirectory: string | undefined, origin: string): string {
  if (subdirectory === undefined) return root;
  const place = join(root, subdirectory);
  if (isFolder(place)) return place;
  throw new PenError("INVALID_SOURCE", `${printableLine(redactUrl(origin))} has no folder ${printableLine(subdirectory)}`, {
    why: "It was named by #subdirectory=.",
    data: { rule: "no-project" },
  });
}

function notAProject(root: string): PenError {
  return new PenError("INVALID_SOURCE", `${printableLine(root)} is no Python project`, {
    why: "It has neither a pyproject.toml nor a setup.py.",
    hint: "Name the folder that has one of them.",
    data: { rule: "no-project" },
  });
}
