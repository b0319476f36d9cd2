import { expect, test } from "bun:test";
import { LazyList } from "./sequence.ts";

test("a lazy list makes each element once, when somebody asks for it, and answers as an array does", () => {
  const made: number[] = [];
  const list = new LazyList(5, (place) => {
    made.push(place);
    return `element ${place}`;
  });
  const array = Array.from({ length: 5 }, (_, place) => `element ${place}`);
  for (const place of [3, -1, 3, 5, -5, -6]) expect(list.at(place)).toBe(array.at(place));
  expect(made).toEqual([3, 4, 0]);
  expect([...list]).toEqual(array);
  expect([...list]).toEqual(array);
  expect(made).toEqual([3, 4, 0, 1, 2]);
  expect(list).toHaveLength(5);
  expect([...new LazyList(0, String)]).toEqual([]);
});
