import { PenError, printableLine, redactUrl } from "#foundation";
import { sameVersion, tryParseSdistFilename, tryParseVersion } from "#standards";
import type { BuildChoices, BuildQuestion } from "./build-choices.ts";
import type { Sources } from "./source-types.ts";

/**
 * Asks the person whether a source may be built, where somebody is there to be asked. Errors: BUILD_REFUSED for a no, and when nobody can be
 * asked: it names the switch.
 */
export async function askToBuild(choices: Pick<BuildChoices, "confirm">, question: BuildQuestion): Promise<void> {
  if (choices.confirm !== undefined && (await choices.confirm(question))) return;
  const { what, name, origin, backend, requires } = question;
  const needs = requires.length === 0 ? "" : `, with ${requires.map(printableLine).join(", ")}`;
  throw new PenError("BUILD_REFUSED", `${printableLine(what)} would have to be built from source`, {
    why: `That runs code of the project on this machine (${printableLine(backend)}${needs}), and nobody has allowed it.\nIt comes from ${printableLine(origin)}`,
    hint: `If you trust it, add ${name === undefined ? "" : `--allow-build ${name}, or for all sources `}--allow-builds.`,
    data: { what: printableLine(what), backend, origin: printableLine(origin), ...(name === undefined ? {} : { name }) },
  });
}

/**
 * When requirements cannot be met for want of wheels: asks for each project of which a build would help whether its newest source that fits may be built.
 * True when one was allowed, so that it is worth solving again.
 */
export async function allowRefused(sources: Sources, conflict: PenError): Promise<boolean> {
  let isNew = false;
  const buildable = (conflict.data["buildable"] ?? {}) as Readonly<Record<string, string>>;
  for (const [name, files] of sources.refused) {
    const wanted = tryParseVersion(buildable[name] ?? "");
    if (wanted === undefined) continue;
    const found = files
      .map((file) => ({ file, filename: tryParseSdistFilename(file.filename, name) }))
      .find(({ filename }) => filename !== undefined && sameVersion(filename.version, wanted));
    if (found?.filename === undefined) continue;
    sources.refused.delete(name);
    const builder = await sources.builder();
    const { file, filename } = found;
    const { version, versionText } = filename;
    const source = builder.ofFile(file, { name, version, versionText, hashes: [] });
    const { backend, requires } = await builder.question(source);
    const what = `${name} ${versionText}`;
    if ((await sources.choices.confirm?.({ what, name, origin: redactUrl(file.url), backend, requires })) !== true) continue;
    sources.allow(name);
    isNew = true;
  }
  return isNew;
}
