/**
 * foundation: the operating system and the plumbing every room stands on. Enters: nothing of pen. Leaves: files,
 * processes, locks, errors, events and the {@link Host} value. Knows no packaging word.
 */
export { PenError, isPenError, fileSystemError, errorCodes } from "./errors.ts";
export type { PenErrorCode, PenErrorDetails, JsonValue } from "./errors.ts";
export { silent, warn } from "./events.ts";
export type { PenEvent, Phase, Emit } from "./events.ts";
export { readHost, cacheDir, dataDir, kernelText, uptime } from "./host.ts";
export type { Host } from "./host.ts";
export { crc32, delayJit, easeJit } from "./runtime.ts";
export { chooseQuickCalls } from "./quick-calls.ts";
export { basename, delimiter, dirname, isAbsolute, join, normalize, posix, relative, resolve, sep, win32 } from "./paths.ts";
export { isTerminal } from "./terminals.ts";
export { zlib, fileURLToPath, pathToFileURL, util } from "./builtins.ts";
export { penVersion, pipenvRelease, pipRelease, virtualenvRelease } from "../release.ts";
export { printable, printableLine, excerpt, redactUrl, closest } from "./text.ts";
export { createHasher, sha256Hex } from "./hash.ts";
export { checksum, sealText, unsealText } from "./sealed-text.ts";
export type { Hasher } from "./hash.ts";
export { runProcess, becomeProcess, isProcessAlive } from "./processes.ts";
export type { ProcessOptions, ProcessResult } from "./processes.ts";
export { acquireLock } from "./locks.ts";
export type { LockOptions, HeldLock } from "./locks.ts";
export { letGo } from "./memory.ts";
export { compress, gunzip, inflatePromised } from "./compression.ts";
export type { Compression } from "./compression.ts";
export { createFetch } from "./http.ts";
export type { Fetch, FetchOptions } from "./http.ts";
export { proxiesFromEnvironment, proxyUrl } from "./proxies.ts";
export type { ProxyFor } from "./proxies.ts";
export { randomHex } from "./random.ts";
export { bytesOf, textOf } from "./utf8.ts";
export { LazyList } from "./sequence.ts";
export type { Sequence } from "./sequence.ts";
export { createLimiter, processorCount } from "./concurrency.ts";
export type { Limiter } from "./concurrency.ts";
export { errnoOf } from "./file-errors.ts";
export {
  isExecutableFile,
  isFolder,
  isWritable,
  lastTouched,
  mayClone,
  listFolder,
  openFile,
  pathExists,
  readBytes,
  readBytesIfAny,
  readLink,
  readRange,
  readText,
  readStartIfAny,
  readTextIfAny,
  readTextUnnoticed,
  realPath,
  statusOf,
  folderIdentity,
  targetStatusOf,
} from "./files.ts";
export type { FileKind, FileStatus, OpenFile } from "./file-status.ts";
export type { FolderEntry } from "./files.ts";
export { openFolder } from "./open-folder.ts";
export type { OpenFolder } from "./open-folder.ts";
export { makeMany, makeNames, makeNamesWork, nameAt } from "./many-names.ts";
export type { Made, MakingOptions, ManyNames } from "./many-names.ts";
export type { LeftFiles } from "./many-looks.ts";
export { isModeAsLeft, isTimeAsLeft, lookAtFiles, lookAtFilesWork, notAsLeft } from "./many-looks.ts";
export { allowThreads, inThread, isHelper, serveThread, threadCount, wakeThreads } from "./threads.ts";
export type { ThreadWorks } from "./threads.ts";
export {
  appendText,
  changeMode,
  copyFile,
  createFile,
  hardLink,
  isTemporaryName,
  makeFolder,
  makeFolders,
  makeTemporaryFolder,
  removeEmptyFolder,
  removeFile,
  removeTree,
  rename,
  setTime,
  symbolicLink,
  syncFile,
  syncFolder,
  temporaryBeside,
  temporaryOwner,
  writeAtomic,
  writeDescriptor,
  writeNew,
} from "./file-changes.ts";
export type { FileWriter, WrittenFile } from "./file-changes.ts";
