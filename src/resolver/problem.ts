import type { NormalizedName, Requirement } from "#standards";
import type { Answers } from "./answers.ts";
import type { ActiveRequirement, Rules } from "./rules.ts";
import type { Selection } from "./selection.ts";

/** A requirement of the person, with the words that tell where it comes from. */
interface DirectRequirement {
  readonly active: ActiveRequirement;
  readonly origin: string;
}

/** What a solver is about: the world it asks and the rules it keeps. */
export interface Problem {
  readonly answers: Answers;
  readonly rules: Rules;
  readonly selection: Selection;
  readonly direct: readonly DirectRequirement[];
  /** The projects that come from a direct URL. Grows when a distribution at a URL names further ones. */
  readonly urls: Map<NormalizedName, Requirement>;
  readonly followDependencies: boolean;
}
