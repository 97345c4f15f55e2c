/** What an app's user side needs again and again: events as lines, an end in time, word of what was lost. */

/** Title and width, in characters. As in printf, text is set right, and left where the width is negative. */
export type Column = readonly [title: string, width: number];

export interface PrinterOptions<C extends Readonly<Record<string, Column>>> {
  /** The table's columns in their order, by the field they show. */
  readonly columns: C;
  /** JSON lines also on a terminal. */
  readonly json?: boolean | undefined;
  /** Where lines go; standard output if not given. */
  readonly out?: { readonly isTTY?: boolean; write(text: string): unknown };
}

/**
 * Makes the function that prints an event: as a row of a table on a terminal, else as a line of JSON, in which fields
 * without a column appear too. What is undefined is an empty cell, and left out of JSON, where a bigint is a number up to
 * 2^53 and a string beyond.
 */
export function eventPrinter<const C extends Readonly<Record<string, Column>>>(
  options: PrinterOptions<C>,
): <E extends { readonly [K in keyof C]: string | number | bigint | undefined }>(event: E) => void {
  const { columns, out = process.stdout, json = !out.isTTY } = options;
  if (json) return (event) => void out.write(`${JSON.stringify(event, plain)}\n`);
  const row = (cell: (field: string, column: Column) => string) => {
    const cells = Object.entries<Column>(columns).map(([field, column]) =>
      pad(cell(field, column), column[1]),
    );
    out.write(`${cells.join(" ").trimEnd()}\n`);
  };
  row((_, [title]) => title);
  return (event) => row((field) => printable(String(event[field] ?? "")));
}

/** JSON has no bigint, and typed arrays would become objects. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<unknown>) : value;
}

function pad(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

/** Names of processes and files may hold anything, also what makes a terminal obey. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}

/**
 * A signal for the end of an app: that of `signal`, or `seconds` from when it begins to wait, an argument of the command
 * line.
 *
 * @throws TypeError, which `main` prints as an error of usage, if that is no number of seconds
 */
export function until(signal: AbortSignal, seconds: string | undefined): AbortSignal {
  if (seconds === undefined) return signal;
  const milliseconds = Number(seconds) * 1000;
  if (!(milliseconds > 0 && milliseconds < 2 ** 31)) throw usageError(`"${seconds}" is no number of seconds`);
  const end = new AbortController();
  // An app first attaches, which takes its time and no turn of the event loop: only then the seconds begin.
  let timer: NodeJS.Timeout | undefined;
  const start = setImmediate(() => {
    timer = setTimeout(() => end.abort(), milliseconds);
    timer.unref();
  });
  const abort = () => {
    clearImmediate(start);
    clearTimeout(timer);
    end.abort();
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return end.signal;
}

/**
 * A whole number from the command line; undefined if it is not there.
 *
 * @throws TypeError, which `main` prints as an error of usage
 */
export function wholeNumber(text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number < 2 ** 31))
    throw usageError(`"${text}" is no whole number from ${least} on`);
  return number;
}

/** An error that `main` prints as one of usage, as it does those of `parseArgs`. */
export function usageError(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: "ERR_PARSE_ARGS_INVALID_OPTION_VALUE" });
}

/** Says on standard error, once a second at most and at its end, how many events of the map were lost. */
export function reportLost(map: { readonly name: string; readonly dropped: bigint }): Disposable {
  let reported = 0n;
  const report = () => {
    const lost = map.dropped - reported;
    if (lost === 0n) return;
    reported += lost;
    process.stderr.write(`${lost} events of ${map.name} were lost, ${reported} so far\n`);
  };
  const timer = setInterval(report, 1000);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      report();
    },
  };
}
