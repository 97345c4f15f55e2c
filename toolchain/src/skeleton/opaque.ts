import { resolve, sizeOf } from "../btf/layout.ts";
import type { Btf, BtfType } from "../btf/types.ts";
import type { BpfObject } from "./object.ts";

/**
 * bpftool's header declares the variables of data sections with the names of their types, and expects whoever includes
 * it to have defined these. The addon uses none of their fields, and the header only asserts sizes: for each type an
 * opaque one of the same size and alignment will do.
 */
export function opaqueTypes(object: BpfObject): string[] {
  const named = new NamedTypes(object.btf);
  for (const section of object.sections) for (const { type } of section.variables) named.visit(type, true);
  return named.declarations();
}

/** What <bpf/libbpf.h>, which the header includes, defines already. */
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

  /** Typedefs get names of their own, as the C library may have others of these names. */
  declarations(): string[] {
    const names = [...this.#typedefs.keys()].sort();
    return [
      ...names.map((name) => `#define ${name} bpf_app_${name}`),
      ...names.map((name) => this.#typedefs.get(name)!),
      ...[...this.#forward]
        .filter((tag) => !this.#tags.has(tag))
        .sort()
        .map((tag) => `${tag};`),
      ...[...this.#tags.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text),
    ];
  }

  /** @param whole the type's size matters, as it does not behind a pointer */
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

  /** Something of the type's size, before the name of a typedef. */
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

/** What bpftool takes the alignment to be: BTF does not say it. A member at an odd place makes a struct packed. */
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
        (member, i) => member.bitSize === 0 && member.bitOffset % (8 * aligns[i]!) !== 0,
      );
      return packed || type.size % natural !== 0 ? 1 : natural;
    }
    case "ptr":
      return 8;
    default:
      return Math.min(8, Math.max(1, sizeOf(btf, id) ?? 1));
  }
}

/** An enum is as wide as its widest value needs, unless it is packed. */
function enumeration({ name, size }: BtfType & { readonly kind: "enum" }): string {
  const value = size > 4 ? "0x100000000" : "0";
  return `enum ${name} { bpf_app_value_of_${name} = ${value} }${size < 4 ? " __attribute__((packed))" : ""};`;
}

function tagOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind} ${name}`;
}
