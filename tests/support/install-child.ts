/** A process of its own that installs: what tests kill, stop and start eight of. Argument: a JSON file with target, wheels and options. */
import { readFileSync, writeFileSync } from "node:fs";
import type { InstallTarget, WantedWheel } from "#installer";
import { install, type InstallOptions } from "./install-targets.ts";

interface Order {
  readonly target: InstallTarget;
  readonly wheels: readonly WantedWheel[];
  readonly options: InstallOptions;
  /** Written when the work begins, so that delays are counted from there. */
  readonly started?: string;
}

const order = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Order;
if (order.started !== undefined) writeFileSync(order.started, "");
try {
  await install(order.target, order.wheels, order.options);
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  process.stdout.write(JSON.stringify({ code, message }));
  process.exitCode = 1;
}
