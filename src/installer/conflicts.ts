import { createHasher, PenError, printableLine, readBytes, targetStatusOf, warn, type Emit } from "#foundation";
import type { StoredFile } from "#store";
import type { AdditionsBuilder } from "./additions.ts";
import { claimedFiles } from "./claims.ts";
import { isProtected } from "./layout.ts";
import type { InstalledDistribution, InstallTarget } from "./types.ts";

/** A file that a wheel wants where something is already: an installed file, or the file of another wheel of the plan. */
interface Clash {
  readonly path: string;
  readonly owner: string;
  readonly file: Pick<StoredFile, "size" | "hash">;
  /** Absolute: the wheel's file in the store. */
  readonly source: string;
}

export interface ConflictCheck {
  /** Decides about a file whose place is not free. True when the wheel's file shall be installed there. */
  taken(clash: Clash): void;
  planned(clash: Clash, other: { readonly source: string }): void;
  /** Throws FILE_CONFLICT for what may not be, warns about what may, and tells which files replace those that stand there. */
  settle(): readonly Clash[];
}

interface ConflictContext {
  readonly target: InstallTarget;
  /** The distributions that stay. */
  readonly staying: readonly InstalledDistribution[];
  readonly builder: AdditionsBuilder;
  readonly emit: Emit;
  readonly overwrite: boolean;
}

/**
 * Judges files that two want. Equal bytes may be shared, with a warning: several distributions ship the same `__init__.py`
 * of a common folder. Different bytes are FILE_CONFLICT, naming both, unless `overwrite`; what makes the place an environment is never given up.
 */
export function checkConflicts(context: ConflictContext): ConflictCheck {
  const taken: Clash[] = [];
  return {
    taken: (clash) => {
      if (isProtected(context.target, clash.path)) throw protectedFile(clash);
      if (!hasContent(clash.path, clash.file)) taken.push(clash);
      else
        warn(
          context.emit,
          "shared-file",
          `${clash.owner} brings ${printableLine(clash.path)}, which is there already with the same content`,
        );
    },
    planned: (clash, other) => {
      const first = context.builder.ownerOf(clash.path) ?? "another distribution";
      if (hasContent(other.source, clash.file))
        return warn(
          context.emit,
          "shared-file",
          `${first} and ${clash.owner} both bring ${printableLine(clash.path)}, with the same content`,
        );
      if (!context.overwrite) throw conflict(clash, first);
      warn(
        context.emit,
        "overwritten-file",
        `${first} and ${clash.owner} both bring ${printableLine(clash.path)}: that of ${first} is kept`,
      );
    },
    settle: () => {
      if (taken.length === 0) return [];
      const owners = claimedFiles(context.target, context.staying, new Set(taken.map(({ path }) => path)));
      for (const clash of taken) {
        const owner = owners.get(clash.path);
        if (!context.overwrite) throw conflict(clash, owner);
        warn(
          context.emit,
          "overwritten-file",
          `${clash.owner} replaces ${printableLine(clash.path)}${owner === undefined ? "" : ` of ${owner}`}`,
        );
      }
      return taken;
    },
  };
}

/** True when the file at `path` has that size and SHA-256. */
function hasContent(path: string, file: Pick<StoredFile, "size" | "hash">): boolean {
  const status = targetStatusOf(path);
  if (status?.kind !== "file" || status.size !== file.size) return false;
  const hasher = createHasher();
  hasher.update(readBytes(path));
  return hasher.base64url() === file.hash;
}

function conflict(clash: Clash, owner: string | undefined): PenError {
  const path = printableLine(clash.path);
  return new PenError(
    "FILE_CONFLICT",
    owner === undefined
      ? `${clash.owner} would replace ${path}, which belongs to no package`
      : `${clash.owner} and ${owner} both want ${path}`,
    {
      why: "The two files differ, and only one can stand there. Nothing was changed.",
      hint:
        owner === undefined
          ? "Move the file away, or add --overwrite."
          : `Install one of the two, or add --overwrite to let ${clash.owner} win.`,
      data: { path: clash.path, distributions: owner === undefined ? [clash.owner] : [clash.owner, owner] },
    },
  );
}

/** The refusal of a wheel that wants a file which makes the environment one. */
export function protectedFile({ path, owner }: { readonly path: string; readonly owner: string }): PenError {
  return new PenError("FILE_CONFLICT", `${owner} would replace ${printableLine(path)}, a part of the environment itself`, {
    why: "A package may not touch the interpreter, the activation scripts, pyvenv.cfg or pen's own folder. Nothing was changed.",
    hint: `Do not install ${owner}: an honest package does not do this.`,
    data: { path, distributions: [owner] },
  });
}
