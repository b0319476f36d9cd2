import {
  PenError,
  printableLine,
  removeTree,
  rename,
  statusOf,
  temporaryBeside,
  writeNew,
  setTime,
  type Compression,
  basename,
  join,
  resolve,
} from "#foundation";
import { readInstalled } from "#installer";
import { openEnvironment, type Environment } from "#venv";
import { checkStaged } from "./check.ts";
import { settleLibraries, type SystemNeeds } from "./libraries.ts";
import { refuseOutside, stagePackages } from "./packages.ts";
import { stagePython } from "./python.ts";
import { listTree } from "./tree.ts";
import { openContext, type Context, type OperationOptions } from "../context.ts";
import { versionOf } from "../packages/distributions.ts";
import { freePlace, makingPlace, standingEnvironment } from "../moving/environment-moving.ts";
import { environmentDestination, whileStill } from "../environment.ts";

export interface BundleOptions extends OperationOptions {
  /** A path, or the name of an environment. */
  readonly environment: string;
  /** `app.tar.zst`, `app.tar.gz`, `app.tar`, or a folder; nothing stands there yet. */
  readonly out: string;
  /** Leave out what only those need who test, teach or build with the standard library. */
  readonly slim?: boolean;
  /** Replace an archive that stands at `out`. Folders are never replaced. */
  readonly force?: boolean;
}

export interface BundleReport {
  readonly environment: string;
  /** The archive or folder, absolute. */
  readonly bundle: string;
  readonly format: "folder" | "tar" | "tar.gz" | "tar.zst";
  /** Bytes of the archive, or of the files in the folder. */
  readonly size: number;
  readonly files: number;
  /** `3.12.1`. */
  readonly python: string;
  readonly platform: string;
  readonly packages: ReadonlyArray<{ readonly name: string; readonly version: string }>;
  /** What the other machine must have. */
  readonly needs: SystemNeeds;
  /** Scripts that start a Python outside of the bundle, and will not run where that is missing. */
  readonly foreignScripts: readonly string[];
}

/**
 * Packs an environment up with its whole Python: a folder, or an archive of one, that runs wherever it is put on a machine of the same platform.
 * Packages go into the copied Python's own folder, so that it needs no `pyvenv.cfg`, the only file of an environment that must name a place. The copy is
 * started and looked at before it is handed over. Errors: ENV_NOT_FOUND, ENV_BROKEN, ENV_EXISTS, TARGET_UNSUPPORTED, FILE_SYSTEM; nothing is left then.
 */
export async function bundleEnvironment(options: BundleOptions): Promise<BundleReport> {
  const context = openContext(options);
  const { host, cacheFolder, signal } = context;
  if (host.platform !== "linux")
    throw new PenError("TARGET_UNSUPPORTED", "pen makes bundles on Linux only", {
      why: "On this system a Python names its libraries by fixed places.",
      hint: "Take the environment along as a lock: pen env export",
    });
  const from = standingEnvironment(options.environment, context);
  const environment = await openEnvironment(from.root, { host, cacheFolder, signal });
  const format = formatOf(options.out);
  const out = outPlace(options, context, { format, root: from.root });
  const stage = makingPlace(out, context);
  const making = temporaryBeside(out);
  try {
    const content = await whileStill(context, from.target, () => fillStage(environment, stage, { context, slim: options.slim ?? false }));
    const tree = listTree(stage).filter(({ kind }) => kind === "file");
    const size = await publish(stage, { out, making, format, context });
    const { version: python, markers } = environment.interpreter;
    const platform = `${markers.sys_platform}-${markers.platform_machine}`;
    return { environment: from.root, bundle: out, format, size, files: tree.length, python, platform, ...content };
  } finally {
    removeTree(stage);
    removeTree(making);
  }
}

const endings = { ".tar.zst": "tar.zst", ".tar.gz": "tar.gz", ".tgz": "tar.gz", ".tar": "tar" } as const;
const compressions: Readonly<Record<Exclude<BundleReport["format"], "folder">, Compression>> = {
  tar: "none",
  "tar.gz": "gzip",
  "tar.zst": "zstd",
};

function formatOf(out: string): BundleReport["format"] {
  const known = Object.entries(endings).find(([ending]) => out.endsWith(ending) && basename(out) !== ending);
  if (known !== undefined) return known[1];
  if (!/\.(?:zip|tar\.\w+|zst|gz|7z|t[a-z]z\d?)$/.test(out)) return "folder";
  throw new PenError("USAGE", `pen does not write ${printableLine(basename(out))}`, {
    why: "A bundle has executable files and links, which a tar archive keeps.",
    hint: "Name it .tar.zst, .tar.gz or .tar, or name a folder.",
  });
}

function outPlace(
  options: BundleOptions,
  context: Context,
  { format, root }: { readonly format: BundleReport["format"]; readonly root: string },
): string {
  const place = resolve(context.host.cwd, options.out);
  if (options.force === true && format !== "folder" && statusOf(place)?.kind === "file") return place;
  return freePlace(options.out, context, { named: ".", root });
}

type Content = Pick<BundleReport, "packages" | "needs" | "foreignScripts">;

async function fillStage(
  environment: Environment,
  stage: string,
  { context, slim }: { readonly context: Context; readonly slim: boolean },
): Promise<Content> {
  const { interpreter } = environment;
  const { target } = environmentDestination(environment);
  const installed = readInstalled(target);
  refuseOutside(environment, target, installed);
  stagePython(interpreter, stage, { slim });
  settleLibraries(interpreter, stage);
  const library = await checkStaged(interpreter, stage, context.signal);
  const foreignScripts = stagePackages(environment, stage, { library, target });
  shutOutUserPackages(environment, library);
  const needs = settleLibraries(interpreter, stage);
  await checkStaged(interpreter, stage, context.signal);
  const packages = installed.map((one) => ({ name: one.name, version: versionOf(one) }));
  return { packages, needs, foreignScripts };
}

/**
 * Packages that a person installed for themselves stay outside, as they do of an environment. (`site` decides by `pyvenv.cfg` there; newer Pythons have
 * it compiled in, so that its own switch cannot be turned.)
 */
function shutOutUserPackages(environment: Environment, library: string): void {
  const path = join(library, "_pen_bundle.pth");
  if (statusOf(path) !== undefined) return;
  writeNew(path, "import site, sys; site.USER_SITE in sys.path and sys.path.remove(site.USER_SITE); site.ENABLE_USER_SITE = False\n");
  setTime(path, statusOf(join(environment.root, "pyvenv.cfg"))?.mtimeMs ?? 0);
}

interface Publishing {
  readonly out: string;
  readonly making: string;
  readonly format: BundleReport["format"];
  readonly context: Context;
}

/** The archive or folder appears whole by one rename. */
async function publish(stage: string, { out, making, format, context }: Publishing): Promise<number> {
  if (format === "folder") {
    const size = listTree(stage).reduce((sum, { path }) => sum + (statusOf(join(stage, path))?.size ?? 0), 0);

    rename(stage, out);
    return size;
  }
  const { writeArchive } = await import("./archive.ts");
  const stamp = context.host.env["SOURCE_DATE_EPOCH"];
  const epoch = stamp !== undefined && /^\d{1,11}$/.test(stamp) ? Number(stamp) : undefined;
  const top = basename(out).replace(/\.(?:tar(?:\.\w+)?|tgz)$/, "");
  const size = await writeArchive(stage, making, { top, compression: compressions[format], epoch, signal: context.signal });
  rename(making, out);
  return size;
}
