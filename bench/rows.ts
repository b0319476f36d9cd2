/** All rows of the benchmark, in the order of the report. */
import type { Row } from "./row.ts";
import { buildingRows } from "./rows-building.ts";
import { creationRows } from "./rows-creation.ts";
import { downloadRows } from "./rows-download.ts";
import { environmentRows } from "./rows-environments.ts";
import { hookRows } from "./rows-hook.ts";
import { installRows } from "./rows-install.ts";
import { pipenvRows } from "./rows-pipenv.ts";
import { readingRows } from "./rows-reading.ts";
import { resolveRows } from "./rows-resolve.ts";

export const rows: readonly Row[] = [
  ...creationRows,
  ...environmentRows,
  ...hookRows,
  ...installRows,
  ...buildingRows,
  ...downloadRows,
  ...resolveRows,
  ...readingRows,
  ...pipenvRows,
];
