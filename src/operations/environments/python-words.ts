/** Requests for a Python that name no path; loaded when one comes. */
export { parseRequest } from "#python";
