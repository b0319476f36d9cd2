/**
 * Builds the most used projects of the index from their sources, with pen and with the real pip side by side: `bun bench/sdists.ts [--count N]
 * [--only a,b] [--timeout SECONDS] [--pen PATH] [--python PATH] [--json FILE]`. Needs the network. Each takes the newest source that it finds by itself, builds it in
 * an environment of its own, and is given up after the time limit. Prints what builds with both, fails with both, and differs. Ends with 1 when one differs.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { defaultIndexUrl } from "#index";
import { output, type Command } from "./measure.ts";
import { installPeers, networkVariables, type Peers } from "./peers.ts";
import { scratchFolder } from "./scratch.ts";

const root = join(import.meta.dir, "..");
const place = join(scratchFolder, "sdists");

/** How one tool fared with one project. */
interface Attempt {
  readonly outcome: "built" | "failed" | "no source" | "too slow";
  readonly seconds: number;
  /** The path of the wheel. */
  readonly wheel?: string;
  /** Why it failed, in a line. */
  readonly reason?: string;
}

interface Twin {
  readonly name: string;
  readonly pen: Attempt;
  readonly pip: Attempt;
  readonly verdict: "builds with both" | "fails with both" | "too slow with both" | "differs" | "no source";
  readonly difference?: string;
}

interface Run {
  readonly status: number | null;
  readonly isLate: boolean;
  readonly seconds: number;
  readonly out: string;
}

/** Ends what is running now: each stands in a group of its own, which no signal of the terminal reaches. */
const running = new Set<() => void>();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    for (const stop of running) stop();
    process.exit(signal === "SIGINT" ? 130 : 143);
  });

/** Runs a command in a process group of its own, all of which ends with the time limit. */
function run([program, ...args]: Command, { env, timeout }: { env: Record<string, string>; timeout: number }): Promise<Run> {
  return new Promise((done, failed) => {
    const started = performance.now();
    const child = spawn(program, args, { env, cwd: place, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let isLate = false;
    const parts: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => void parts.push(part));
    const stop = (signal: NodeJS.Signals): void => {
      try {
        process.kill(-(child.pid ?? 0), signal);
      } catch {
        // It has ended by itself.
      }
    };
    const end = (): void => stop("SIGTERM");
    running.add(end);
    const timer = setTimeout(() => {
      isLate = true;
      stop("SIGTERM");
      setTimeout(() => stop("SIGKILL"), 5000).unref();
    }, timeout * 1000);
    child.on("error", failed);
    child.on("close", (status) => {
      clearTimeout(timer);
      running.delete(end);
      done({ status, isLate, seconds: (performance.now() - started) / 1000, out: Buffer.concat(parts).toString("utf8") });
    });
  });
}

async function attempt(tool: "pen" | "pip", name: string, peers: Peers, timeout: number): Promise<Attempt> {
  const folder = join(place, tool, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const home = join(place, `home-${tool}`);
  mkdirSync(home, { recursive: true });
  const env = { ...networkVariables(), HOME: home, TMPDIR: folder, PIP_CONFIG_FILE: "/dev/null", PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  const wanted = ["wheel", "--no-deps", "--no-binary", name, "--index-url", defaultIndexUrl, "-w", join(folder, "wheels"), name];
  const command: Command =
    tool === "pen"
      ? [peers.pen, "pip", ...wanted, "--python", peers.python, "--allow-builds", "--cache-dir", join(place, "cache-pen")]
      : [peers.pip, "--python", peers.python, ...wanted, "--cache-dir", join(place, "cache-pip")];
  const { status, isLate, seconds, out } = await run(command, { env, timeout });
  writeFileSync(join(place, `${name}.${tool}.log`), out);
  if (isLate) return { outcome: "too slow", seconds };
  if (status === 0) {
    const [wheel] = readdirSync(join(folder, "wheels"));
    return wheel === undefined
      ? { outcome: "failed", seconds, reason: "ended with 0 and left no wheel" }
      : { outcome: "built", seconds, wheel: join(folder, "wheels", wheel) };
  }
  // What its build needs may be absent, too: that is a failure.
  const isAbsent =
    out.includes(`No matching distribution found for ${name}\n`) || /Because you require [^]*--no-binary forbids its wheels/.test(out);
  return { outcome: isAbsent ? "no source" : "failed", seconds, reason: reasonOf(tool, out) };
}

/** The one line of what a tool printed that says most. */
function reasonOf(tool: "pen" | "pip", out: string): string {
  const lines = out
    .split("\n")
    .map((line) => line.replace(/\u001b\[[0-9;]*m/g, "").replace(/^[\s│╰─>×]+/, ""))
    .filter((line) => line !== "");
  const telling =
    tool === "pen"
      ? (lines.find((line) => /is missing|There is no compiler/.test(line)) ?? lines.find((line) => line.startsWith("Its build backend")))
      : (lines.findLast((line) => /fatal error|not found|No such file|is required|No module named/i.test(line)) ??
        lines.findLast((line) => /^(\w+Error|error|ERROR):/.test(line) && !/Failed (to build|building)/.test(line)));
  return (telling ?? lines.at(-1) ?? "nothing was printed").slice(0, 160);
}

/** What a wheel holds, as far as two builds of one source must agree: names, and the text of its metadata. */
const describeWheel = `
import json, sys, zipfile
found = {"files": {}, "texts": {}}
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for entry in wheel.infolist():
        if entry.is_dir():
            continue
        name = entry.filename
        data = wheel.read(entry)
        last = name.rpartition("/")[2]
        if ".dist-info/" in name and last in ("METADATA", "WHEEL", "entry_points.txt", "top_level.txt"):
            text = data.decode("utf-8", "replace")
            found["texts"][last] = "\\n".join(line for line in text.splitlines() if not line.startswith("Generator:"))
        found["files"][name] = entry.CRC if name.endswith(".py") else 0
print(json.dumps(found))
`;

interface WheelContent {
  readonly files: Readonly<Record<string, number>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** In which way two wheels differ; undefined when they do not. */
async function wheelDifference(peers: Peers, pen: string, pip: string): Promise<string | undefined> {
  const [first, second] = pen.split("/").at(-1) === pip.split("/").at(-1) ? [pen, pip] : [undefined, undefined];
  if (first === undefined || second === undefined) return `names: ${pen.split("/").at(-1)} and ${pip.split("/").at(-1)}`;
  const look = async (path: string): Promise<WheelContent> =>
    JSON.parse(await output([peers.python, "-I", "-c", describeWheel, path], { env: {}, cwd: "/" })) as WheelContent;
  const [own, other] = [await look(first), await look(second)];
  const files = [...new Set([...Object.keys(own.files), ...Object.keys(other.files)])];
  const lone = files.filter((path) => path in own.files !== path in other.files);
  if (lone.length > 0) return `files: ${lone.slice(0, 4).join(", ")}`;
  const text = Object.keys(other.texts).find((name) => own.texts[name] !== other.texts[name]);
  if (text !== undefined) return `the text of ${text}`;
  const changed = files.find((path) => own.files[path] !== other.files[path]);
  return changed === undefined ? undefined : `the content of ${changed}`;
}

const together: Readonly<Record<Attempt["outcome"], Twin["verdict"]>> = {
  built: "builds with both",
  failed: "fails with both",
  "too slow": "too slow with both",
  "no source": "no source",
};

async function compareTwin(name: string, peers: Peers, timeout: number): Promise<Twin> {
  const [pen, pip] = await Promise.all([attempt("pen", name, peers, timeout), attempt("pip", name, peers, timeout)]);
  const difference =
    pen.wheel !== undefined && pip.wheel !== undefined
      ? await wheelDifference(peers, pen.wheel, pip.wheel)
      : pen.outcome === pip.outcome
        ? undefined
        : `${pen.outcome} with pen, ${pip.outcome} with pip`;
  return difference === undefined ? { name, pen, pip, verdict: together[pen.outcome] } : { name, pen, pip, verdict: "differs", difference };
}

function line({ name, verdict, pen, pip, difference }: Twin): string {
  const times = `pen ${pen.seconds.toFixed(1)} s, pip ${pip.seconds.toFixed(1)} s`;
  const reasons = [pen, pip].map(({ reason }, at) => (reason === undefined ? "" : `\n    ${at === 0 ? "pen" : "pip"}: ${reason}`)).join("");
  return `${name.padEnd(36)} ${verdict.padEnd(18)} ${times}${difference === undefined ? "" : `\n    ${difference}`}${reasons}`;
}

function summary(twins: readonly Twin[]): string {
  const count = (verdict: Twin["verdict"]): number => twins.filter((twin) => twin.verdict === verdict).length;
  const built = twins.filter(({ verdict }) => verdict === "builds with both");
  const total = (of: "pen" | "pip"): string => built.reduce((sum, twin) => sum + twin[of].seconds, 0).toFixed(0);
  return [
    `${twins.length} projects with a source: ${count("builds with both")} build with both, ${count("fails with both")} fail with both, ${count("too slow with both")} take longer than the limit with both, ${count("differs")} differ.`,
    `Those that build with both took pen ${total("pen")} s and pip ${total("pip")} s in all, side by side.`,
  ].join("\n");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "100" },
      only: { type: "string" },
      timeout: { type: "string", default: "900" },
      pen: { type: "string", default: join(root, "dist", "pen") },
      python: { type: "string" },
      json: { type: "string" },
    },
  });
  const [count, timeout] = [Number(values.count), Number(values.timeout)];
  if (!(Number.isInteger(count) && count > 0 && timeout > 0)) throw new Error("--count and --timeout take numbers above 0");
  const peers = await installPeers(scratchFolder, { pen: resolve(values.pen), python: values.python });
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const listed = readFileSync(join(import.meta.dir, "sdists.txt"), "utf8")
    .split("\n")
    .filter((name) => name !== "" && !name.startsWith("#"));
  const twins: Twin[] = [];
  for (const name of values.only?.split(",") ?? listed) {
    if (twins.length === count) break;
    const twin = await compareTwin(name, peers, timeout);
    console.log(line(twin));
    if (twin.verdict !== "no source") twins.push(twin);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(twins, null, 1)}\n`);
  }
  console.log(`\n${summary(twins)}\nThe logs are in ${place}`);
  return twins.some(({ verdict }) => verdict === "differs") ? 1 : 0;
}

process.exitCode = await main();
