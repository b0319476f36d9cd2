/** The real programs that pen stands in for, from the folder that PEN_TEST_TOOLS names. */
import { existsSync } from "node:fs";
import { join } from "node:path";

const tools = process.env["PEN_TEST_TOOLS"];

/** A program of PEN_TEST_TOOLS, or undefined. */
export function tool(name: string): string | undefined {
  const path = tools === undefined ? undefined : join(tools, name);
  return path !== undefined && existsSync(path) ? path : undefined;
}
