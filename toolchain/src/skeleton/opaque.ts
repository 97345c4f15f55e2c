import { resolve, sizeOf } from "../btf/layout.ts";
import type { Btf, BtfType } from "../btf/types.ts";
import type { BpfObject } from "./object.ts";

/**
 * Definitions of the types that bpftool's header names. The header declares the variables of data sections, and expects
 * that their types are defined before it is included. The addon uses no field of these types, and the header checks
 * only their sizes. So an opaque type of the same size and alignment is enough for each of them.
 */
export function opaqueTypes(object: BpfObject): string[] {
  const named = new NamedTypes(object.btf);
  for (const section of object.sections) for (const { type } of section.variables) named.visit(type, true);
  return named.declarations();
}

/** The types that <bpf/libbpf.h>, which the header includes, defines already. */
const KNOWN_TYPEDEFS = /^(?:__(?:u|s|le|be)(?:8|16|32|64)|bool|size_t|__sum16|__wsum)$/;
const KNOWN_TAGS =
  /^bpf_(?:spin_lock|timer|wq|task_work|dynptr|list_head|list_node|rb_root|rb_node|refcount|iter_num)$|^time(?:spec|val)$/;

class NamedTypes {
  readonly #btf: Btf;
  readonly #typedefs = new Map<string, string>();
  readonly #forward = new Set<string>();
  readonly #tags = new Map<string, string>();
  readonly #visited = new Set<string>();

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  /** The lines of C. Typedefs are renamed by a macro, because the C library may have other typedefs of these names. */
  declarations(): string[] {
    const typedefs = [...this.#typedefs].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...typedefs.map(([name]) => `#define ${name} bpf_app_${name}`),
      ...typedefs.map(([, text]) => text),
      ...[...this.#forward]
        .filter((tag) => !this.#tags.has(tag))
        .sort()
        .map((tag) => `${tag};`),
      ...[...this.#tags.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text),
    ];
  }

  /**
   * Collects the named types that a type consists of.
   * @param whole whether the type's size matters; it does not for the target of a pointer
   */
  visit(id: number, whole: boolean): void {
    const key = `${id} ${whole}`;
    if (this.#visited.has(key)) return;
    this.#visited.add(key);
    const type = this.#btf.types[id];
    switch (type?.kind) {
      case "const":
      case "volatile":
      case "restrict":
      case "typeTag":
        this.visit(type.type, whole);
        break;
      case "ptr":
        this.visit(type.type, false);
        break;
      case "array":
        this.visit(type.type, true);
        break;
      case "funcProto":
        for (const one of [type.returns, ...type.params.map((param) => param.type)]) this.visit(one, false);
        break;
      case "typedef":
        if (!KNOWN_TYPEDEFS.test(type.name))
          this.#typedefs.set(type.name, `typedef ${this.#blob(id)}bpf_app_${type.name};`);
        break;
      case "fwd":
        this.#forward.add(`${type.union ? "union" : "struct"} ${type.name}`);
        break;
      case "struct":
      case "union":
        if (type.name === "") for (const member of type.members) this.visit(member.type, true);
        else if (!whole) this.#forward.add(tagOf(type));
        else if (!KNOWN_TAGS.test(type.name))
          this.#tags.set(tagOf(type), `${tagOf(type)} ${this.#body(id, type.size)};`);
        break;
      case "enum":
        if (type.name !== "") this.#tags.set(`enum ${type.name}`, enumeration(type));
        break;
    }
  }

  /** A type of the same size, as it is written before the name of a typedef. */
  #blob(id: number): string {
    const size = sizeOf(this.#btf, id);
    if (size === undefined) return "void ";
    if (resolve(this.#btf, id).type.kind === "ptr") return "void *";
    return `struct ${this.#body(id, size)} `;
  }

  #body(id: number, size: number): string {
    return `{ char opaque[${size}]; } __attribute__((aligned(${alignOf(this.#btf, id)})))`;
  }
}

/**
 * The alignment that bpftool assumes for a type, because BTF does not say it. A struct whose members do not lie at
 * multiples of their alignment is assumed to be packed.
 */
function alignOf(btf: Btf, id: number): number {
  const { type } = resolve(btf, id);
  switch (type.kind) {
    case "array":
      return alignOf(btf, type.type);
    case "struct":
    case "union": {
      const aligns = type.members.map((member) => alignOf(btf, member.type));
      const natural = Math.max(1, ...aligns);
      const packed = type.members.some(
        (member, i) => member.bitSize === 0 && member.bitOffset % (8 * (aligns[i] ?? 1)) !== 0,
      );
      return packed || type.size % natural !== 0 ? 1 : natural;
    }
    case "ptr":
      return 8;
    default:
      return Math.min(8, Math.max(1, sizeOf(btf, id) ?? 1));
  }
}

/** The definition of an enum of this size. Its width follows from its widest value, unless it is packed. */
function enumeration({ name, size }: BtfType & { readonly kind: "enum" }): string {
  const value = size > 4 ? "0x100000000" : "0";
  return `enum ${name} { bpf_app_value_of_${name} = ${value} }${size < 4 ? " __attribute__((packed))" : ""};`;
}

function tagOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind} ${name}`;
}
