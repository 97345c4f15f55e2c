import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure, isFailure } from "../toolchain/src/base/failure.ts";
import { mismatch } from "./compatible.ts";
import { concernsOrigin, type Fault, OriginFault } from "./failures.ts";
import type { Context, Delivery, Offer, Origin } from "./origin.ts";
import { openOrigins } from "./origins/list.ts";
import type { Pin } from "./pins.ts";
import type { Attempt, SourceRecord } from "./provenance.ts";
import type { VendorRequest } from "./vendor.ts";
import { faultWords } from "./words.ts";

/** The search for the sources of one app. It remembers what was asked, what did not deliver, and what was taken. */
export class Search {
  readonly #context: Context;
  readonly #request: VendorRequest;
  /** A cache inside the app, for a machine where the user's cache cannot be written. */
  readonly #spare: string;
  readonly #origins: readonly Origin[];
  /** For each origin that was asked, the fault because of which it is not asked any more, or undefined. */
  readonly #closed = new Map<Origin, Fault | undefined>();
  /** The version of each source that was taken. */
  readonly #taken = new Map<string, string>();
  readonly #records = new Map<string, SourceRecord>();
  readonly #tried = new Map<string, Attempt[]>();
  /** The offers that are not tried again. */
  readonly #spent = new Set<string>();
  readonly #faults: Fault[] = [];

  constructor(context: Context, request: VendorRequest, spare: string) {
    this.#context = context;
    this.#request = request;
    this.#spare = spare;
    this.#origins = openOrigins(context).filter(({ name }) => request.origins.includes(name));
  }

  /**
   * Fetches all sources.
   * @returns the records by the sources' names, in the order of the pins
   * @throws Failure sources-unavailable, no-room
   */
  async all(): Promise<Record<string, SourceRecord>> {
    const { sources } = this.#context.pins;
    // bpftool comes first, because the fewest places have it, and the version of libbpf has to fit.
    const order = [...sources].sort((a, b) => Number(b.name === "bpftool") - Number(a.name === "bpftool"));
    const missing: string[] = [];
    for (const pin of order) {
      if (await this.#take(pin)) continue;
      // If no libbpf fits, another bpftool may fit one that can be fetched.
      if (pin.name === "libbpf" && (await this.#exchange(pin))) continue;
      missing.push(pin.name);
    }
    // If no source is missing, every source has a record.
    if (missing.length === 0)
      return Object.fromEntries(sources.map(({ name }) => [name, this.#records.get(name) as SourceRecord]));
    throw new Failure("vendor", {
      kind: "sources-unavailable",
      asked: this.#request.origins,
      sources: missing.map((name) => ({ name, tried: this.#tried.get(name) ?? [] })),
      faults: this.#faults,
    });
  }

  /** Takes one bpftool after the other until it fits a libbpf that can be fetched. */
  async #exchange(libbpf: Pin): Promise<boolean> {
    const bpftool = this.#context.pins.sources.find(({ name }) => name === "bpftool");
    while (bpftool && this.#taken.has("bpftool") && this.#faults.some(({ kind }) => kind === "mismatch")) {
      this.#taken.delete("bpftool");
      if (!(await this.#take(bpftool))) return false;
      if (await this.#take(libbpf)) return true;
    }
    return false;
  }

  /** @returns whether an origin has delivered the source */
  async #take(pin: Pin): Promise<boolean> {
    for (const origin of this.#origins) {
      if (await this.#isClosed(origin, pin)) continue;
      for (const offer of origin.offers(pin)) {
        const id = `${pin.name} ${origin.name} ${offer.label}`;
        if (this.#spent.has(id)) continue;
        const fault = await this.#try(pin, origin, offer);
        // After a mismatch the offer is kept, because it may fit another version of the other source.
        if (fault?.kind !== "mismatch") this.#spent.add(id);
        if (!fault) return true;
        this.#note(pin, origin, fault, offer);
        if (!concernsOrigin(fault)) continue;
        this.#closed.set(origin, fault);
        break;
      }
    }
    return false;
  }

  async #isClosed(origin: Origin, pin: Pin): Promise<boolean> {
    if (!this.#closed.has(origin)) {
      const fault = await origin.available();
      this.#closed.set(origin, fault);
      if (fault) this.#note(pin, origin, fault);
      return fault !== undefined;
    }
    const fault = this.#closed.get(origin);
    if (fault) this.#attempts(pin).push({ origin: origin.name, why: faultWords(fault) });
    return fault !== undefined;
  }

  /** Tries an offer. If the user's cache cannot be written, it is tried once more with the spare cache. */
  async #try(pin: Pin, origin: Origin, offer: Offer): Promise<Fault | undefined> {
    const fault = await this.#fetch(pin, origin, offer);
    if (fault?.kind !== "disk") return fault;
    const { cache } = this.#context;
    if (cache.root === this.#spare)
      throw new Failure("vendor", { kind: "no-room", path: fault.path, output: fault.output });
    this.#request.say(`${faultWords(fault)}; what is downloaded is not kept for other apps`);
    cache.move(this.#spare);
    return this.#try(pin, origin, offer);
  }

  async #fetch(pin: Pin, origin: Origin, offer: Offer): Promise<Fault | undefined> {
    const { app, signal, cache } = this.#context;
    const refuse = (version: string) => mismatch(pin.name, version, this.#taken);
    const refused = offer.version === undefined ? undefined : refuse(offer.version);
    if (refused) return refused;
    const folder = join(app, "vendor", pin.name);
    await rm(folder, { recursive: true, force: true });
    try {
      const delivery = await origin.fetch(pin, offer, { folder, refuse });
      this.#record(pin, origin, delivery);
      return undefined;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      signal.throwIfAborted();
      return faultOf(error, cache.root);
    }
  }

  #record(pin: Pin, origin: Origin, { version, record }: Delivery): void {
    this.#taken.set(pin.name, version);
    this.#records.set(pin.name, {
      origin: origin.name,
      version,
      licence: pin.licence,
      ...record,
      tried: this.#attempts(pin),
    });
  }

  #note(pin: Pin, origin: Origin, fault: Fault, offer?: Offer): void {
    const why = faultWords(fault);
    this.#faults.push(fault);
    const label = offer && !concernsOrigin(fault) ? { offer: offer.label } : {};
    this.#attempts(pin).push({ origin: origin.name, ...label, why });
    // Neither of these is worth a line: a checkout never carries sources, and other versions are tried without asking.
    if (fault.kind === "no-bundle" || fault.kind === "mismatch") return;
    this.#request.say(
      concernsOrigin(fault)
        ? `${origin.name}: ${why}; looking elsewhere`
        : `${pin.name}: not from ${origin.name}${offer ? ` (${offer.label})` : ""}: ${why}`,
    );
  }

  #attempts(pin: Pin): Attempt[] {
    const known = this.#tried.get(pin.name) ?? [];
    this.#tried.set(pin.name, known);
    return known;
  }
}

/** The fault in what an origin has thrown. An error that is a fault of our own is thrown again. */
function faultOf(error: unknown, cache: string): Fault {
  if (error instanceof OriginFault)
    return error.fault.kind === "disk" ? { ...error.fault, path: cache } : error.fault;
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code && ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "ENOTDIR"].includes(code))
    return { kind: "disk", path: path ?? cache, output: message };
  if (!isFailure(error, "command")) throw error;
  const { failure } = error;
  if (failure.kind === "program-missing")
    return { kind: "lacks", what: failure.program, install: failure.install };
  const output = failure.output.trim().split("\n").at(-1) ?? "";
  if (/No space left on device|Disk quota exceeded|Read-only file system/i.test(failure.output))
    return { kind: "disk", path: cache, output };
  return { kind: "odd", what: `the output of ${failure.command.split(" ")[0]}`, problem: output };
}
