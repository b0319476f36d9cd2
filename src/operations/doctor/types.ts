/** What can be wrong with an environment or around it. */
export type DoctorCode =
  | "python-gone"
  | "python-changed"
  | "python-moved"
  | "python-upgraded"
  | "python-name"
  | "environment-broken"
  | "home-relative"
  | "activation-missing"
  | "activation-stale"
  | "packages-stranded"
  | "dangling-link"
  | "looping-link"
  | "foreign-owner"
  | "foreign-shebang"
  | "file-missing"
  | "file-changed"
  | "file-doubled"
  | "installed-twice"
  | "record-unreadable"
  | "store-gone"
  | "wheel-unfit"
  | "leftover"
  | "project-gone"
  | "path-file-dangling"
  | "inherited-gone"
  | "requirement-missing"
  | "requirement-conflict"
  | "unfinished-command"
  | "shadowed-module"
  | "hidden-module"
  | "pythonpath"
  | "pythonhome";

/** One problem: what, why it matters, what to type. Plain data. */
export interface DoctorProblem {
  readonly code: DoctorCode;
  readonly what: string;
  readonly why: string;
  readonly hint: string;
  /** The files, packages or variables at fault. */
  readonly subjects: readonly string[];
  /** The normalised name of the package that has it; null for what is no single package's. */
  readonly package: string | null;
}

export interface Diagnosis {
  readonly path: string;
  readonly problems: readonly DoctorProblem[];
}
