/**
 * The few looks and changes of a short command, straight from libc: loading `node:fs` takes several times as long as all of them. Whatever is out of
 * the ordinary gives `undefined` (or false), and whoever asked goes through `node:fs` then, which has the answer or the error.
 */
import { linuxCalls } from "./linux-libc.ts";
import { quickChanges, type QuickChanges } from "./quick-changes.ts";
import { quickLooks, type QuickLooks } from "./quick-looks.ts";
import { newTools } from "./quick-memory.ts";

export interface QuickCalls extends QuickLooks, QuickChanges {}

let isChosen = false;
let loaded: QuickCalls | undefined;

/** From now on {@link quickCalls} gives them, under Bun on Linux: for a program that ends soon. */
export function chooseQuickCalls(): void {
  isChosen = true;
}

/** Undefined unless they were chosen. */
export function quickCalls(): QuickCalls | undefined {
  if (loaded === undefined && isChosen) {
    loaded = loadQuickCalls();
    isChosen = loaded !== undefined;
  }
  return loaded;
}

function loadQuickCalls(): QuickCalls | undefined {
  const calls = linuxCalls();
  if (calls === undefined) return undefined;
  const tools = newTools(calls);
  return { ...quickLooks(tools), ...quickChanges(tools) };
}
