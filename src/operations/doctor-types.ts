/** What can be wrong with an environment or around it. */
export type DoctorCode =
  | "python-gone"
  | "python-changed"
  | "environment-broken"
  | "dangling-link"
  | "looping-link"
  | "foreign-shebang"
  | "file-missing"
  | "file-changed"
  | "file-doubled"
  | "installed-twice"
  | "record-unreadable"
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
}

export interface Diagnosis {
  readonly path: string;
  readonly problems: readonly DoctorProblem[];
}
