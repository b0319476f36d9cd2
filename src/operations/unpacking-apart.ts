/** What a thread loads to check and unpack wheels: of the store no more than this. */
export { addWheelApart } from "#store";
