import { resolve, sizeOf } from "../../btf/layout.ts";
import type { Btf, BtfType } from "../../btf/types.ts";
import type { Dwarf, Entry } from "../../elf/dwarf.ts";
import { KINDS } from "./adopt.ts";
import { byteSize, nameOf } from "./declared.ts";

/** A type by the way that C spells it: `struct event`, `event_t`. */
export function findInBtf(btf: Btf, spelled: string): number | undefined {
  const { kinds, name } = takeApart(spelled);
  const id = btf.types.findIndex((type) => type.name === name && kinds.includes(type.kind));
  return id > 0 && sizeOf(btf, resolve(btf, id).id) !== undefined ? id : undefined;
}

/** The same in DWARF. */
export function findInDwarf(dwarf: Dwarf, spelled: string): Entry | undefined {
  const { kinds, name } = takeApart(spelled);
  for (const entry of dwarf.entries.values()) {
    const kind = KINDS[entry.tag];
    if (kind === undefined || !kinds.includes(kind) || nameOf(entry) !== name) continue;
    if (byteSize(dwarf, entry) !== undefined) return entry;
  }
  return undefined;
}

/** The spellings of all named structs and unions, and of all typedefs: what an event's type can be. */
export function typeNames(btf: Btf, dwarf: Dwarf | undefined): string[] {
  const names = new Set<string>();
  const add = (kind: string | undefined, name: string) => {
    if (name === "" || kind === undefined) return;
    if (kind === "struct" || kind === "union") names.add(`${kind} ${name}`);
    else if (kind === "typedef") names.add(name);
  };
  for (const { kind, name } of btf.types) add(kind, name);
  for (const entry of dwarf?.entries.values() ?? []) add(KINDS[entry.tag], nameOf(entry));
  return [...names];
}

function takeApart(spelled: string): { kinds: readonly BtfType["kind"][]; name: string } {
  const [, kind, name] = /^\s*(?:(struct|union|enum)\s+)?(.*?)\s*$/.exec(spelled) as unknown as string[];
  if (kind === undefined) return { kinds: ["typedef", "int", "float"], name: name ?? "" };
  return { kinds: [kind as "struct" | "union" | "enum"], name: name ?? "" };
}
