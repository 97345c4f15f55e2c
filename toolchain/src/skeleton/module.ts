import type { Names } from "./names.ts";

/**
 * A file that is being generated. The names of C take precedence: if something that is imported has the same name, the
 * import gets another local name.
 */
export class Module {
  readonly names: Names;
  readonly #values = new Map<string, string>();
  readonly #types = new Map<string, string>();
  readonly #hoisted = new Map<string, string>();
  #pending: string[] = [];

  /** `names` must contain the names of all types of the object by now. */
  constructor(names: Names) {
    this.names = names;
  }

  /** The local name of a value of the runtime. */
  use(name: string): string {
    const local = this.#values.get(name) ?? this.#types.get(name) ?? this.#local(name);
    this.#types.delete(name);
    this.#values.set(name, local);
    return local;
  }

  /** The local name of a type of the runtime. */
  useType(name: string): string {
    const known = this.#values.get(name) ?? this.#types.get(name);
    if (known !== undefined) return known;
    const local = this.#local(name);
    this.#types.set(name, local);
    return local;
  }

  #local(name: string): string {
    return this.names.take(this.names.has(name) ? `${name}$` : name);
  }

  /** The name of a constant with that value. It is written once, before the declaration that is being written. */
  hoist(expression: string): string {
    const known = this.#hoisted.get(expression);
    if (known !== undefined) return known;
    const name = this.names.take(`$${this.#hoisted.size}`);
    this.#hoisted.set(expression, name);
    this.#pending.push(`const ${name} = ${expression};`);
    return name;
  }

  /** The constants that have to be written before the next declaration. */
  flush(): string[] {
    const lines = this.#pending;
    this.#pending = [];
    return lines;
  }

  /** The import statement, sorted as Biome sorts it. */
  imports(from: string): string[] {
    const clause =
      (type: string) =>
      ([name, local]: [string, string]) =>
        `${type}${name === local ? name : `${name} as ${local}`}`;
    const entries = [
      ...[...this.#types].map((pair) => ({ name: pair[0], text: clause("type ")(pair) })),
      ...[...this.#values].map((pair) => ({ name: pair[0], text: clause("")(pair) })),
    ];
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return ["import {", ...entries.map(({ text }) => `  ${text},`), `} from "${from}";`];
  }
}
