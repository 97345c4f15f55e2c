/** A section that is to be made. Its index is its place in the list plus 1. */
export interface SectionInput {
  readonly name: string;
  /** One of SHT_*; if it is not given, SHT_PROGBITS. */
  readonly type?: number;
  readonly flags?: number;
  readonly data?: Uint8Array;
  /** The size of a section of type SHT_NOBITS, which has no data. */
  readonly size?: number;
  readonly link?: number;
  readonly info?: number;
}

export interface SymbolInput {
  readonly name: string;
  readonly section: number;
  readonly value?: number;
  readonly size?: number;
  /** One of STT_*; if it is not given, STT_OBJECT. */
  readonly type?: number;
  /** One of STB_*; if it is not given, STB_GLOBAL. */
  readonly bind?: number;
}

/** Assembles a BPF object: the sections given, then the symbol table, its strings and the section names. */
export function buildElf(
  sections: readonly SectionInput[],
  symbols: readonly SymbolInput[] = [],
): Uint8Array {
  const strings = stringTable(symbols.map(({ name }) => name));
  const all: SectionInput[] = [
    { name: "", type: 0 },
    ...sections,
    { name: ".symtab", type: 2, data: symbolTable(symbols, strings.offsets), link: sections.length + 2 },
    { name: ".strtab", type: 3, data: strings.data },
  ];
  const names = stringTable([...all.map(({ name }) => name), ".shstrtab"]);
  all.push({ name: ".shstrtab", type: 3, data: names.data });
  const parts: Uint8Array[] = [];
  let at = 64;
  const headers = Buffer.alloc(all.length * 64);
  for (const [index, section] of all.entries()) {
    const data = section.data ?? new Uint8Array(0);
    const h = index * 64;
    headers.writeUInt32LE(names.offsets[index]!, h);
    headers.writeUInt32LE(section.type ?? 1, h + 4);
    headers.writeBigUInt64LE(BigInt(section.flags ?? 0), h + 8);
    headers.writeBigUInt64LE(BigInt(index === 0 ? 0 : at), h + 24);
    headers.writeBigUInt64LE(BigInt(section.size ?? data.length), h + 32);
    headers.writeUInt32LE(section.link ?? 0, h + 40);
    headers.writeUInt32LE(section.info ?? 0, h + 44);
    parts.push(data);
    at += data.length;
  }
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(247, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(at), 40);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(all.length, 60);
  header.writeUInt16LE(all.length - 1, 62);
  return Buffer.concat([header, ...parts, headers]);
}

function symbolTable(symbols: readonly SymbolInput[], names: readonly number[]): Uint8Array {
  const out = Buffer.alloc((symbols.length + 1) * 24);
  for (const [index, { section, value = 0, size = 0, type = 1, bind = 1 }] of symbols.entries()) {
    const s = (index + 1) * 24;
    out.writeUInt32LE(names[index]!, s);
    out.writeUInt8((bind << 4) | type, s + 4);
    out.writeUInt16LE(section, s + 6);
    out.writeBigUInt64LE(BigInt(value), s + 8);
    out.writeBigUInt64LE(BigInt(size), s + 16);
  }
  return out;
}

function stringTable(names: readonly string[]): { data: Uint8Array; offsets: number[] } {
  const parts = [Buffer.from([0])];
  let at = 1;
  const offsets = names.map((name) => {
    if (name === "") return 0;
    const bytes = Buffer.from(`${name}\0`);
    parts.push(bytes);
    at += bytes.length;
    return at - bytes.length;
  });
  return { data: Buffer.concat(parts), offsets };
}
