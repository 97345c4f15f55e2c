/** Assembles the bytes of a `.BTF` section, type by type; each method returns the new type's id. */
export class BtfBuilder {
  readonly #strings: number[] = [0];
  readonly #types: number[] = [];
  #next = 1;

  int(
    name: string,
    size: number,
    { signed = false, bool = false, bits = size * 8, offset = 0 } = {},
  ): number {
    return this.#add(name, 1, 0, size, [
      (signed ? 1 << 24 : 0) | (bool ? 4 << 24 : 0) | (offset << 16) | bits,
    ]);
  }

  ptr(type: number): number {
    return this.#add("", 2, 0, type);
  }

  array(type: number, length: number): number {
    return this.#add("", 3, 0, 0, [type, 0, length]);
  }

  /** Offsets are in bits. A member with `bits` is a bitfield. */
  struct(
    name: string,
    size: number,
    members: readonly Member[],
    kind: "struct" | "union" = "struct",
  ): number {
    const packed = members.some(({ bits }) => bits !== undefined);
    const words = members.flatMap(({ name: member, type, at = 0, bits = 0 }) => [
      this.string(member),
      type,
      packed ? (bits << 24) | at : at,
    ]);
    return this.#add(name, kind === "struct" ? 4 : 5, members.length, size, words, packed);
  }

  union(name: string, size: number, members: readonly Member[]): number {
    return this.struct(name, size, members, "union");
  }

  enum(name: string, values: Readonly<Record<string, number>>, { signed = false, size = 4 } = {}): number {
    const words = Object.entries(values).flatMap(([label, value]) => [this.string(label), value]);
    return this.#add(name, 6, words.length / 2, size, words, signed);
  }

  enum64(name: string, values: Readonly<Record<string, bigint>>, signed = false): number {
    const words = Object.entries(values).flatMap(([label, value]) => [
      this.string(label),
      Number(value & 0xffffffffn),
      Number((value >> 32n) & 0xffffffffn),
    ]);
    return this.#add(name, 19, words.length / 3, 8, words, signed);
  }

  fwd(name: string, union = false): number {
    return this.#add(name, 7, 0, 0, [], union);
  }

  modifier(kind: keyof typeof MODIFIERS, type: number, name = ""): number {
    return this.#add(name, MODIFIERS[kind], 0, type);
  }

  func(name: string, proto: number): number {
    return this.#add(name, 12, 1, proto);
  }

  funcProto(returns: number, params: readonly { name: string; type: number }[]): number {
    const words = params.flatMap(({ name, type }) => [this.string(name), type]);
    return this.#add("", 13, params.length, returns, words);
  }

  var(name: string, type: number, linkage = 1): number {
    return this.#add(name, 14, 0, type, [linkage]);
  }

  datasec(name: string, size: number, vars: readonly { type: number; at: number; size: number }[]): number {
    return this.#add(
      name,
      15,
      vars.length,
      size,
      vars.flatMap(({ type, at, size: bytes }) => [type, at, bytes]),
    );
  }

  float(name: string, size: number): number {
    return this.#add(name, 16, 0, size);
  }

  declTag(name: string, type: number, component = -1): number {
    return this.#add(name, 17, 0, type, [component]);
  }

  /** Adds a type by its bare parts, for types that no compiler writes. */
  raw(name: string, kind: number, count: number, sizeOrType: number, words: readonly number[] = []): number {
    return this.#add(name, kind, count, sizeOrType, words);
  }

  /** The offset of a name in the string table. */
  string(text: string): number {
    if (text === "") return 0;
    const at = this.#strings.length;
    this.#strings.push(...new TextEncoder().encode(text), 0);
    return at;
  }

  bytes(): Uint8Array {
    const out = Buffer.alloc(24 + this.#types.length * 4 + this.#strings.length);
    out.writeUInt16LE(0xeb9f, 0);
    out.writeUInt8(1, 2);
    out.writeUInt32LE(24, 4);
    out.writeUInt32LE(0, 8);
    out.writeUInt32LE(this.#types.length * 4, 12);
    out.writeUInt32LE(this.#types.length * 4, 16);
    out.writeUInt32LE(this.#strings.length, 20);
    for (const [index, word] of this.#types.entries()) out.writeUInt32LE(word >>> 0, 24 + index * 4);
    out.set(this.#strings, 24 + this.#types.length * 4);
    return out;
  }

  #add(
    name: string,
    kind: number,
    count: number,
    sizeOrType: number,
    words: readonly number[] = [],
    flag = false,
  ): number {
    this.#types.push(this.string(name), (flag ? 1 << 31 : 0) | (kind << 24) | count, sizeOrType);
    for (const word of words) this.#types.push(word);
    return this.#next++;
  }
}

const MODIFIERS = { typedef: 8, volatile: 9, const: 10, restrict: 11, typeTag: 18 } as const;

interface Member {
  readonly name: string;
  readonly type: number;
  readonly at?: number;
  readonly bits?: number;
}
