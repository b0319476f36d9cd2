import {
  isPenError,
  listFolder,
  PenError,
  printableLine,
  realPath,
  redactUrl,
  runProcess,
  type Host,
  type ProcessResult,
} from "#foundation";
import type { GitSource } from "./git-url.ts";

export interface GitOptions {
  readonly host: Host;
  readonly signal: AbortSignal | undefined;
}

/** A first commit of a branch, tag or full name. SHA-1, or SHA-256 in newer repositories. */
const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const longestMs = 30 * 60_000;

/**
 * The commit that a source means, without fetching it: the revision itself where it is a whole commit id, else what the server says of branches and
 * tags. Undefined when only the repository can tell (a short commit id). Errors: BUILD_FAILED (`data.reason` is `git`) when git fails or is missing.
 */
export async function findCommit(source: GitSource, options: GitOptions): Promise<string | undefined> {
  const { revision } = source;
  if (revision !== undefined && fullCommit.test(revision)) return revision;
  const wanted = revision ?? "HEAD";
  const patterns = revision === undefined ? ["HEAD"] : [revision, `refs/tags/${revision}^{}`];
  const { stdout } = await git(["ls-remote", "-q", "--end-of-options", source.url, ...patterns], source, options);
  const refs = new Map(stdout.split("\n").map((line) => line.split("\t", 2).reverse() as [string, string]));
  const names = [`refs/heads/${wanted}`, `refs/tags/${wanted}^{}`, `refs/tags/${wanted}`, wanted];
  return names.map((name) => refs.get(name)).find((commit) => commit !== undefined && fullCommit.test(commit));
}

/**
 * Checks a source out into `folder`, with its submodules, and gives the commit. The folder must not exist, be empty, or hold an earlier checkout of
 * the same repository, which is brought up to date (and not when files were changed in it). No hook runs, nobody is asked for a password, and what it
 * fetches from is kept as the repository's `origin`. Errors: as {@link findCommit}, FILE_CONFLICT for a folder that holds something else.
 */
export async function checkOut(source: GitSource, folder: string, options: GitOptions): Promise<string> {
  const { revision } = source;
  const inside = (args: readonly string[]): Promise<ProcessResult> => git(["-C", folder, ...args], source, options);
  if (listFolder(folder).length === 0)
    await git(["clone", "-q", "--no-checkout", "--filter=blob:none", "--end-of-options", source.url, folder], source, options);
  else {
    await checkSame(source, folder, options);
    await inside(["fetch", "-q", "--tags", "--force", "origin"]);
  }
  let commit = await revParse(
    inside,
    revision === undefined ? ["refs/remotes/origin/HEAD", "HEAD"] : [`refs/remotes/origin/${revision}`, `refs/tags/${revision}`, revision],
  );
  if (commit === undefined && revision !== undefined) {
    // Hidden refs (`refs/pull/1/head`) and commits of no branch are given only to who asks for them.
    await inside(["fetch", "-q", "--filter=blob:none", "origin", revision]);
    commit = await revParse(inside, ["FETCH_HEAD"]);
  }
  if (commit === undefined) throw noRevision(source);
  await inside(["checkout", "-q", "--detach", commit]);
  await inside(["submodule", "-q", "update", "--init", "--recursive"]);
  return commit;
}

async function checkSame(source: GitSource, folder: string, options: GitOptions): Promise<void> {
  const tree = await readGitTree(folder, options);
  if (tree !== undefined && tree.root === realPath(folder) && tree.remote === source.url) return;
  throw new PenError("FILE_CONFLICT", `${printableLine(folder)} is taken`, {
    why: `It should hold the repository ${printableLine(redactUrl(source.url))}, and holds ${tree?.remote === undefined ? "something else" : printableLine(redactUrl(tree.remote))}.`,
    hint: "Move it away, or name another folder with --src.",
    data: { path: folder },
  });
}

async function revParse(run: (args: readonly string[]) => Promise<ProcessResult>, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    try {
      const { stdout } = await run(["rev-parse", "-q", "--verify", "--end-of-options", `${name}^{commit}`]);
      const commit = stdout.trim().split("\n").at(-1) ?? "";
      if (fullCommit.test(commit)) return commit;
    } catch (error) {
      if (!isPenError(error, "BUILD_FAILED")) throw error;
    }
  }
  return undefined;
}

/** Where a working tree came from, for `freeze`; undefined for a folder that is no git repository. */
export interface GitTree {
  readonly root: string;
  readonly commit: string | undefined;
  /** The URL of `origin`, else of the first remote, with its scheme. */
  readonly remote: string | undefined;
}

/** Looks at the repository that a folder belongs to. Undefined also where there is no git. */
export async function readGitTree(folder: string, options: GitOptions): Promise<GitTree | undefined> {
  const ask = async (args: readonly string[]): Promise<string | undefined> => {
    try {
      return (await git(["-C", folder, ...args], undefined, options)).stdout.trim();
    } catch (error) {
      if (!isPenError(error)) throw error;
      return undefined;
    }
  };
  const root = await ask(["rev-parse", "--show-toplevel"]);
  if (root === undefined || root === "") return undefined;
  const remotes = (await ask(["config", "--get-regexp", "^remote\\..*\\.url$"]))?.split("\n").filter((line) => line !== "") ?? [];
  const line = remotes.find((text) => text.startsWith("remote.origin.url ")) ?? remotes[0];
  return { root, commit: await ask(["rev-parse", "HEAD"]), remote: line?.slice(line.indexOf(" ") + 1).trim() };
}

/** Settings that hold whatever the repository and the person's own configuration say. */
const safeSettings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "protocol.ext.allow=never",
  "advice.detachedHead=false",
  "credential.interactive=false",
  "gc.auto=0",
];

async function git(args: readonly string[], source: GitSource | undefined, { host, signal }: GitOptions): Promise<ProcessResult> {
  let result: ProcessResult;
  try {
    result = await runProcess("git", [...safeSettings.flatMap((setting) => ["-c", setting]), ...args], {
      env: variablesFor(source, host),
      cwd: host.tmp,
      timeoutMs: longestMs,
      maxOutput: 4 * 1024 * 1024,
      graceMs: 1000,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (!isPenError(error, "PROCESS_FAILED") || error.data["errno"] !== "ENOENT") throw error;
    throw new PenError("BUILD_FAILED", "There is no git on this machine", {
      why: `It is needed to fetch ${printableLine(redactUrl(source?.url ?? "a repository"))}.`,
      hint: "Install git, or name an archive of the project by its URL.",
      data: { reason: "git" },
      cause: error,
    });
  }
  if (result.status === 0) return result;
  const said = printableLine(redactUrl(lastWords(result.stderr)));
  throw new PenError("BUILD_FAILED", `git could not fetch ${printableLine(redactUrl(source?.url ?? "the repository"))}`, {
    why: result.timedOut
      ? `It did not end within ${longestMs / 60_000} minutes.`
      : `git said: ${said || `nothing, and ended with ${result.status ?? result.signal ?? "a signal"}`}`,
    hint: "Check the URL and your access to it; pen never asks for passwords there.",
    data: { reason: "git", url: redactUrl(source?.url ?? "") },
  });
}

function lastWords(text: string): string {
  const lines = text.trim().split("\n");
  return (
    lines
      .filter((line) => /^(fatal|error|remote|ssh|Permission|Host)/i.test(line))
      .slice(-3)
      .join(" ") ||
    (lines.at(-1) ?? "")
  );
}

/**
 * Nothing that points git to another repository; no questions. Name and password of the URL go by variables, not by arguments,
 * which every user of the machine can read.
 */
function variablesFor(source: GitSource | undefined, host: Host): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...host.env };
  for (const name of [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
  ])
    delete env[name];
  env["GIT_TERMINAL_PROMPT"] = "0";
  env["LC_ALL"] = "C";
  env["GIT_ASKPASS"] ??= "";
  env["SSH_ASKPASS_REQUIRE"] ??= "never";
  if (env["GIT_SSH_COMMAND"] === undefined && env["GIT_SSH"] === undefined) env["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes";
  if (source?.credentials === undefined) return env;
  const { username, password } = source.credentials;
  const at = Number(env["GIT_CONFIG_COUNT"] ?? "0") || 0;
  env["GIT_CONFIG_COUNT"] = String(at + 1);
  env[`GIT_CONFIG_KEY_${at}`] = `http.${new URL(source.url).origin}/.extraHeader`;
  env[`GIT_CONFIG_VALUE_${at}`] = `Authorization: Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return env;
}

function noRevision(source: GitSource): PenError {
  return new PenError("BUILD_FAILED", `${printableLine(redactUrl(source.url))} has no ${printableLine(source.revision ?? "commit")}`, {
    why: "It is neither a branch nor a tag nor a commit of the repository.",
    hint: "Check the name behind the '@'.",
    data: { reason: "git", url: redactUrl(source.url) },
  });
}
