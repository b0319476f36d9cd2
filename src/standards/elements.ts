/** The element at an index that the caller knows to exist; the type system cannot know it, and a check would cost in the loops that use this. */
export function elementAt<T>(list: readonly T[], index: number): T {
  return list[index] as T;
}
