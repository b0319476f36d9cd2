/**
 * Records what the benchmark replays: `bun bench/record.ts` (needs the network, once). pip itself resolves and downloads both sets
 * and the seeds from pen's default index; the pages it receives are kept beside the wheels. The folder is ignored by git.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultIndexUrl } from "#index";
import { output, type Command } from "./measure.ts";
import { installPeers, networkVariables, type Peers } from "./peers.ts";
import { cutOff, readPage, readRecording, recordingFolder, type RecordedPage, type Recording } from "./recording.ts";
import { startReplay } from "./replay.ts";
import { scratchFolder } from "./scratch.ts";
import { downloadPlatforms, downloadPythons, pipTarget } from "./rows-download.ts";
import { pipenvSets } from "./rows-pipenv.ts";
import { hashedSets, sets } from "./workshop.ts";

const seeds = ["pip", "setuptools", "wheel"];
/** The projects of the rows beside pipenv, whose largest is one of the sets; and what is added to them. */
const projects = [pipenvSets.small, pipenvSets.medium, ["six", "iniconfig"]];
const everything: ReadonlyArray<readonly string[]> = [sets.large, sets.small, ...projects, ...hashedSets.map((name) => [name]), seeds];
/** What pen looks at for other platforms and Pythons than pip's, in pip's words: without these pages no version that needs them could be locked. */
const foreign: ReadonlyArray<readonly string[]> = [
  ["--no-deps", "colorama", "appnope"],
  // The newest that every Python 3.11 may have.
  ["--no-deps", "soupsieve==2.10"],
  ["--no-deps", "--platform", "win_amd64", "--python-version", "3.11", "pywin32", "pywinpty"],
  ["--no-deps", "--platform", "win_amd64", "--python-version", "3.13", "pywinpty"],
];
/** What the rows that download for several platforms and Pythons take. */
const targeted: ReadonlyArray<readonly string[]> = downloadPythons.flatMap((python) =>
  downloadPlatforms.map((platform) => [...pipTarget(python, platform), ...sets.large]),
);
const extractMetadata = `
import glob, sys, zipfile
for path in glob.glob(sys.argv[1] + "/*.whl"):
    with zipfile.ZipFile(path) as wheel:
        [name] = [name for name in wheel.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")]
        open(path + ".metadata", "wb").write(wheel.read(name))
`;

/** Lets pip download the requirements; the wheels and the pages that it sees stay in `folder`. */
async function download(peers: Peers, folder: string, requirements: readonly string[]): Promise<void> {
  const home = { env: { ...networkVariables(), HOME: folder, PIP_DISABLE_PIP_VERSION_CHECK: "1" }, cwd: folder };
  const taps = join(folder, "taps");
  mkdirSync(taps, { recursive: true });
  const tapped = [join(peers.pip, "..", "python"), join(import.meta.dir, "record_tap.py"), taps] as const;
  const options = [
    "download",
    "-q",
    "--no-cache-dir",
    "--only-binary",
    ":all:",
    "--index-url",
    defaultIndexUrl,
    "-d",
    join(folder, "files"),
  ];
  await output([...tapped, ...options, ...requirements], home);
}

/** Files the tapped pages by project. */
function filePages(folder: string): RecordedPage[] {
  const taps = join(folder, "taps");
  const pages = new Map<string, RecordedPage>();
  for (const about of readdirSync(taps).filter((name) => name.endsWith(".about"))) {
    const { url, type } = JSON.parse(readFileSync(join(taps, about), "utf8")) as { url: string; type: string };
    const project = new URL(url).pathname.split("/").findLast(Boolean) ?? "";
    const file = `${project}.${type.endsWith("+json") ? "json" : "html"}`;
    renameSync(join(taps, about.replace(/\.about$/, "")), join(folder, "pages", file));
    pages.set(project, { project, url, type, file });
  }
  rmSync(taps, { recursive: true });
  return [...pages.values()].sort((a, b) => (a.project < b.project ? -1 : 1));
}

/** Writes down what `folder` holds. */
async function describe(peers: Peers, folder: string, pages: readonly RecordedPage[]): Promise<Recording> {
  await output([peers.python, "-I", "-c", extractMetadata, join(folder, "files")], { env: {}, cwd: folder });
  const wheels = readdirSync(join(folder, "files")).filter((name) => name.endsWith(".whl"));
  const cutOffHolds = pages.every((page) => readPage(page, new Set(), folder).files.every((file) => "upload-time" in file));
  const recording: Recording = { recordedAt: new Date().toISOString(), cutOffHolds, pages, wheels };
  writeFileSync(join(folder, "recording.json"), `${JSON.stringify(recording, null, 1)}\n`);
  return recording;
}

/** Requirements, pinned, in pip's words, for the files whose absence stopped a solver: each for the Python and platform of the file. */
function requirementsOf(misses: readonly string[], folder: string, pages: readonly RecordedPage[]): string[][] {
  const wanted = new Set(misses.map((path) => decodeURIComponent(path).replace(/\.metadata$/, "")));
  const files = pages.flatMap((page) => readPage(page, new Set(), folder).files.map((file) => ({ page, file })));
  return files.flatMap(({ page, file }) => {
    if (!wanted.has(decodeURIComponent(new URL(file.url).pathname))) return [];
    const version = file.filename.split("-")[1];
    return file.filename.endsWith(".whl") && version !== undefined ? [[...targetOf(file.filename), `${page.project}==${version}`]] : [];
  });
}

/** Of a wheel that is not for every platform. */
function targetOf(filename: string): string[] {
  const [python = "", abi = "", platforms = ""] = filename
    .replace(/\.whl$/, "")
    .split("-")
    .slice(-3);
  if (platforms === "any") return [];
  const tags = platforms.split(".").flatMap((tag) => ["--platform", tag]);
  const version = /^cp\d+/.exec(python) === null ? [] : ["--python-version", python.slice(2), "--implementation", "cp"];
  return ["--only-binary", ":all:", ...tags, ...version, "--abi", abi];
}

/** pen's download for all targets, of which it fetches what pip's markers left out. */
const targetLine = (peers: Peers, index: string): Command => [
  peers.pen,
  "pip",
  "download",
  "-q",
  "--python",
  peers.python,
  "--index-url",
  index,
  "-d",
  "wheels",
  "-r",
  "in.txt",
  ...downloadPythons.flatMap((version) => ["--python-version", version]),
  ...downloadPlatforms.flatMap(({ name }) => ["--python-platform", name]),
];

/** Lets the tools solve from the recording alone; answers what they asked for in vain. */
async function findGaps(peers: Peers, folder: string): Promise<string[]> {
  const replay = await startReplay(folder);
  const place = join(scratchFolder, "proof");
  const home = {
    env: { PATH: "/usr/bin:/bin", HOME: place, UV_CACHE_DIR: join(place, "uv"), PEN_CACHE_DIR: join(place, "pen") },
    cwd: place,
  };
  const index = `${replay.origin}/simple/`;
  try {
    for (const wanted of everything) {
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, "in.txt"), wanted.join("\n"));
      writeFileSync(
        join(place, "pyproject.toml"),
        `[project]\nname = "project"\nversion = "1.0"\nrequires-python = "==3.11.*"\ndependencies = ${JSON.stringify(wanted)}\n`,
      );
      const common = ["-q", "--python", peers.python, "--default-index", index];
      const lines: Command[] = [
        [peers.uv, "pip", "compile", ...common, "in.txt"],
        [peers.uv, "lock", ...common],
      ];
      if (existsSync(peers.pen)) lines.push([peers.pen, "pip", "compile", "-q", "--python", peers.python, "--index-url", index, "in.txt"]);
      if (existsSync(peers.pen) && wanted === sets.large) lines.push(targetLine(peers, index));
      // A solver that fails for another reason than a gap is the benchmark's business, not the recording's.
      for (const line of lines) await output(line, home).catch(() => "");
    }
    return await replay.misses();
  } finally {
    await replay.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const peers = await installPeers(scratchFolder, { pen: join(import.meta.dir, "..", "dist", "pen"), python: undefined });
  const folder = join(scratchFolder, "recording");
  rmSync(folder, { recursive: true, force: true });
  // With --add what is recorded stays, and only what it lacks is fetched.
  const adding = process.argv.includes("--add") && existsSync(recordingFolder);
  if (adding) await output(["/bin/cp", "-a", recordingFolder, folder], { env: {}, cwd: "/" });
  const recorded = new Set(adding ? readRecording().pages.map(({ project }) => project) : []);
  for (const name of ["files", "pages"]) mkdirSync(join(folder, name), { recursive: true });
  const namesOf = (words: readonly string[]): readonly string[] => words.filter((word) => /^[a-z][a-z0-9-]*(==.*)?$/.test(word));
  const isLacking = (words: readonly string[]): boolean => targeted.includes(words) || namesOf(words).some((name) => !recorded.has(name));
  for (const requirements of [...everything, ...foreign, ...targeted].filter(isLacking)) {
    console.log(`Downloading ${namesOf(requirements).join(", ")} and what they need …`);
    await download(peers, folder, requirements);
  }
  const fresh = filePages(folder);
  const kept = adding ? readRecording().pages.filter(({ project }) => !fresh.some((page) => page.project === project)) : [];
  const pages = [...kept, ...fresh].sort((a, b) => (a.project < b.project ? -1 : 1));
  let recording = await describe(peers, folder, pages);
  // The solvers may look at other versions than pip took: newer ones that do not fit, and older ones for the cut-off date.
  for (let misses = await findGaps(peers, folder); misses.length > 0; misses = await findGaps(peers, folder)) {
    const requirements = requirementsOf(misses, folder, pages);
    if (requirements.length === 0) throw new Error(`The recording lacks ${misses.join(", ")}`);
    const names = requirements.map((words) => words.at(-1)).join(", ");
    console.log(`Adding ${names} …`);
    for (const words of requirements) await download(peers, folder, ["--no-deps", ...words]);
    rmSync(join(folder, "taps"), { recursive: true });
    const before = recording.wheels.length;
    recording = await describe(peers, folder, pages);
    if (recording.wheels.length === before) throw new Error(`The index has no wheel of ${names} that pip takes`);
  }
  rmSync(recordingFolder, { recursive: true, force: true });
  renameSync(folder, recordingFolder);
  const state = recording.cutOffHolds ? `as of ${cutOff}` : "as of now: the index gives no upload times";
  console.log(`Recorded ${pages.length} pages and ${recording.wheels.length} wheels, ${state}.`);
}

await main();
