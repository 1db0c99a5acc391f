import type { KubeList } from '../../kube/object-meta.js';
import type { MessageSchema } from '../../kube/schema.js';
import { encodeMessage } from '../protobuf/encode-message.js';
import { encodeEnvelope } from '../protobuf/envelope.js';

/** Waits until everybody else had a turn. */
export type Pause = () => Promise<void>;

/** Objects that are encoded in one turn: some milliseconds. */
const ITEMS_PER_TURN = 200;

/** A list that takes more than a turn to encode. */
export function isLongList(value: object): value is KubeList {
  return 'items' in value && Array.isArray(value.items) && value.items.length > ITEMS_PER_TURN;
}

/** A list as JSON with its newline, the same bytes as in one go. */
export async function encodeListJson(list: KubeList, pause: Pause): Promise<Uint8Array> {
  const { items, ...rest } = list;
  const head = JSON.stringify(rest);
  const chunks: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)];
  for (let at = 0; at < items.length; at += ITEMS_PER_TURN) {
    if (at > 0) await pause();
    const part = JSON.stringify(items.slice(at, at + ITEMS_PER_TURN));
    chunks.push(Buffer.from(`${at > 0 ? ',' : ''}${part.slice(1, -1)}`));
  }
  chunks.push(Buffer.from(']}\n'));
  return Buffer.concat(chunks);
}

/** A list as protobuf in its envelope. What is repeated in a message may be written in parts, one behind the other. */
export async function encodeListProtobuf(list: KubeList, schema: MessageSchema, pause: Pause): Promise<Uint8Array> {
  const { items, ...rest } = list;
  const parts: Uint8Array[] = [encodeMessage(schema, rest)];
  for (let at = 0; at < items.length; at += ITEMS_PER_TURN) {
    if (at > 0) await pause();
    parts.push(encodeMessage(schema, { items: items.slice(at, at + ITEMS_PER_TURN) }));
  }
  return encodeEnvelope(list.apiVersion, list.kind, Buffer.concat(parts));
}
