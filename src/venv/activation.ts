import { activateCsh } from "./activation-csh.ts";
import { activateFish } from "./activation-fish.ts";
import { activateNushell } from "./activation-nushell.ts";
import { activatePosix } from "./activation-posix.ts";
import { activatePowerShell } from "./activation-powershell.ts";
import { activateThis } from "./activation-this.ts";
import { activateXonsh } from "./activation-xonsh.ts";

/** The activation scripts by file name, to stand in `bin` with mode 0644. The same texts for every environment: they find their own place. */
export function activationScripts(): ReadonlyArray<readonly [name: string, text: string]> {
  return [
    ["activate", activatePosix],
    ["activate.csh", activateCsh],
    ["activate.fish", activateFish],
    ["activate.nu", activateNushell],
    ["activate.ps1", activatePowerShell],
    ["activate.xsh", activateXonsh],
    ["activate_this.py", activateThis],
  ];
}
