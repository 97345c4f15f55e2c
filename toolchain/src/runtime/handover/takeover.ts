import { type Carried, type FreshMap, type MapShape, NEVER_KEPT, type Parts } from "../../facts/handover.ts";
import { mapTypeName } from "../../facts/map-types.ts";
import type { BpfMap } from "../maps/map.ts";
import type { MapInfo } from "../native.ts";
import type { LiveSection, Session } from "../session.ts";
import type { Handover, Offer } from "./handover.ts";

type Message = Offer["maps"][number]["message"];

/** A data section of which the app could have set something before load. */
interface Image {
  readonly section: LiveSection;
  /** The values that the object has. */
  readonly initial: Uint8Array;
  /** The values that load begins with: those of the object, and what the app has written. */
  readonly wanted: Uint8Array;
}

/** The load of one skeleton in `bpf-app dev`: its maps are those of the run before, where they have not changed. */
export class Takeover {
  readonly #handover: Handover;
  readonly #session: Session;
  readonly #maps: readonly BpfMap[];
  /** What each map was declared with, before load. */
  readonly #shapes = new Map<string, MapShape>();
  readonly #images = new Map<string, Image>();
  readonly #kept = new Map<string, Message>();
  readonly #fresh: FreshMap[] = [];
  /** Memory of the run before to copy variables from. */
  readonly #carried: {
    readonly map: string;
    readonly from: Uint8Array;
    readonly list: readonly Carried[];
  }[] = [];

  private constructor(handover: Handover, session: Session, maps: readonly BpfMap[]) {
    this.#handover = handover;
    this.#session = session;
    this.#maps = maps;
  }

  /** Before load: asks for the maps and puts them in the place of new ones. Does nothing where dev does not run the app. */
  static begin(session: Session, maps: readonly BpfMap[]): Takeover | undefined {
    const { handover } = session;
    if (handover === undefined) return undefined;
    const takeover = new Takeover(handover, session, maps);
    return takeover.#ask() ? takeover : undefined;
  }

  #ask(): boolean {
    const session = this.#session;
    for (const map of this.#maps) {
      const { info } = map;
      if (!isOwn(map, info)) continue;
      const never = NEVER_KEPT[mapTypeName(info.type) ?? "unspec"];
      if (never === undefined) this.#shapes.set(map.name, shapeOf(info));
      else if (never !== "") this.#fresh.push({ map: map.name, why: never });
    }
    const wanted = [...this.#shapes].map(([name, shape]) => ({ name, ...shape }));
    const offer = this.#handover.offer(session.name, { say: "load", skeleton: session.name, maps: wanted });
    if (offer === undefined) return false;
    this.#fresh.push(...offer.fresh);
    for (const { message, descriptors } of offer.maps) {
      const [fd] = descriptors;
      const map = this.#maps.find(({ name }) => name === message.map);
      if (map && fd !== undefined) this.#accept(map, message, fd);
      this.#handover.close(descriptors);
    }
    return true;
  }

  #accept(map: BpfMap, message: Message, fd: number): void {
    const { native, object } = this.#session;
    if (map.spec.section !== undefined) this.#image(map);
    if (message.do === "carry") {
      const size = this.#images.get(map.name)?.initial.length ?? 0;
      const memory = size > 0 ? native.map(fd, 0, pages(native.pageSize(), message.carried), false) : -1;
      if (typeof memory !== "number")
        this.#carried.push({ map: map.name, from: new Uint8Array(memory), list: message.carried });
      return;
    }
    const error = native.mapSet(object, map.index, "reuseFd", fd);
    if (error === 0) this.#kept.set(map.name, message);
    else this.#fresh.push({ map: map.name, why: `libbpf does not take it (${error})` });
  }

  /** Notes what a section has in the object, and what the app has made of it. */
  #image(map: BpfMap): void {
    const { native, object, sections } = this.#session;
    const section = [...sections.values()].find((one) => one.map === map.index);
    if (section === undefined) return;
    const wanted = section.view.$m.u8.slice();
    const initial = new ArrayBuffer(wanted.length);
    if (native.sectionCopy(object, map.index, initial, false) === 0)
      this.#images.set(map.name, { section, initial: new Uint8Array(initial), wanted });
  }

  /** After load: writes what a kept section does not have yet, hands all maps to dev, and says what was kept. */
  finish(): void {
    for (const [name, message] of this.#kept) {
      const image = this.#images.get(name);
      if (image && message.do === "map") this.#write(image, message.parts ?? [], message.edited ?? []);
    }
    for (const { map, from, list } of this.#carried) {
      const image = this.#images.get(map);
      if (image) for (const one of list) carry(image, from, one);
    }
    const { name: skeleton } = this.#session;
    const kept = [...this.#kept.keys()];
    this.#handover.send({ say: "loaded", skeleton, kept, fresh: this.#fresh });
    for (const map of this.#maps) {
      const shape = this.#shapes.get(map.name);
      if (shape && map.fd >= 0) this.#handover.send({ say: "map", skeleton, map: map.name, shape }, [map.fd]);
    }
    this.#handover.loaded(skeleton, kept);
  }

  /**
   * Writes the parts of a kept section that the app has set before load, and those whose initial value was edited. The run
   * before sees them too, so that they are written back if this run fails.
   */
  #write({ section, initial, wanted }: Image, parts: readonly Parts[], edited: readonly Parts[]): void {
    const now = section.view.$m.u8;
    const before: { readonly at: number; readonly bytes: Uint8Array }[] = [];
    const put = (at: number, size: number) => {
      before.push({ at, bytes: now.slice(at, at + size) });
      now.set(wanted.subarray(at, at + size), at);
    };
    each(parts, (at, size) => {
      if (!same(wanted, initial, at, size)) put(at, size);
    });
    each(edited, put);
    const back = this.#handover.orBack(() => {
      for (const { at, bytes } of before.reverse()) now.set(bytes, at);
    });
    this.#session.cleanup.add(back);
  }
}

/**
 * Whether a map is made by load for this app alone, so that dev can hold it: not one that is pinned, that another one was
 * put in the place of, or that is constant from load on, as the verifier relies on its values.
 */
function isOwn({ spec }: BpfMap, { fd, autocreate, pinned }: MapInfo): boolean {
  const constant = spec.section?.startsWith(".rodata") || spec.section === ".kconfig";
  return fd < 0 && autocreate && !pinned && !constant;
}

function shapeOf({ type, keySize, valueSize, maxEntries, flags }: MapInfo): MapShape {
  return { type, keySize, valueSize, maxEntries, flags };
}

/** How many bytes to map so that all that is carried lies in them. */
function pages(page: number, list: readonly Carried[]): number {
  const end = Math.max(1, ...list.map(({ from, size }) => from + size));
  return Math.ceil(end / page) * page;
}

function same(a: Uint8Array, b: Uint8Array, at: number, size: number): boolean {
  for (let i = at; i < at + size; i++) if (a[i] !== b[i]) return false;
  return true;
}

function each(parts: readonly Parts[], call: (at: number, size: number) => void): void {
  for (const { at, size, count, stride } of parts)
    for (let i = 0; i < count; i++) call(at + i * stride, size);
}

/** Copies a variable out of the section of before, unless the app has set it. */
function carry({ section, initial, wanted }: Image, before: Uint8Array, { from, to, size }: Carried): void {
  if (same(wanted, initial, to, size)) section.view.$m.u8.set(before.subarray(from, from + size), to);
}
