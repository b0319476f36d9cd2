import { expect, test } from "bun:test";
import { createLimiter } from "./index.ts";

test("at most so many run at once; the weightiest is next, and of equal ones the first that came", async () => {
  const limiter = createLimiter(2);
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const work = async (name: string): Promise<string> => {
    order.push(name);
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
    if (name === "c") throw new Error(name);
    return name;
  };
  const asked: ReadonlyArray<readonly [name: string, weight?: number]> = [["a"], ["b"], ["c", 1], ["d", 5], ["e"], ["f", 5], ["g"]];
  const ended = await Promise.allSettled(asked.map(([name, weight]) => limiter.run(() => work(name), weight)));
  expect(order.join("")).toBe("abdfceg");
  expect(most).toBe(2);
  expect(ended.filter(({ status }) => status === "rejected")).toHaveLength(1);
});
