import { resolve, spell } from "../btf/layout.ts";
import type { Btf } from "../btf/types.ts";

/** Objects of the kernel that lie in map values. User space reads zeros there and cannot write them. */
const KERNEL_STRUCTS = new Set([
  "bpf_spin_lock",
  "bpf_res_spin_lock",
  "bpf_timer",
  "bpf_wq",
  "bpf_task_work",
  "bpf_list_head",
  "bpf_list_node",
  "bpf_rb_root",
  "bpf_rb_node",
  "bpf_refcount",
]);

/** The BTF tags of pointers that only the kernel uses. */
const KERNEL_POINTERS = new Set(["kptr", "kptr_untrusted", "percpu_kptr"]);

/** The C type of a member that belongs to the kernel, or undefined for any other member. */
export function kernelOwned(btf: Btf, id: number): string | undefined {
  const { type } = resolve(btf, id);
  if (type.kind === "struct" && KERNEL_STRUCTS.has(type.name)) return `struct ${type.name}`;
  if (type.kind !== "ptr") return undefined;
  const { tags } = resolve(btf, type.type);
  return tags.some((tag) => KERNEL_POINTERS.has(tag)) ? `${spell(btf, id)} __kptr` : undefined;
}
