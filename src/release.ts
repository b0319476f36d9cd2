/**
 * The version of pen; package.json says the same. It stands outside the rooms so that `pen --version` loads nothing else.
 */
export const penVersion: string = "0.1.0";

/** The release of virtualenv whose command line pen takes: what `virtualenv --version` says, and `pyvenv.cfg` for tools that look there. */
export const virtualenvRelease: string = "21.15.8";

/** The release of pip whose command line and report formats pen takes: what it says when it is started under pip's name. */
export const pipRelease: string = "26.3";

/** The pipenv whose words and files `pen pipenv` follows. */
export const pipenvRelease: string = "2026.10.3";
