import { existsSync, readFileSync } from "node:fs";

/** What the verifier's log says about a program it refused. */
export interface Rejection {
  /** The program's name in the object. */
  readonly program: string;
  /** The verifier's whole log of this program. */
  readonly verifierLog: string;
  /** The verifier's own words. Since Linux 7.3 they hold a reason and a suggestion. */
  readonly reason: string;
  /** The source file as the compiler knew it: `src/NAME.bpf.c`; undefined where the log names none. */
  readonly file: string | undefined;
  /** The line in that file, counted from 1; undefined where the log names none. */
  readonly line: number | undefined;
  /** That line with its neighbours, numbered; undefined where the log names no source. */
  readonly frame: string | undefined;
}

const BEGIN = /prog '([^']+)': -- BEGIN PROG LOAD LOG --\n/g;
const END = "-- END PROG LOAD LOG --";
/** A line of the source: `; if (x) { @ minimal.bpf.c:12`. Kernels before 6.8 leave out the place. */
const SOURCE = /^; (.*?)(?: @ ([^\s@]+):(\d+))?$/;
const INSTRUCTION = /^\d+: (?:\([0-9a-f]{2}\)|R\d|frame|safe$)/;
/** Lines that may stand around the reason: statistics, back-tracking, register states, moves between instructions. */
const NOISE =
  /^(?:processed \d+ insns|verification time|stack depth|mark_precise|from \d+ to \d+|Func#|func#|Validating|caller:|callee:|last_idx|regs=|parent |returning from|propagating|BPF program is too large\. Processed|peak_states|;|arg#\d+ |R\d+(?:_\w+)?=|fp-\d+)/;

/**
 * Reads libbpf's log of a load that failed.
 *
 * @returns undefined if the kernel refused without a word, or something else than a program failed to load
 */
export function readRejection(log: string): Rejection | undefined {
  const begin = [...log.matchAll(BEGIN)].at(-1);
  if (begin === undefined) return undefined;
  const rest = log.slice(begin.index + begin[0].length);
  const end = rest.indexOf(END);
  const verifierLog = end < 0 ? rest : rest.slice(0, rest.lastIndexOf("\n", end) + 1);
  const lines = verifierLog.split("\n");
  const report = readReport(lines);
  const place = report?.place ?? lastPlace(lines);
  return {
    program: begin[1]!,
    verifierLog,
    reason: report?.reason ?? lastWords(lines),
    file: place?.file,
    line: place?.line,
    frame: place && frameOf(place),
  };
}

export interface Place {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly code: string;
  /** The lines that the kernel shows around it, by number. */
  readonly context?: ReadonlyMap<number, string>;
}

/** The reason up to Linux 7.2: what is said after the last instruction. */
function lastWords(lines: readonly string[]): string {
  const last = lines.findLastIndex((line) => INSTRUCTION.test(line));
  const said = lines.slice(last + 1).filter((line) => line.trim() !== "" && !NOISE.test(line));
  return said.join("\n") || "the log gives no reason";
}

function lastPlace(lines: readonly string[]): Place | undefined {
  for (let i = lines.length - 1; i >= 0; i--) {
    const [, code, file, line] = SOURCE.exec(lines[i]!) ?? [];
    // The compiler gives line 0 to instructions that it has made up.
    if (code) return { file: inApp(file), line: line === undefined ? undefined : Number(line), code };
  }
  return undefined;
}

/**
 * Since Linux 7.3 a log may end with a report: a title, then sections whose text is indented.
 *
 *     Verification failed: Register Type Safety: Invalid dereference
 *     Reason:
 *       R0 may be NULL here …
 *     At:
 *       on_exec @ app.bpf.c:11:9
 *       Source context:
 *       >>> 11 |         return *value;
 *              |         ^-- error: invalid dereference of R0
 *       Instruction context: …
 *     Suggestion:
 *       Add a NULL check before the access …
 */
function readReport(lines: readonly string[]): { reason: string; place: Place | undefined } | undefined {
  const start = lines.findLastIndex((line) => line.startsWith("Verification failed:"));
  if (start < 0) return undefined;
  const section = (name: string) => {
    const at = lines.indexOf(`${name}:`, start);
    if (at < 0) return [];
    const end = lines.findIndex((line, index) => index > at && /^\S/.test(line));
    return lines.slice(at + 1, end < 0 ? undefined : end);
  };
  const text = (name: string) =>
    section(name)
      .map((line) => line.trim())
      .filter(Boolean)
      .join(" ");
  const title = lines[start]!.slice("Verification failed:".length).trim();
  const suggestion = text("Suggestion");
  const reason = [title, text("Reason"), suggestion && `Suggestion: ${suggestion}`]
    .filter(Boolean)
    .join("\n");
  return { reason, place: reportedPlace(section("At")) ?? lastPlace(lines.slice(0, start)) };
}

function reportedPlace(lines: readonly string[]): Place | undefined {
  const found = lines.map((line) => /([^\s@(]+\.[ch]\w*):(\d+)/.exec(line)).find((match) => match !== null);
  if (!found) return undefined;
  const line = Number(found[2]);
  const context = new Map<number, string>();
  for (const one of lines.slice(0, lines.findIndex((text) => text.trim() === "Instruction context:") >>> 0)) {
    const [, number, text = ""] = /^\s*(?:>>>)?\s*(\d+) \|(?: (.*))?$/.exec(one) ?? [];
    if (number !== undefined) context.set(Number(number), text === "..." ? "" : text);
  }
  return { file: inApp(found[1]), line, code: context.get(line) ?? "", context };
}

/**
 * The path of a source in its app, as the compiler was given it. The kernel keeps no more than the last part, and the
 * build takes programs out of src/. A header may lie elsewhere, unless it is there.
 */
function inApp(name: string | undefined): string | undefined {
  if (name === undefined || name.includes("/")) return name;
  const path = `src/${name}`;
  return name.endsWith(".bpf.c") || existsSync(path) ? path : name;
}

/** The line with those around it, as far as the source can be read or the kernel shows them. */
export function frameOf({ file, line, code, context }: Place): string {
  if (file === undefined || line === undefined) return `  ${code}`;
  const source = sourceLines(file);
  const textOf = (number: number) => {
    if (source?.[line - 1] !== undefined) return source[number - 1];
    return number === line ? code : context?.get(number);
  };
  const width = String(line + 2).length;
  const body: string[] = [];
  for (let number = line - 2; number <= line + 2; number++) {
    const text = textOf(number);
    if (text === undefined) continue;
    body.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${text}`.trimEnd());
  }
  return [`  ${file}:${line}`, ...body].join("\n");
}

function sourceLines(file: string): string[] | undefined {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    // It is not here: the executable may run anywhere.
    return undefined;
  }
}
