/** What an error says: what failed, why where that helps, and what to do next. Whole sentences, no trailing newline. */
export interface Wording {
  readonly what: string;
  readonly why?: string;
  readonly next: string;
}
