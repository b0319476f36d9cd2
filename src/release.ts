/**
 * The version of pen; package.json says the same. It stands outside the rooms so that `pen --version` loads nothing else.
 */
export const penVersion: string = "0.1.0";
