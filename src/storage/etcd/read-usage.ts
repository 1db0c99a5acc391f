import { messageOf } from '../../base/error.js';
import type { Members } from './members.js';
import { ALARM, STATUS } from './methods.js';
import { encodeEmpty } from './requests.js';
import type { Alarm } from './responses.js';
import type { EtcdUsage, MemberUsage } from './store-in-etcd.js';

/** So long a member has to say how it is. */
const ANSWER_MS = 2000;

/** Asks every member how it is. */
export async function readUsage(members: Members): Promise<EtcdUsage> {
  const asked = await Promise.all(members.endpoints.map((endpoint) => readMember(members, endpoint)));
  return {
    members: asked.map(({ usage }) => usage),
    alarms: [...new Set(asked.flatMap(({ alarms }) => alarms))],
  };
}

interface Answer {
  readonly usage: MemberUsage;
  readonly alarms: readonly Alarm[];
}

async function readMember(members: Members, endpoint: string): Promise<Answer> {
  try {
    const [status, alarms] = await Promise.all([
      members.ask(endpoint, STATUS, encodeEmpty(), ANSWER_MS),
      members.ask(endpoint, ALARM, encodeEmpty(), ANSWER_MS),
    ]);
    const { version, dbSize, dbSizeInUse } = status;
    return { usage: { endpoint, version, fileBytes: dbSize, usedBytes: dbSizeInUse }, alarms: [...alarms] };
  } catch (error) {
    return { usage: { endpoint, problem: messageOf(error) }, alarms: [] };
  }
}
