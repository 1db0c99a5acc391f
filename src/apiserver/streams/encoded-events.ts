/** What is remembered at most. */
const MAX_OBJECTS = 256;
const MAX_BYTES = 4 * 1024 * 1024;

interface Remembered {
  readonly frames: Map<string, Uint8Array>;
  bytes: number;
}

/**
 * Frames of watch events by object and form: objects are shared and never changed, so a thousand watchers of one
 * object cost one encoding. Only the latest objects are remembered.
 */
export class EncodedEvents {
  readonly #objects = new Map<object, Remembered>();
  #bytes = 0;

  /** The frame of `object` in `form`, made by `encode` when it is not known. */
  frame(object: object, form: string, encode: () => Uint8Array): Uint8Array {
    let remembered = this.#objects.get(object);
    const known = remembered?.frames.get(form);
    if (known !== undefined) return known;
    const frame = encode();
    if (remembered === undefined) {
      remembered = { frames: new Map(), bytes: 0 };
      this.#objects.set(object, remembered);
    }
    remembered.frames.set(form, frame);
    remembered.bytes += frame.length;
    this.#bytes += frame.length;
    this.#forget();
    return frame;
  }

  #forget(): void {
    while (this.#objects.size > MAX_OBJECTS || (this.#bytes > MAX_BYTES && this.#objects.size > 1)) {
      const oldest = this.#objects.entries().next();
      if (oldest.done === true) return;
      const [object, remembered] = oldest.value;
      this.#bytes -= remembered.bytes;
      this.#objects.delete(object);
    }
  }
}
