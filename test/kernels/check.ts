import type { CellRun } from "../../toolchain/src/guest/protocol.ts";
import type { GuestCell } from "../../toolchain/src/guest/run-guest.ts";

/** How a template proves itself: `cells/NAME.ts` exports one of these as its default. See README.md. */
export interface TemplateCheck
  extends Pick<
    GuestCell,
    "env" | "setup" | "ready" | "trigger" | "until" | "cleanup" | "stop" | "timeoutSeconds"
  > {
  /** The program's arguments; none if they are left out. */
  readonly args?: readonly string[];
  /** Judges what expressions cannot: returns what is wrong with the output, or nothing. */
  readonly judge?: (run: CellRun) => string | undefined;
  /**
   * Small helper programs: `NAME` in C, compiled statically; `NAME.cc` in C++, which uses the guest's shared libraries and
   * begins in `extern "C" void start()`, aligning its stack and ending by `_exit`. In the cell they are $APP_DIR/NAME.
   */
  readonly programs?: Readonly<Record<string, string>>;
  /** Why the machine's own kernel does not run this cell, where that is not for a lack that `lacks` finds. */
  readonly notOnHost?: string;
}

/** The objects of an output of JSON lines; other lines are left out. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}
