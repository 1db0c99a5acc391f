import { parseRecordKeys, RECORD_KEYS_CONFIG_MAP } from '../../authority/record-keys.js';
import { verifyRecord } from '../../authority/record-signature.js';
import { TRUST_NAMESPACE } from '../../authority/trust-root.js';
import { toHex } from '../../base/bytes.js';
import { messageOf } from '../../base/error.js';
import { recordName } from '../../certificates/canonical-record.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../certificates/certificate-signing-request.js';
import { APPROVED_BY_POLICY, DENIED_BY_POLICY } from '../../certificates/conditions.js';
import { CERTIFICATE_RECORDS, CONFIG_MAPS } from '../../client/resources.js';
import { formatTime } from '../../kube/time.js';
import { conditionReason, requestState } from '../request-state.js';
import type { CarefulReader } from './careful-reader.js';
import type { ExplainedRecord, ExplainedState } from './explanation.js';
import { leafOf } from './programs.js';

/** Who writes which reason. Anybody with the right to approve can write any. */
const WRITERS: ReadonlyMap<string, string> = new Map([
  [APPROVED_BY_POLICY, "Countersign's approver"],
  [DENIED_BY_POLICY, "Countersign's approver"],
  ['CountersignApprove', 'a person, with countersign approve'],
  ['CountersignDeny', 'a person, with countersign deny'],
  ['KubectlApprove', 'a person, with kubectl certificate approve'],
  ['KubectlDeny', 'a person, with kubectl certificate deny'],
  ['AutoApproved', 'kube-controller-manager'],
  ['SignerValidationFailure', 'its signer'],
]);

/** Our signer goes by the record, not by the reason. */
const PRETENDER = "somebody in the name of Countersign's approver, of which there is no record";

/** Where a request stands, and who brought it there. */
export function explainState(
  csr: CertificateSigningRequest,
  { isSubmitted, isUnrecorded }: { readonly isSubmitted: boolean; readonly isUnrecorded: boolean },
): ExplainedState {
  const leaf = leafOf(csr);
  return {
    kind: isSubmitted ? requestState(csr).kind : 'unsubmitted',
    conditions: (csr.status.conditions ?? []).map((condition) => explainCondition(condition, isUnrecorded)),
    ...(leaf === undefined
      ? {}
      : {
          certificate: {
            serialNumber: toHex(leaf.serialNumber),
            notBefore: formatTime(leaf.notBefore),
            notAfter: formatTime(leaf.notAfter),
          },
        }),
  };
}

function explainCondition(
  condition: CertificateSigningRequestCondition,
  isUnrecorded: boolean,
): ExplainedState['conditions'][number] {
  const { type, reason = '', lastUpdateTime } = condition;
  return {
    type,
    ...(lastUpdateTime === undefined || lastUpdateTime === null ? {} : { at: lastUpdateTime }),
    by: isUnrecorded && reason === APPROVED_BY_POLICY ? PRETENDER : (WRITERS.get(reason) ?? 'somebody'),
    message: conditionReason(condition),
  };
}

/** The record of a request with what its signature proves; undefined where there is none that may be read. */
export async function findRecord(
  reader: CarefulReader,
  csr: CertificateSigningRequest,
): Promise<ExplainedRecord | undefined> {
  const uid = csr.metadata.uid ?? '';
  if (uid === '') return undefined;
  const without = 'whether there is a record of the decision is not known';
  const record = await reader.get(CERTIFICATE_RECORDS, recordName(uid), without);
  return record === undefined ? undefined : { ...describeRecord(record), ...(await signatureOf(reader, record)) };
}

function describeRecord({ metadata, spec, status }: CertificateRecord): Omit<ExplainedRecord, 'signature'> {
  const { verdict, by, decidedAt, policy } = spec.decision;
  const phase = status?.issuance?.phase;
  return {
    name: metadata.name ?? '',
    verdict,
    by: by === 'Policy' ? 'a policy' : 'somebody else',
    decidedAt,
    ...(policy === undefined ? {} : { policy: { name: policy.name, generation: policy.generation } }),
    ...(phase === undefined ? {} : { phase }),
  };
}

async function signatureOf(
  reader: CarefulReader,
  record: CertificateRecord,
): Promise<Pick<ExplainedRecord, 'signature' | 'detail'>> {
  const without = 'signatures of records are not checked';
  const keys = await reader.get(CONFIG_MAPS, RECORD_KEYS_CONFIG_MAP, without, { namespace: TRUST_NAMESPACE });
  if (keys === undefined) return { signature: 'unknown', detail: 'no keys of approvers are published' };
  try {
    const verdict = verifyRecord(record, parseRecordKeys(Object.values(keys.data ?? {}).join('\n')));
    return verdict.kind === 'valid' ? { signature: 'valid' } : { signature: 'invalid', detail: verdict.detail };
  } catch (error) {
    return { signature: 'unknown', detail: messageOf(error) }; // what was published is no list of keys
  }
}
