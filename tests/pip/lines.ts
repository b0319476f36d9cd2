/** All lines of the differential test. */
import type { Subject } from "./line.ts";
import { cacheLines, configLines, hashLines, helpLines, indexLines } from "./lines/asking.ts";
import { downloadLines, lockLines, wheelLines } from "./lines/collecting.ts";
import { errorLines } from "./lines/errors.ts";
import { dryRunLines, installLines, placeLines, upgradeLines } from "./lines/installing.ts";
import { checkLines, freezeLines, inspectLines, listLines, showLines } from "./lines/looking.ts";
import { pylockLines } from "./lines/locks.ts";
import { constraintLines, fileLines, hashModeLines, markerLines } from "./lines/requirements.ts";
import { editableLines, sourceLines, urlLines } from "./lines/sources.ts";
import { uninstallLines } from "./lines/uninstalling.ts";

export const subjects: readonly Subject[] = [
  { subject: "install", lines: installLines },
  { subject: "install -U", lines: upgradeLines },
  { subject: "install --target and --prefix", lines: placeLines },
  { subject: "install --dry-run and --report", lines: dryRunLines },
  { subject: "requirements files", lines: fileLines },
  { subject: "constraints", lines: constraintLines },
  { subject: "markers and extras", lines: markerLines },
  { subject: "hashes", lines: hashModeLines },
  { subject: "locks", lines: pylockLines },
  { subject: "direct URLs", lines: urlLines },
  { subject: "editables", lines: editableLines },
  { subject: "sources", lines: sourceLines },
  { subject: "uninstall", lines: uninstallLines },
  { subject: "list", lines: listLines },
  { subject: "freeze", lines: freezeLines },
  { subject: "show", lines: showLines },
  { subject: "check", lines: checkLines },
  { subject: "inspect", lines: inspectLines },
  { subject: "download", lines: downloadLines },
  { subject: "wheel", lines: wheelLines },
  { subject: "lock", lines: lockLines },
  { subject: "hash", lines: hashLines },
  { subject: "index", lines: indexLines },
  { subject: "cache", lines: cacheLines },
  { subject: "config", lines: configLines },
  { subject: "help, debug and completion", lines: helpLines },
  { subject: "errors", lines: errorLines },
];
