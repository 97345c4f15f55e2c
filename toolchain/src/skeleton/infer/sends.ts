import { type ElfObject, type ElfSection, SHF, SHT, STT } from "../../elf/read.ts";
import { type Call, type Code, follow, Steps } from "./flow.ts";
import type { Known } from "./values.ts";

/** A place in the program that sends events to a map, or that gets the memory for one. */
export interface Send {
  readonly map: string;
  /** The function that contains it. What was inlined into it counts as its own. */
  readonly function: string;
  /** The lowest offset from register 10 that this function uses. */
  readonly lowest: number;
  /** How many bytes are sent, if that is a constant. */
  readonly size: number | undefined;
  /** Where these bytes lie. Memory that is only being reserved lies nowhere yet: then it is undefined, as is `size`
   *  for what can be of any size. */
  readonly data: Known | "reserved" | undefined;
}

/**
 * The helpers that send events, by number: in which arguments they get the map, the data and the size. The ones with
 * dynptrs are given memory of any type.
 */
const HELPERS: Readonly<
  Record<number, { readonly map: number; readonly data?: number; readonly size?: number }>
> = {
  25: { map: 2, data: 4, size: 5 }, // perf_event_output
  111: { map: 2, data: 4, size: 5 }, // skb_output
  121: { map: 2, data: 4, size: 5 }, // xdp_output
  130: { map: 1, data: 2, size: 3 }, // ringbuf_output
  131: { map: 1, size: 2 }, // ringbuf_reserve
  198: { map: 1 }, // ringbuf_reserve_dynptr
};

/** How many instructions a whole object may have. For each one that can be reached, something is remembered. */
const INSTRUCTIONS_MAX = 200_000;

/**
 * Finds every place of a compiled object that sends events.
 *
 * @returns undefined if one of them gets its map in a way that cannot be followed, since then any map may be meant; and
 * if a function is too long
 */
export function findSends(elf: ElfObject): Send[] | undefined {
  const maps = elf.section(".maps");
  const found: Send[] = [];
  const steps = new Steps();
  let instructions = 0;
  for (const section of elf.sections) {
    if (section.type !== SHT.PROGBITS || (section.flags & SHF.EXECINSTR) === 0) continue;
    instructions += section.data.length / 8;
    if (instructions > INSTRUCTIONS_MAX) return undefined;
    const loads = mapLoads(elf, section, maps);
    for (const symbol of elf.symbols) {
      if (symbol.type !== STT.FUNC || symbol.section !== section.index) continue;
      const from = Math.floor(symbol.value / 8);
      const code: Code = { bytes: section.data, from, to: from + Math.floor(symbol.size / 8), maps: loads };
      const followed = follow(code, steps);
      const sends = followed?.calls.flatMap((call) => sendOf(symbol.name, call, followed.lowest) ?? []);
      if (sends === undefined || sends.some(({ map }) => map === "")) return undefined;
      found.push(...sends);
    }
  }
  return found;
}

function sendOf(name: string, { helper, state }: Call, lowest: number): Send | undefined {
  const where = HELPERS[helper];
  if (where === undefined) return undefined;
  const map = state.register(where.map);
  const size = where.size === undefined ? undefined : state.register(where.size);
  return {
    map: map?.kind === "map" ? map.map : "",
    function: name,
    lowest,
    size: size?.kind === "number" ? size.number : undefined,
    data:
      where.data !== undefined
        ? state.register(where.data)
        : where.size === undefined
          ? undefined
          : "reserved",
  };
}

/** R_BPF_64_64, the relocation of an instruction that loads an address. */
const ADDRESS = 1;

/** The instructions of a section that load the address of a map, with the map's name. */
function mapLoads(elf: ElfObject, section: ElfSection, maps: ElfSection | undefined): Map<number, string> {
  const found = new Map<number, string>();
  if (maps === undefined) return found;
  const names = new Map(
    elf.symbols
      .filter((symbol) => symbol.section === maps.index && symbol.type === STT.OBJECT)
      .map((symbol) => [symbol.value, symbol.name]),
  );
  const code = new DataView(section.data.buffer, section.data.byteOffset, section.data.byteLength);
  for (const { type, info, data } of elf.sections) {
    if (type !== SHT.REL || info !== section.index) continue;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at + 16 <= data.length; at += 16) {
      const offset = view.getUint32(at, true);
      const symbol = elf.symbols[view.getUint32(at + 12, true)];
      if (view.getUint32(at + 8, true) !== ADDRESS || symbol?.section !== maps.index) continue;
      if (offset + 8 > section.data.length) continue;
      // A static map is meant by its section's symbol and by its place there, which stands in the instruction.
      const name = names.get(symbol.type === STT.SECTION ? code.getInt32(offset + 4, true) : symbol.value);
      if (name !== undefined) found.set(Math.floor(offset / 8), name);
    }
  }
  return found;
}
