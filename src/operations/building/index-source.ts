import { unpackSource, type ConfigSettings } from "#builds";
import { fileURLToPath, makeFolders, redactUrl } from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import type { Context } from "../context.ts";
import { downloadProgress } from "../packages/download-progress.ts";
import { checkPromise } from "../packages/fetch.ts";
import { fileHashes } from "../packages/hash.ts";
import type { FileFacts, Source } from "./source-types.ts";

interface IndexSourceInput extends FileFacts {
  readonly file: IndexFile;
  readonly settings: ConfigSettings;
  /** A Python, for archives that pen cannot read by itself. */
  readonly python: string;
}

/** A source distribution of an index, as something to build. */
export function indexSource(context: Context, client: IndexClient, input: IndexSourceInput): Source {
  const { file, name, version, versionText, hashes } = input;
  const sha256 = file.hashes["sha256"];
  const isPromised = sha256 !== undefined && (hashes.length === 0 || hashes.includes(`sha256:${sha256}`));
  return {
    label: `${name} ${versionText}`,
    origin: redactUrl(file.url),
    editable: false,
    trusted: false,
    name,
    version,
    settings: input.settings,
    identity: isPromised ? `sha256:${sha256}` : undefined,
    identify: async () => {
      // A folder of --find-links states no hashes. Where a page states others, fetching compares them.
      if (!/^file:/i.test(file.url) || Object.keys(file.hashes).length > 0) return undefined;
      const path = fileURLToPath(file.url);
      const { sha256: found = "" } = fileHashes(path, ["sha256"]);
      await checkPromise({ name, version: versionText, file, hashes }, path, found);
      return `sha256:${found}`;
    },
    fetch: async (folder) => {
      const place = `${folder}-file`;
      makeFolders(place);
      const downloaded = await client.download(file, place, { onProgress: downloadProgress(context.emit, file.filename) });
      await checkPromise({ name, version: versionText, file, hashes }, downloaded.path, downloaded.sha256);
      const root = await unpackSource(downloaded.path, {
        filename: file.filename,
        into: folder,
        python: input.python,
        expected: { name, version },
        signal: context.signal,
      });
      return { root, identity: `sha256:${downloaded.sha256}` };
    },
  };
}
