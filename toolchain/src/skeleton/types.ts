import { typedArray } from "./access.ts";
import { elementAlign, lowBit } from "./alignment.ts";
import type { Module } from "./module.ts";
import type { Shape } from "./shape.ts";

/** The TypeScript type of a plain value. */
export function plainType(shape: Shape): string {
  switch (shape.kind) {
    case "int":
      return shape.size <= 4 ? "number" : "bigint";
    case "bool":
      return "boolean";
    case "float":
      return "number";
    case "pointer":
      return "bigint";
    case "chars":
      return "string";
    case "enum":
    case "struct":
      return shape.decl.name;
    case "array":
      return typedArray(shape.element)?.type ?? `${plainType(shape.element)}[]`;
  }
}

/** The TypeScript type of what can be written to such a value: anything like an array, and a part of a struct's members. */
export function inputType(shape: Shape): string {
  if (shape.kind === "struct") return shape.decl.initName;
  if (shape.kind === "array") return `ArrayLike<${inputType(shape.element)}>`;
  return plainType(shape);
}

/** The TypeScript type of a field of a view. It is a view again if the field's type has one. */
export function viewType(mod: Module, shape: Shape, align: number): string {
  if (shape.kind === "struct") return shape.decl.viewName;
  if (shape.kind !== "array") return plainType(shape);
  const typed = typedArray(shape.element);
  if (typed !== undefined && align >= typed.width) return typed.type;
  const inner = viewType(mod, shape.element, elementAlign(shape.element, align));
  const input = inputType(shape.element);
  return `${mod.useType("ArrayView")}<${inner === input ? inner : `${inner}, ${input}`}>`;
}

/** The alignment of a member at `offset` of a struct that is aligned at `align`, both in bytes. */
export function memberAlign(align: number, offset: number): number {
  return Math.min(align, lowBit(offset));
}
