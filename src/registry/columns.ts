import type { UnixSeconds } from '../base/clock.js';
import { humanDuration } from '../kube/human-duration.js';
import type { KubeObject } from '../kube/object-meta.js';
import { parseTime } from '../kube/time.js';
import type { Column } from './resource.js';

/** A column of text. `Name` is the object's name in every table. */
export function textColumn(name: string, description: string, priority: 0 | 1 = 0): Column {
  return { name, type: 'string', format: name === 'Name' ? 'name' : '', priority, description };
}

/** The first column of every table. */
export const NAME_COLUMN: Column = textColumn('Name', 'Name of the object, unique among those of its kind.');

/** The usual last column. */
export const AGE_COLUMN: Column = textColumn('Age', 'Time since the object was made.');

/** Time since the object was made, as kubectl shows it. */
export function ageCell(object: KubeObject, now: UnixSeconds): string {
  const created = parseTime(object.metadata.creationTimestamp ?? '');
  return created === undefined ? '<unknown>' : humanDuration((now - created) * 1000);
}
