/** What the user side of most apps needs: events as lines, an end in time, word of what was lost. */

/**
 * A column of a table: its title, and its width in characters. As in printf(3), text is set to the right, and to the left
 * where the width is negative.
 */
export type Column = readonly [title: string, width: number];

/** How events are printed. */
export interface PrinterOptions<C extends Readonly<Record<string, Column>>> {
  /** The table's columns from left to right, by the field that each shows. */
  readonly columns: C;
  /** Prints lines of JSON on a terminal too; it prints a table there if not given. */
  readonly json?: boolean | undefined;
  /** Where the lines go; to standard output if not given. */
  readonly out?: { readonly isTTY?: boolean; write(text: string): unknown };
}

/**
 * Makes the function that prints an event. On a terminal the event is a row of a table, whose titles are printed at once.
 * Anywhere else it is a line of JSON, in which fields without a column appear too. A field that is undefined is an empty
 * cell, and is left out of JSON. A bigint is a number in JSON up to 2^53, and a string beyond.
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

/** Prepares a value for JSON, which has no bigint, and in which a typed array would become an object. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<unknown>) : value;
}

function pad(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

/** Takes control characters out: names of processes and files may hold any, also those that a terminal obeys. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}

/**
 * Makes a signal for the end of an app: it is aborted when `signal` is, or after some seconds. They are counted from when
 * the app first waits for something, so that the time that attaching takes is not part of them.
 *
 * @param signal - that of {@link MainContext}
 * @param seconds - an argument of the command line, such as `1.5`; without it there is no end in time
 * @throws `TypeError`, which `main` prints as an error of usage, if that is no number of seconds
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
 * Reads a whole number from the command line.
 *
 * @param text - the argument
 * @param least - the smallest number that is accepted; the largest is 2^31 - 1
 * @returns undefined if the argument is not there
 * @throws `TypeError`, which `main` prints as an error of usage, if it is no such number
 */
export function wholeNumber(text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number < 2 ** 31))
    throw usageError(`"${text}" is no whole number from ${least} on`);
  return number;
}

/**
 * Makes an error that `main` prints as one of usage, as it does those of `parseArgs` of node:util.
 *
 * @param message - what is wrong with the command line
 */
export function usageError(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: "ERR_PARSE_ARGS_INVALID_OPTION_VALUE" });
}

/**
 * Says on standard error how many events of a map were lost: once a second at most, and when it is disposed of.
 *
 * @param map - a ring buffer or a perf event array
 */
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
