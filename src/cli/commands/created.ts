/** What is told of an environment that was made. */
import type { CreatedEnvironment } from "#operations";

/** `pip 25.0, setuptools 80.0`. */
export const seedText = (seeded: CreatedEnvironment["seeded"]): string =>
  seeded.map(({ name, version }) => `${name} ${version}`).join(", ");

/** `Python 3.12.1 with pip 26.3`. */
export function contentText({ interpreter, seeded }: CreatedEnvironment): string {
  const python = `${interpreter.implementation === "cpython" ? "Python" : interpreter.implementation} ${interpreter.version}`;
  return seeded.length === 0 ? python : `${python} with ${seedText(seeded)}`;
}

/** A made environment in JSON, as `pen venv` has it. */
export function createdJson({ environment, interpreter, seeded }: CreatedEnvironment): {
  path: string;
  python: string;
  version: string;
  base: string;
  seeded: Array<{ name: string; version: string }>;
} {
  return {
    path: environment.root,
    python: environment.python,
    version: interpreter.version,
    base: interpreter.baseExecutable,
    seeded: seeded.map(({ name, version }) => ({ name, version })),
  };
}
