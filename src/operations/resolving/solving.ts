/** The solver, loaded when there is something to solve. */
export { resolve as solve } from "#resolver";
