/** A list that can be asked for its elements by place. A plain array is one. */
export interface Sequence<T> extends Iterable<T> {
  readonly length: number;
  /** As of arrays: undefined beyond the end, and counted from the end below 0. */
  at(place: number): T | undefined;
}

/** A list whose elements are made when somebody asks for them, each once: for lists of thousands of which a few are looked at. */
export class LazyList<T> implements Sequence<T> {
  readonly length: number;
  readonly #make: (place: number) => T;
  readonly #made: (T | undefined)[] = [];

  constructor(length: number, make: (place: number) => T) {
    this.length = length;
    this.#make = make;
  }

  at(place: number): T | undefined {
    const at = place < 0 ? place + this.length : place;
    return at >= 0 && at < this.length ? (this.#made[at] ??= this.#make(at)) : undefined;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let at = 0; at < this.length; at += 1) yield (this.#made[at] ??= this.#make(at));
  }
}
