import type { JsonValue } from "#foundation";
import type { GuardReport } from "#operations";

/** A {@link GuardReport} is plain data; only its being made of interfaces hides that from the compiler. */
export function guardJson(report: GuardReport): { readonly [key: string]: JsonValue } {
  return report as unknown as { readonly [key: string]: JsonValue };
}
