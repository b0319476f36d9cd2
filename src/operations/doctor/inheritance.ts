import { pathExists, readTextIfAny, join } from "#foundation";
import { inheritanceFile, inheritanceText, inheritedRoots, type Environment } from "#venv";
import type { DoctorProblem } from "./types.ts";
import { inheritedOf } from "../environments/inheritance.ts";
import { shellWord } from "../shells/shell-word.ts";

/** What is wrong with what an environment inherits: parents that are gone or for another Python, and a file for Python that does not say what `pyvenv.cfg` says. */
export function inheritanceProblems(environment: Environment): DoctorProblem[] {
  const { root, interpreter, config, paths } = environment;
  const [major, minor] = interpreter.versionInfo;
  const problems = inheritedOf(environment).flatMap((parent): DoctorProblem[] => {
    if (parent.state === "present") return [];
    const isGone = parent.state === "gone";
    return [
      {
        code: "inherited-gone",
        what: isGone
          ? `It inherits from ${parent.root}, which is gone`
          : `It inherits from ${parent.root}, which is for another Python now`,
        why: `The packages of that environment are not seen${parent.heir === root ? "" : ` (${parent.heir} inherits them)`}: importing them fails.`,
        hint: isGone
          ? `Make it again: pen venv --python ${major}.${minor} ${shellWord(parent.root)}; or inherit from others: pen env set ${shellWord(parent.heir)} inherits PATH`
          : `Make it again for Python ${major}.${minor}, or inherit from others: pen env set ${shellWord(parent.heir)} inherits PATH`,
        subjects: [parent.root],
        package: null,
      },
    ];
  });
  const roots = inheritedRoots(config);
  const file = join(paths.purelib, inheritanceFile);
  if (roots.length === 0 && !pathExists(file)) return problems;
  if (readTextIfAny(file) === inheritanceText(roots, interpreter)) return problems;
  return [
    ...problems,
    {
      code: "inherited-gone",
      what: `pyvenv.cfg and ${inheritanceFile} do not say the same about what is inherited`,
      why: "Python reads the second one, pen the first.",
      hint: `pen env set ${shellWord(root)} inherits ${roots.length === 0 ? "''" : shellWord(roots.join(":"))}`,
      subjects: [file],
      package: null,
    },
  ];
}
