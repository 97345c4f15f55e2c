import { type Known, State } from "./values.ts";

/** An instruction, as linux/bpf.h has it, without what ends a wide one. `at` counts slots of eight bytes. */
export interface Instruction {
  readonly at: number;
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
  /** The upper half of a wide constant. */
  readonly high: number;
}

/** A function's instructions, and the maps whose addresses they load, by the place of the instruction. */
export interface Code {
  readonly bytes: Uint8Array;
  /** The first slot, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly maps: ReadonlyMap<number, string>;
}

/** A call of a helper, with what is known of its arguments. */
export interface Call {
  readonly at: number;
  readonly helper: number;
  readonly state: State;
}

/** What is known of a function. */
export interface Followed {
  readonly calls: readonly Call[];
  /** The lowest offset from register 10 that it uses. */
  readonly lowest: number;
}

/** How many instructions of an object are followed, counted each time that one is reached anew. */
export class Steps {
  #left = 1_000_000;

  /** @returns whether one more may be followed */
  take(): boolean {
    return this.#left-- > 0;
  }
}

/** BPF_FUNC_map_lookup_elem and BPF_FUNC_map_lookup_percpu_elem. */
const LOOKUPS: ReadonlySet<number> = new Set([1, 195]);
/** Helpers that only read what they are given: the lookups, update, delete, the outputs of events, tail calls. */
const READ_ONLY: ReadonlySet<number> = new Set([1, 2, 3, 12, 25, 111, 121, 130, 195]);

/**
 * Follows a function along all its ways, and tells of each call of a helper what every way agrees on. It is a
 * small part of what the kernel's verifier does: constants, addresses of maps, and pointers as they were obtained.
 *
 * @returns undefined if there are too many steps
 */
export function follow(code: Code, steps: Steps): Followed | undefined {
  const entry = new State();
  for (let argument = 1; argument <= 5; argument++)
    entry.set(argument, { kind: "pointer", from: [{ key: `argument ${argument}`, argument }] });
  entry.set(10, { kind: "stack", offset: 0 });
  const before = new Map<number, State>([[code.from, entry]]);
  const queue = [code.from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (!steps.take()) return undefined;
    const instruction = read(code, at);
    if (instruction === undefined) continue;
    const state = (before.get(at) as State).copy();
    apply(code, instruction, state);
    for (const next of successors(instruction)) {
      const known = before.get(next);
      if (known === undefined) before.set(next, state.copy());
      else if (!known.meet(state)) continue;
      queue.push(next);
    }
  }
  const calls: Call[] = [];
  let lowest = 0;
  for (const [at, state] of before) {
    const instruction = read(code, at);
    lowest = Math.min(lowest, instruction === undefined ? 0 : lowestUse(instruction, state));
    if (instruction?.code === 0x85 && instruction.src === 0)
      calls.push({ at, helper: instruction.imm, state });
  }
  return { calls: calls.sort((a, b) => a.at - b.at), lowest };
}

/** The lowest offset from register 10 that an instruction reads, writes or makes an address of. */
function lowestUse({ code, dst, src, offset, imm }: Instruction, state: State): number {
  const kind = code & 7;
  const base = state.register(kind === 1 ? src : dst);
  if (base?.kind !== "stack") return 0;
  if (kind >= 1 && kind <= 3) return base.offset + offset;
  return code === 0x07 ? base.offset + imm : 0;
}

function read({ bytes, from, to }: Code, at: number): Instruction | undefined {
  if (at < from || at >= to || (at + 1) * 8 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at * 8);
  const registers = view.getUint8(1);
  const code = view.getUint8(0);
  return {
    at,
    code,
    dst: registers & 15,
    src: registers >> 4,
    offset: view.getInt16(2, true),
    imm: view.getInt32(4, true),
    high: code === 0x18 && (at + 2) * 8 <= bytes.length ? view.getInt32(12, true) : 0,
  };
}

function successors({ at, code, offset, imm }: Instruction): number[] {
  const kind = code & 7;
  if (code === 0x18) return [at + 2];
  if (kind !== 5 && kind !== 6) return [at + 1];
  if (code === 0x95) return [];
  if (code === 0x85) return [at + 1];
  if (code === 0x05) return [at + 1 + offset];
  if (code === 0x06) return [at + 1 + imm];
  return [at + 1, at + 1 + offset];
}

const SIZES = [4, 2, 1, 8] as const;

function apply(code: Code, instruction: Instruction, state: State): void {
  const kind = instruction.code & 7;
  if (kind === 0) state.set(instruction.dst, constant(code, instruction));
  else if (kind === 1) state.set(instruction.dst, loaded(instruction, state));
  else if (kind === 2 || kind === 3) store(instruction, state);
  else if (kind === 4 || kind === 7) state.set(instruction.dst, compute(instruction, state));
  else if (instruction.code === 0x85) call(instruction, state);
}

function constant({ maps }: Code, { at, code, src, imm, high }: Instruction): Known | undefined {
  if (code !== 0x18) return undefined;
  const map = maps.get(at);
  if (map !== undefined) return { kind: "map", map };
  return src === 0 ? { kind: "number", number: high * 2 ** 32 + (imm >>> 0) } : undefined;
}

function loaded({ at, code, src, offset }: Instruction, state: State): Known | undefined {
  if (SIZES[(code >> 3) & 3] !== 8) return undefined;
  const base = state.register(src);
  if (base?.kind === "stack") return state.slot(base.offset + offset);
  return { kind: "pointer", from: [{ key: `load ${at}` }] };
}

function store({ code, dst, src, offset, imm }: Instruction, state: State): void {
  const base = state.register(dst);
  const atomic = code >> 5 === 6;
  const size = SIZES[(code >> 3) & 3] as number;
  if (base?.kind === "stack") {
    const value: Known | undefined = (code & 7) === 2 ? { kind: "number", number: imm } : state.register(src);
    state.store(base.offset + offset, size, atomic ? undefined : value);
  }
  // An atomic operation may return the old value, a compare and exchange in register 0.
  if (atomic && (imm & 1) !== 0) state.set((imm & 0xf0) === 0xf0 ? 0 : src, undefined);
}

function compute({ code, dst, src, offset, imm }: Instruction, state: State): Known | undefined {
  const wide = (code & 7) === 7;
  const operation = code >> 4;
  const operand: Known | undefined = (code & 8) === 0 ? { kind: "number", number: imm } : state.register(src);
  if (operation === 0xb) {
    if (offset !== 0) return undefined;
    return wide || operand?.kind === "number" ? operand : undefined;
  }
  const base = state.register(dst);
  if (operation !== 0 || !wide || operand?.kind !== "number") return undefined;
  if (base?.kind === "number") return { kind: "number", number: base.number + operand.number };
  if (base?.kind === "stack") return { kind: "stack", offset: base.offset + operand.number };
  return base?.kind === "pointer" && operand.number === 0 ? base : undefined;
}

function call({ at, src, imm }: Instruction, state: State): void {
  const helper = src === 0 ? imm : undefined;
  if (helper === undefined || !READ_ONLY.has(helper)) forgetWritten(state);
  const map = state.register(1);
  const lookup = helper !== undefined && LOOKUPS.has(helper) && map?.kind === "map" ? map.map : undefined;
  for (let argument = 1; argument <= 5; argument++) state.set(argument, undefined);
  state.set(0, { kind: "pointer", from: [{ key: `call ${at}`, lookup }] });
}

/**
 * Whoever is called may write to the part of the stack whose address it is given: as many bytes as the next argument
 * says, and if that is no number, as many as there are.
 */
function forgetWritten(state: State): void {
  for (let argument = 1; argument <= 5; argument++) {
    const known = state.register(argument);
    if (known?.kind !== "stack") continue;
    const size = argument < 5 ? state.register(argument + 1) : undefined;
    const bytes = size?.kind === "number" && size.number > 0 ? size.number : 512;
    state.forget(known.offset, bytes);
  }
}
