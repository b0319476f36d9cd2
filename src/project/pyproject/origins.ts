import { anySpecifiers, type Requirement } from "#standards";
import type { PipfileOrigin } from "../pipfile/types.ts";
import { isRepository, repository } from "../pipfile/repositories.ts";

/** Where a requirement comes from by its own URL, and what is left of it without that. */
export function originOf(requirement: Requirement): { readonly requirement: Requirement; readonly origin: PipfileOrigin } {
  const { url, ...rest } = requirement;
  if (url === undefined) return { requirement, origin: { kind: "index" } };
  const bare = { ...rest, specifiers: anySpecifiers };
  const vcs = isRepository(url);
  if (vcs !== undefined) return { requirement: bare, origin: repository(vcs, url, { ref: undefined, subdirectory: undefined }) };
  return { requirement: bare, origin: { kind: "file", url } };
}
