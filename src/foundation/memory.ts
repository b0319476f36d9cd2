/** An ArrayBuffer of a runtime that can move what it holds: Bun, and Node from version 21 on. */
type Movable = ArrayBufferLike & { transfer?(length: number): ArrayBuffer };

/** Node's small buffers share one piece of memory; no such piece is so little greater than what it was made for. */
const mostSlack = 64;

/**
 * Gives the memory of `bytes` back at once, where the runtime can: who makes thousands of buffers works in the same few pages, and the garbage collector, which
 * learns of large buffers late, has nothing to do. For the sole owner of bytes that fill their memory; what is a part of something else stays. Nobody may
 * look at the bytes again: they are gone.
 */
export function letGo(bytes: Uint8Array): void {
  const memory = bytes.buffer as Movable;
  if (bytes.byteOffset !== 0 || memory.byteLength - bytes.byteLength > mostSlack || bytes.byteLength <= mostSlack) return;
  memory.transfer?.(0);
}
