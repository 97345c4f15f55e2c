import { inspect } from "node:util";
import type { View } from "./spec.ts";

/** What `console.log` shows of a part of a skeleton: its class and these properties. */
export function summary<T extends object>(thing: T, ...properties: (keyof T)[]): object {
  const shown = Object.create({ constructor: thing.constructor }) as Record<keyof T, unknown>;
  for (const property of properties) shown[property] = thing[property];
  return shown;
}

/** Lets `console.log` show a view's fields as they are at that moment, and not the memory under them. */
export function inspectable(view: (new (...args: never[]) => View) | undefined): void {
  if (view === undefined || Object.hasOwn(view.prototype, inspect.custom)) return;
  Object.defineProperty(view.prototype, inspect.custom, {
    configurable: true,
    value(this: View) {
      return plain(this);
    },
  });
}

function plain(view: View): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (
    let type = Object.getPrototypeOf(view);
    type !== Object.prototype;
    type = Object.getPrototypeOf(type)
  ) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(type))) {
      // Properties such as `f$number` and `f$bytes` are other ways to read `f`.
      if (!property.get || name.includes("$") || name in fields) continue;
      const value: unknown = Reflect.get(view, name);
      fields[name] = isView(value) ? plain(value) : value;
    }
  }
  return fields;
}

function isView(value: unknown): value is View {
  return typeof value === "object" && value !== null && "$m" in value && "$at" in value;
}
