import { AT, type Dwarf, type Entry, TAG } from "../../elf/dwarf.ts";
import { bare, entryAt, nameOf, typeOf } from "./declared.ts";

/** The types of a function's variables and parameters, and of those of the functions that were inlined into it. */
export interface Variables {
  /** Of variables that lie on the stack. */
  readonly onStack: ReadonlySet<Entry>;
  /** Of everything that a pointer points to. */
  readonly pointedTo: ReadonlySet<Entry>;
}

/** DW_OP_fbreg and DW_OP_breg10: a place relative to the function's frame. */
const FRAME: ReadonlySet<unknown> = new Set([0x91, 0x7a]);

/** How deep functions may be inlined into one another. */
const DEPTH_MAX = 64;

/** The variables of the functions with this name, of which an object has one. */
export function variablesOf(dwarf: Dwarf, name: string): Variables {
  const onStack = new Set<Entry>();
  const pointedTo = new Set<Entry>();
  const seen = new Set<Entry>();
  const visit = (entry: Entry, depth: number): void => {
    if (depth > DEPTH_MAX || seen.has(entry)) return;
    seen.add(entry);
    const origin = entryAt(dwarf, entry.attributes.get(AT.origin));
    if (entry.tag === TAG.variable || entry.tag === TAG.parameter) {
      const type = typeOf(dwarf, origin ?? entry);
      const resolved = bare(dwarf, type);
      if (type === undefined || resolved === undefined) return;
      const target = resolved.tag === TAG.pointer ? typeOf(dwarf, resolved) : undefined;
      if (target !== undefined) pointedTo.add(target);
      if (FRAME.has(entry.attributes.get(AT.location))) onStack.add(type);
      return;
    }
    // The function as it is declared has every variable, also those that have no place in this copy of it.
    if (origin !== undefined) visit(origin, depth + 1);
    for (const child of entry.children) if (CONTAINERS.has(child.tag)) visit(child, depth + 1);
  };
  for (const unit of dwarf.units)
    for (const entry of unit.children)
      if (
        entry.tag === TAG.subprogram &&
        nameOf(entryAt(dwarf, entry.attributes.get(AT.origin)) ?? entry) === name
      )
        visit(entry, 0);
  return { onStack, pointedTo };
}

/** DW_TAG_lexical_block. */
const BLOCK = 0x0b;
const CONTAINERS: ReadonlySet<number> = new Set([TAG.variable, TAG.parameter, TAG.inlined, BLOCK]);
