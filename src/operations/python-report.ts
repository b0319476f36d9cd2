import { pipRelease } from "#foundation";
import { tagText } from "#standards";
import { openContext, type OperationOptions } from "./context.ts";
import { interpreterForFolder } from "./environment.ts";
import { singleTarget, type TargetOptions } from "./resolving/target.ts";

export interface PythonReportOptions extends OperationOptions, TargetOptions {
  readonly python?: string | undefined;
}

/** What decides which wheels are taken, for reports. */
export interface PythonReport {
  /** The release of pip whose words and formats pen follows. */
  readonly pipVersion: string;
  readonly executable: string;
  readonly version: string;
  readonly implementation: string;
  readonly platform: string;
  /** The tags that it can use, the best first. */
  readonly tags: readonly string[];
}

/** `pen pip debug`: the Python that a command would work with, and the tags of the wheels that it would take. Errors: `PYTHON_NOT_FOUND`, `TARGET_UNSUPPORTED`. */
export async function reportPython(options: PythonReportOptions = {}): Promise<PythonReport> {
  const context = openContext(options);
  const interpreter = await interpreterForFolder(context, options.python);
  const { tags } = singleTarget(interpreter, options);
  return {
    pipVersion: pipRelease,
    executable: interpreter.executable,
    version: interpreter.version,
    implementation: interpreter.markers.implementation_name,
    platform: interpreter.markers.sys_platform,
    tags: tags.ordered.map(tagText),
  };
}
