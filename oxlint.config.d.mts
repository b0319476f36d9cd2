/** The rooms and which other rooms each may enter. */
export const rooms: Readonly<Record<string, readonly string[]>>;
declare const config: object;
export default config;
