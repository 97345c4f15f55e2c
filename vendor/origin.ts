import type { Mirrors } from "./archive/mirrors.ts";
import type { Cache } from "./cache.ts";
import type { Fault } from "./failures.ts";
import type { OriginName } from "./origin-names.ts";
import type { Pin, Pins } from "./pins.ts";
import type { SourceRecord } from "./provenance.ts";

/** One way in which an origin can try to deliver a source. Each origin adds what it needs to know. */
export interface Offer {
  /** Tells the offer from the other offers of its origin, for people and for origins.json: a suite, a file. */
  readonly label: string;
  /** The version of the source, if it is known before anything is fetched. */
  readonly version?: string;
}

/**
 * A place that delivers the pinned sources, or other versions of them that can be built together. Each origin has a
 * file in origins/.
 */
export interface Origin<O extends Offer = Offer> {
  readonly name: OriginName;
  /** Tells why the origin cannot deliver anything on this machine. It is called once, before the first fetch. */
  readonly available: () => Promise<Fault | undefined>;
  /** The ways in which the origin can deliver a source, the best first. This fetches nothing. */
  readonly offers: (pin: Pin) => readonly O[];
  /**
   * Delivers an offer into `order.folder`, which does not exist yet.
   *
   * @throws OriginFault, after which the next offer or origin is tried
   */
  fetch(pin: Pin, offer: O, order: Order): Promise<Delivery>;
}

/** What the search says to an origin about a delivery. */
export interface Order {
  /** The folder vendor/NAME of the app, absolute. */
  readonly folder: string;
  /** Tells why a version cannot be built together with the sources that were taken before. Undefined if it can. */
  readonly refuse: (version: string) => Fault | undefined;
}

/** What an origin has delivered: upstream's version number, and the record for origins.json. */
export interface Delivery {
  readonly version: string;
  readonly record: Omit<SourceRecord, "origin" | "version" | "licence" | "tried">;
}

/**
 * Whether sources from git become submodules. `later` leaves clones with their .git, which `addSubmodule` takes once they
 * lie in the repository.
 */
export type Submodules = boolean | "later";

/** What all origins share while the sources of one app are fetched. */
export interface Context {
  readonly pins: Pins;
  /** The app's folder, absolute. */
  readonly app: string;
  /** Whether sources from git become submodules of the app's repository. */
  readonly submodules: Submodules;
  readonly cache: Cache;
  /** The mirrors of Debian that this machine's apt uses. */
  readonly mirrors: Mirrors;
  /** The folder with the sources that the published package carries; absent in a checkout. */
  readonly bundle: string | undefined;
  readonly signal: AbortSignal;
}
