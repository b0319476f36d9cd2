import { readZip, type RefuseSource } from "#builds";
import { excerpt, isFolder, listFolder, pathExists, PenError, printableLine, readText, resolve } from "#foundation";
import type { AdvisoryClient } from "#index";
import { parseAdvisory, tryNormalizeName, type Advisory, type NormalizedName } from "#standards";

/** All records of PyPI packages are about 100 MB; a copy that unpacks to more than this is no such copy. */
const largestCopy = 4 * 2 ** 30;
const largestRecord = 16 * 2 ** 20;

/**
 * A downloaded copy of the OSV database: a zip file of records, as OSV offers one for every ecosystem, or a folder with them (and folders in it).
 * It answers as the database on the network does. The whole copy is read for the first question, and for names that were not in it. Errors: INVALID_ADVISORY, FILE_SYSTEM.
 */
export function openAdvisoryCopy(place: string, cwd: string): AdvisoryClient {
  const path = resolve(cwd, place);
  if (!pathExists(path))
    throw new PenError("INVALID_ADVISORY", `There is no copy of the vulnerability database at ${printableLine(place)}`, {
      hint: "Download all.zip of the ecosystem PyPI from OSV (its documentation names the place), and give its path to --db.",
    });
  let known: { readonly names: ReadonlySet<NormalizedName>; readonly found: Advisory[] } | undefined;
  return {
    records: async (questions) => {
      const names = new Set<NormalizedName>(questions.map(({ name }) => name));
      // Further questions are about versions of packages that were asked about before.
      if (known !== undefined && [...names].every((name) => known?.names.has(name))) return known.found;
      const found: Advisory[] = [];
      let count = 0;
      for await (const { name, text } of isFolder(path) ? folderRecords(path) : zipRecords(path)) {
        count += 1;
        if (mentions(text, names)) found.push(recordIn(text, `${place}: ${name}`));
      }
      // An audit against nothing would find nothing, and look like a good one.
      if (count === 0) throw broken(place, "It holds no records (files that end in .json).");
      known = { names, found };
      return found;
    },
  };
}

interface RecordText {
  readonly name: string;
  readonly text: string;
}

async function* folderRecords(folder: string): AsyncGenerator<RecordText> {
  for (const entry of listFolder(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.kind === "folder") yield* folderRecords(path);
    else if (entry.name.endsWith(".json")) yield { name: entry.name, text: readText(path) };
  }
}

async function* zipRecords(path: string): AsyncGenerator<RecordText> {
  const refuse: RefuseSource = (_rule, why, member) => broken(path, `${member === undefined ? "" : `${excerpt(member, 120)}: `}${why}`);
  let total = 0;
  for await (const member of readZip(path, { refuse })) {
    if (member.kind !== "file" || !member.name.endsWith(".json")) continue;
    total += member.size;
    if (member.size > largestRecord || total > largestCopy) throw broken(path, `${excerpt(member.name, 120)} is larger than records are.`);
    const parts: Uint8Array[] = [];
    for await (const part of member.content()) parts.push(part);
    yield { name: member.name, text: Buffer.concat(parts).toString("utf8") };
  }
}

/** Whether a record may be about one of the packages: reading all texts as JSON would take seconds. */
function mentions(text: string, names: ReadonlySet<NormalizedName>): boolean {
  for (const [, name = ""] of text.matchAll(/"name"\s*:\s*"([^"]*)"/g)) {
    // Letters may be written as escapes.
    const normal = name.includes("\\") ? undefined : tryNormalizeName(name);
    if (name.includes("\\") || (normal !== undefined && names.has(normal))) return true;
  }
  return false;
}

function recordIn(text: string, place: string): Advisory {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken(place, "It is no JSON: the copy is damaged, or was cut off.");
  }
  return parseAdvisory(value);
}

const broken = (place: string, why: string): PenError =>
  new PenError("INVALID_ADVISORY", `${printableLine(place)} is no copy of a vulnerability database`, {
    why: printableLine(why),
    hint: "Download it again, or leave --db away to ask the database on the network.",
  });
