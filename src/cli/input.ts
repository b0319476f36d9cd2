/** All of standard input as text. */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}

/** Asks a yes-or-no question; anything but yes is no. Undefined when standard input ends without an answer. */
export async function askIfAny(question: string): Promise<boolean | undefined> {
  const { createInterface } = await import("node:readline");
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string | undefined>((resolve) => {
      reader.once("close", () => resolve(undefined));
      reader.question(`${question} [y/N] `, resolve);
    });
    return answer === undefined ? undefined : /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}

/** The same; no answer is no. */
export const askYes = async (question: string): Promise<boolean> => (await askIfAny(question)) === true;
