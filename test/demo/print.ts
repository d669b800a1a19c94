/** What the tour looks like on a terminal: headings, commands, their output, and a line when something takes a while. */

/** A person wonders after about two seconds. */
const FIRST_NOTICE_MS = 2_000;
const NEXT_NOTICE_MS = 5_000;

export interface Printer {
  readonly heading: (text: string) => void;
  readonly text: (text: string) => void;
  /** A command as it can be pasted into a shell, its further lines as they are. */
  readonly command: (text: string) => void;
  readonly output: (text: string) => void;
  /** Awaits the promise and says every few seconds that it still waits. */
  readonly waitFor: <Value>(what: string, promise: Promise<Value>) => Promise<Value>;
}

/**
 * @param write gets whole lines
 * @param hasColour whether to use bold and dim text
 */
export function createPrinter(write: (text: string) => void, hasColour: boolean): Printer {
  const style = (code: number, text: string): string => (hasColour ? `\u001B[${code}m${text}\u001B[0m` : text);
  const bold = (text: string): string => style(1, text);
  const dim = (text: string): string => style(2, text);
  return {
    heading: (text) => write(`\n${bold(`== ${text}`)}\n`),
    text: (text) => write(`${text}\n`),
    command: (text) => write(`\n${bold(`$ ${text}`)}\n`),
    output: (text) => write(text === '' || text.endsWith('\n') ? text : `${text}\n`),
    waitFor: async (what, promise) => {
      const startedAt = performance.now();
      const notice = (): void => {
        write(dim(`… ${what}, ${Math.round((performance.now() - startedAt) / 1000)} s\n`));
        timer = setTimeout(notice, NEXT_NOTICE_MS);
      };
      let timer = setTimeout(notice, FIRST_NOTICE_MS);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
