/** One thing that is wrong with something that could be read. */
export interface Finding {
  /** A short stable name of the rule: `san-ip-in-dns`. */
  readonly rule: string;
  /** Where: `subject`, `extensions[2]`, `subjectAltNames[0]`. */
  readonly path: string;
  /** What is and what must be, in a sentence without full stop. */
  readonly detail: string;
}
