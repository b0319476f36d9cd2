/** Where a project says something about the commands that are run in it. Looked for by every command that counts it, so it loads no reader. */
import { pathExists, readTextIfAny, type Host, dirname, join } from "#foundation";

export interface ProjectPlace {
  readonly file: string;
  /** `pen.toml` is pen's from its top; of a `pyproject.toml` only `[tool.pen]` is. */
  readonly isOwn: boolean;
}

/** The nearest `pen.toml`, or `pyproject.toml` with a word of pen. Where to look ends at the repository's folder and at the home folder. */
export function projectPlace({ cwd, home }: Pick<Host, "cwd" | "home">): ProjectPlace | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const own = join(folder, "pen.toml");
    if (pathExists(own)) return { file: own, isOwn: true };
    const project = join(folder, "pyproject.toml");
    // Looked at first: a file that cannot be opened costs several times as much as one that is not there.
    if (pathExists(project) && readTextIfAny(project)?.includes("tool.pen") === true) return { file: project, isOwn: false };
    if (folder === home || folder === dirname(folder) || pathExists(join(folder, ".git"))) return undefined;
  }
}
