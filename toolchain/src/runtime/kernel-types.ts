import { existsSync } from "node:fs";
import { StateError } from "./errors.ts";
import { anyNative, type TypesHandle } from "./native.ts";

/** The types as they were read in this turn of the event loop. They take some megabytes, and are freed after it. */
let held: TypesHandle | undefined;

/**
 * The types of the running kernel.
 *
 * @param call - what asks for them, for the error
 * @returns undefined if the kernel does not describe its types
 * @throws {@link StateError} before any skeleton has been opened
 */
export function kernelTypes(call: string): TypesHandle | undefined {
  if (held !== undefined) return held;
  const native = anyNative(call);
  if (!existsSync("/sys/kernel/btf/vmlinux")) return undefined;
  const types = native.typesOpen();
  if (typeof types === "number")
    throw new StateError(call, `/sys/kernel/btf/vmlinux cannot be read (errno ${-types})`);
  held = types;
  setImmediate(() => {
    held = undefined;
    native.typesClose(types);
  }).unref();
  return types;
}

const members = new Map<string, boolean>();

/**
 * Whether the kernel, or one of its modules, has a struct or union of that name, with such a member.
 *
 * @param path - `a.b` for the member b of the member a; empty for the struct alone
 */
export function hasMember(call: string, type: string, path: string): boolean {
  const name = type.replace(/^(?:struct|union) /, "");
  const key = `${name} ${path}`;
  const found = members.get(key);
  if (found !== undefined) return found;
  const types = kernelTypes(call);
  if (types === undefined)
    throw new StateError(call, "this kernel does not describe its types (it has no /sys/kernel/btf/vmlinux)");
  const has = anyNative(call).typesMember(types, name, { path: path === "" ? [] : path.split(".") }) === 1;
  members.set(key, has);
  return has;
}
