import { onlineCpus } from "../cpus.ts";
import { ENODEV } from "../errno.ts";
import { failure } from "../errors.ts";
import type { Attachment, Link } from "../link.ts";
import type { Native } from "../native.ts";
import type { PerfEventOptions } from "./options.ts";

/** Any CPU: the event follows the process. See perf_event_open(2). */
const ANY_CPU = -1;

/**
 * A program attached to a perf event on one CPU or on many. Each is a link of its own, as the kernel counts each CPU's
 * events by themselves; `destroy` ends them all.
 */
export class PerfLinks implements Attachment {
  /** The links, in the order of the CPUs. */
  readonly links: readonly Link[];

  /** @internal */
  constructor(links: readonly Link[]) {
    this.links = links;
  }

  /** Detaches the program from every CPU. Once is enough; more often does nothing. */
  destroy(): void {
    for (const link of this.links) link.destroy();
  }

  /** Does the same as `destroy`. */
  [Symbol.dispose](): void {
    this.destroy();
  }
}

/**
 * Opens the event on every CPU that the options name, and attaches the program to each.
 *
 * @param attach - attaches the program to an event, which the link then owns
 */
export function perfLinks(
  native: Native,
  program: string,
  options: PerfEventOptions,
  attach: (fd: number) => Link,
): PerfLinks {
  const { type = 1, config = 0, frequency = 0, period = 0, pid = -1 } = options;
  const { cpu = pid < 0 ? "all" : "any" } = options;
  const links: Link[] = [];
  try {
    for (const one of cpusOf(cpu)) {
      const fd = native.perfEventOpen({ type, config, frequency, period, pid, cpu: one });
      // A CPU may go offline after it was listed.
      if (fd === ENODEV && cpu === "all" && !onlineCpus().includes(one)) continue;
      if (fd < 0) throw failure("perf_event_open", fd, one === ANY_CPU ? program : `${program} (CPU ${one})`);
      try {
        links.push(attach(fd));
      } catch (error) {
        native.closeFd(fd);
        throw error;
      }
    }
  } catch (error) {
    for (const link of links) link.destroy();
    throw error;
  }
  return new PerfLinks(links);
}

function cpusOf(cpu: number | "all" | "any"): readonly number[] {
  if (cpu === "all") return onlineCpus();
  return [cpu === "any" ? ANY_CPU : cpu];
}
