/** The verbs that only pip has a word for, each loaded when it is first called. */
import type { DownloadOptions } from "./packages/download.ts";
import type { DownloadReport } from "./packages/download-types.ts";
import type { PythonReport, PythonReportOptions } from "./python-report.ts";
import type { IndexVersions, IndexVersionsOptions } from "./packages/index-versions.ts";
import type { CachedWheel, CacheInfo, RemovedFromCache } from "./packages/pip-cache.ts";
import type { EnvironmentRootOptions } from "./environments/environment-root.ts";
import type { InstallOptions, InstallReport } from "./packages/install.ts";
import type { OperationOptions } from "./settings.ts";

/** The files of requirements and of what they need, in a folder; for several Pythons and platforms at once. Errors: those of resolving and of the index. */
export async function download(options: DownloadOptions): Promise<DownloadReport> {
  const verb = await import("./packages/download.ts");
  return verb.download(options);
}

/** The versions of a project that an index has for a Python and platform. Errors: `PACKAGE_NOT_FOUND`, and those of the index. */
export async function indexVersions(options: IndexVersionsOptions): Promise<IndexVersions> {
  const verb = await import("./packages/index-versions.ts");
  return verb.indexVersions(options);
}

/** The Python that a command would work with, and the tags of the wheels that it would take. Errors: `PYTHON_NOT_FOUND`, `TARGET_UNSUPPORTED`. */
export async function reportPython(options: PythonReportOptions = {}): Promise<PythonReport> {
  const verb = await import("./python-report.ts");
  return verb.reportPython(options);
}

/** Where pen caches, and how much. */
export async function cacheInfo(options: OperationOptions = {}): Promise<CacheInfo> {
  const verb = await import("./packages/pip-cache.ts");
  return verb.cacheInfo(options);
}

/** The wheels of the store whose file name fits a pattern of pip's. */
export async function cachedWheels(options: OperationOptions & { readonly pattern?: string } = {}): Promise<CachedWheel[]> {
  const verb = await import("./packages/pip-cache.ts");
  return verb.cachedWheels(options);
}

/** Drops the wheels that fit a pattern of pip's, and for `*` also what indexes answered. */
export async function removeFromCache(options: OperationOptions & { readonly pattern: string }): Promise<RemovedFromCache> {
  const verb = await import("./packages/pip-cache.ts");
  return verb.removeFromCache(options);
}

/** The folder of the environment that a command would work in; undefined where there is none. Starts no Python. */
export async function environmentRoot(options: EnvironmentRootOptions = {}): Promise<string | undefined> {
  const verb = await import("./environments/environment-root.ts");
  return verb.environmentRoot(options);
}

/** Installs from a bundle of wheels alone, without any network; without requirements, what the bundle was made for. Errors: `INVALID_SOURCE`, `HASH_MISMATCH`, and those of `install`. */
export async function installBundle(bundle: string, options: InstallOptions): Promise<InstallReport> {
  const verb = await import("./packages/wheel-bundle.ts");
  return verb.installBundle(bundle, options);
}
