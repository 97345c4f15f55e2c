import { closers, declared, definition, globalNames, openers } from "./declarators.ts";
import type { Place } from "./failures.ts";
import { scan, type Token } from "./scan.ts";

/** What the sources say about types, members and globals; BTF keeps no comments. */
export interface Comments {
  /** Of a struct, union or enum, by its tag. */
  type(tag: string): readonly string[];
  /** Of a member or an enumerator; with an empty tag, of a global, a map or a program. */
  member(tag: string, name: string): readonly string[];
  /** Where it is declared. */
  place(tag: string, name: string): Place | undefined;
}

export const noComments: Comments = { type: () => [], member: () => [], place: () => undefined };

interface Note {
  readonly comment: string;
  readonly place: Place;
}

/** Finds the comments of C files; of two declarations with one name, the first counts. */
export function readComments(sources: readonly { readonly path: string; readonly text: string }[]): Comments {
  const notes = new Map<string, Note>();
  for (const { path, text } of sources) {
    const reader = new Reader(scan(text), (tag, name, comment, line) => {
      const key = `${tag}\n${name}`;
      if (!notes.has(key)) notes.set(key, { comment, place: { path, line } });
    });
    reader.file();
  }
  const split = (note: Note | undefined) =>
    note === undefined || note.comment === "" ? [] : note.comment.split("\n");
  return {
    type: (tag) => split(notes.get(`${tag}\n`)),
    member: (tag, name) => split(notes.get(`${tag}\n${name}`)),
    place: (tag, name) => notes.get(`${tag}\n${name}`)?.place,
  };
}

type Found = (tag: string, name: string, comment: string, line: number) => void;

/** One declaration: the names it declares, and what is nested in it. */
interface Declaration {
  readonly names: readonly string[];
  readonly comment: string;
  readonly line: number;
  /** The struct, union or enum it defines. */
  readonly body?: Body | undefined;
}

interface Body {
  readonly tag: string;
  readonly members: readonly Declaration[];
}

const DEPTH_MAX = 32;

/**
 * A reader of declarations, not of C: it knows where members begin and end and what they are called. What it does not
 * understand it passes over; no comment is the worst that follows.
 */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #found: Found;
  #at = 0;

  constructor(tokens: readonly Token[], found: Found) {
    this.#tokens = tokens;
    this.#found = found;
  }

  file(): void {
    while (this.#at < this.#tokens.length) {
      const before = this.#at;
      this.#tell("", this.#declaration(true, 0));
      if (this.#at === before) this.#at++;
    }
  }

  /** Reports a declaration, and what it nests, under the tag of what it is in. */
  #tell(tag: string, declaration: Declaration): void {
    const { names, comment, line, body } = declaration;
    for (const name of names) this.#found(tag, name, comment, line);
    if (body === undefined) return;
    const anonymous = body.tag === "" && names.length === 0;
    const inner = body.tag || (tag === "" ? (names[0] ?? "") : anonymous ? tag : `${tag}_${names[0]}`);
    if (body.tag !== "" || tag === "") this.#found(inner, "", comment, line);
    for (const member of body.members) this.#tell(inner, member);
  }

  /** From here to the `;` that ends it, the `}` of a function, or the `,` after an enumerator. */
  #declaration(top: boolean, depth: number, enumerator = false): Declaration {
    const leading = this.#leading();
    const line = this.#tokens[this.#at]?.line ?? 0;
    const { own, body, trailing } = this.#parts(depth, enumerator);
    const names = top
      ? globalNames(own)
      : enumerator
        ? own.slice(0, 1).map(({ text }) => text)
        : declared(own);
    const comment = [leading, trailing].filter((text) => text !== "").join("\n");
    return { names, comment, line, body };
  }

  /** A declaration's own tokens: those of its declarators, if it defines a struct, whose body is apart. */
  #parts(depth: number, enumerator: boolean): { own: Token[]; body: Body | undefined; trailing: string } {
    const own: Token[] = [];
    let body: Body | undefined;
    let nesting = 0;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const token = this.#tokens[this.#at]!;
      if (token.kind === "comment") continue;
      if (token.text === "{") {
        const head = nesting > 0 ? undefined : definition(own);
        if (head === undefined) {
          this.#skipBraces();
          // A function ends with its body; an initialiser is followed by more.
          if (nesting === 0 && !own.some(({ text }) => text === "=")) break;
          continue;
        }
        body = this.#body(head.tag, head.keyword === "enum", depth);
        own.length = 0;
        continue;
      }
      if (token.text === "}") break;
      if (nesting === 0 && (token.text === ";" || (enumerator && token.text === ","))) {
        this.#at++;
        return { own, body, trailing: this.#trailing(token.lastLine) };
      }
      if (openers.has(token.text)) nesting++;
      if (closers.has(token.text)) nesting--;
      own.push(token);
    }
    // The last enumerator needs no comma.
    return { own, body, trailing: enumerator ? this.#trailingBefore() : "" };
  }

  /** The members between braces, from the opening one to the closing one. */
  #body(tag: string, enumerators: boolean, depth: number): Body {
    const members: Declaration[] = [];
    if (depth > DEPTH_MAX) {
      this.#skipBraces();
      return { tag, members };
    }
    this.#at++;
    while (this.#at < this.#tokens.length && this.#tokens[this.#at]!.text !== "}") {
      const before = this.#at;
      members.push(this.#declaration(false, depth + 1, enumerators));
      if (this.#at === before) this.#at++;
    }
    return { tag, members };
  }

  /** To the brace that closes the one here. */
  #skipBraces(): void {
    let depth = 0;
    for (; this.#at < this.#tokens.length; this.#at++) {
      const { kind, text } = this.#tokens[this.#at]!;
      if (kind !== "mark") continue;
      if (text === "{") depth++;
      else if (text === "}" && --depth === 0) return;
    }
  }

  /** Comments here, up to the first token, that belong to what follows: no empty line between. */
  #leading(): string {
    const run: Token[] = [];
    while (this.#tokens[this.#at]?.kind === "comment") run.push(this.#tokens[this.#at++]!);
    let line = this.#tokens[this.#at]?.line ?? 0;
    const kept: string[] = [];
    for (const token of run.reverse()) {
      if (!token.first || line - token.lastLine > 1 || /SPDX|Copyright/.test(token.text)) break;
      kept.unshift(token.text);
      line = token.line;
    }
    return kept.join("\n");
  }

  /** Comments on the line a declaration ended on. */
  #trailing(line: number): string {
    const kept: string[] = [];
    for (let token = this.#tokens[this.#at]; token?.kind === "comment"; token = this.#tokens[++this.#at]) {
      if (token.line !== line || token.first) break;
      kept.push(token.text);
    }
    return kept.join("\n");
  }

  /** Comments between the last enumerator, which needs no comma, and the brace. */
  #trailingBefore(): string {
    const token = this.#tokens[this.#at - 1];
    return token?.kind === "comment" && !token.first ? token.text : "";
  }
}
