/**
 * index: what package indexes offer. Enters: locations, a cache folder, project names. Leaves: listings of a project's
 * versions and files, metadata of releases, and files on disk whose hashes hold. Knows the Simple API (PEP 503, 592, 629, 658,
 * 691, 700, 714), flat folders and pages, credentials and HTTP; nothing of environments.
 */
export { createIndexClient } from "./client.ts";
export { defaultIndexUrl } from "./settings.ts";
export type {
  ConnectionSettings,
  Credentials,
  DownloadOptions,
  DownloadRequest,
  DownloadedFile,
  IndexClient,
  IndexLocation,
  IndexRoutes,
  IndexSettings,
} from "./settings.ts";
export type { Grounds } from "./grounds.ts";
export { parseExcludeNewer } from "./exclude-newer.ts";
export { shownUrl } from "./urls.ts";
export type { IndexFile, ListedVersion, MaybePromise, OtherFile, ProjectListing, ReleaseMetadata } from "./types.ts";
export { advisoryPage, createAdvisoryClient, defaultAdvisoryUrl, projectPage } from "./advisories.ts";
export type { AdvisoryClient, AdvisoryQuestion, AdvisorySettings } from "./advisories.ts";
