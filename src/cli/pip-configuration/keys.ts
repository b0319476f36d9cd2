/**
 * The long options of pip (26.3), by which its configuration files and variables name settings. Other names mean nothing in them, also where pen has an
 * option of that name: `index` in a pip.conf is that of `pip search`, and no further index.
 */
const pipOptions = `
  abi algorithm all all-releases bash break-system-packages build-constraint cache-dir cert check-build-dependencies client-cert compile config-settings
  constraint debug default-timeout dest destination-dir destination-directory disable-pip-version-check dry-run editable editor exclude exclude-editable
  exists-action extra-index-url files find-links fish force-reinstall format global group ignore-installed ignore-requires-python implementation
  include-editable index-url isolated json keyring-provider local local-log log log-file no-binary no-build-isolation no-cache-dir no-clean no-color
  no-compile no-dependencies no-deps no-index no-input no-proxy-env no-python-version-warning no-require-hashes no-user no-verify no-warn-conflicts
  no-warn-script-location not-required only-binary only-dependencies only-deps only-final outdated output path platform powershell pre prefer-binary prefix
  progress-bar proxy pypi-url python python-version quiet refresh-package report require-hashes require-venv require-virtualenv requirement
  requirements-from-script resume-retries retries root root-user-action site source source-dir source-directory src target timeout trusted-host upgrade
  upgrade-strategy uploaded-prior-to uptodate use-deprecated use-feature use-pep517 user verbose wheel-dir yes zsh
`;

export const pipKeys: ReadonlySet<string> = new Set(pipOptions.trim().split(/\s+/));

/**
 * Options that switch something off. pip takes the value for the thing and not for the option: `no-compile = no` means that nothing is compiled, and
 * `no-compile = yes` that it is.
 */
const switchingOff: ReadonlySet<string> = new Set([
  "no-build-isolation",
  "no-compile",
  "no-user",
  "no-warn-conflicts",
  "no-warn-script-location",
]);

/** True when pip reads the value of the key the wrong way round. */
export const isReversed = (key: string, command: string): boolean =>
  switchingOff.has(key) || (key === "exclude-editable" && command === "list");

/** Lists whose value pip takes as a whole; the option itself splits it by commas, if at all. */
export const wholeValues: ReadonlySet<string> = new Set([
  "all-releases",
  "config-settings",
  "group",
  "no-binary",
  "only-binary",
  "only-final",
  "refresh-package",
]);

/** Values in which pip takes `~` for the home folder. */
export const homePaths: ReadonlySet<string> = new Set([
  "cache-dir",
  "cert",
  "client-cert",
  "local-log",
  "log",
  "log-file",
  "output",
  "path",
  "source",
  "source-dir",
  "source-directory",
  "src",
]);
