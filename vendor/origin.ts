import type { Mirrors } from "./archive/mirrors.ts";
import type { Cache } from "./cache.ts";
import type { Fault } from "./failures.ts";
import type { OriginName } from "./origin-names.ts";
import type { Pin, Pins } from "./pins.ts";
import type { SourceRecord } from "./provenance.ts";

/** One thing that an origin can try for a source. Origins add what they need to know of it. */
export interface Offer {
  /** Tells the offer from others of the same origin, for people and for origins.json: a suite, a file. */
  readonly label: string;
  /** The source's version, where it is known before anything is fetched. */
  readonly version?: string;
}

/** A place where the pinned sources, or versions of them that go together, can be had. One file in origins/ each. */
export interface Origin<O extends Offer = Offer> {
  readonly name: OriginName;
  /** Why nothing can be had from it here; asked once, before the first fetch. */
  readonly available: () => Promise<Fault | undefined>;
  /** What it has of a source, the best first. Nothing is fetched for this. */
  readonly offers: (pin: Pin) => readonly O[];
  /**
   * Delivers an offer into `order.folder`, which does not exist yet.
   *
   * @throws Failure with a Fault, which is the turn of the next offer or origin
   */
  fetch(pin: Pin, offer: O, order: Order): Promise<Delivery>;
}

export interface Order {
  /** vendor/NAME of the app, absolute. */
  readonly folder: string;
  /** Why a version cannot go with the sources that are there already; undefined if it can. */
  readonly refuse: (version: string) => Fault | undefined;
}

/** What arrived: its version, as upstream counts, and what origins.json says of it. */
export interface Delivery {
  readonly version: string;
  readonly record: Omit<SourceRecord, "origin" | "version" | "licence" | "tried">;
}

/** What all origins of one scaffold work with. */
export interface Context {
  readonly pins: Pins;
  /** The app's folder, absolute. */
  readonly app: string;
  /** Record git sources as submodules of the app's repository. */
  readonly submodules: boolean;
  readonly cache: Cache;
  /** Debian's mirrors that this machine's apt uses. */
  readonly mirrors: Mirrors;
  /** The folder with the sources that the published package carries; absent in a checkout. */
  readonly bundle: string | undefined;
  readonly signal: AbortSignal;
}
