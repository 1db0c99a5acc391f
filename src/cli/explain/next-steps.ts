import type { Explanation, NextStep } from './explanation.js';
import { shellWord } from '../shell-word.js';
import { printable } from '../../base/printable.js';

/** What to type next, the most useful first. */
export function nextSteps(explained: Omit<Explanation, 'next'>, program: string): readonly NextStep[] {
  const name = shellWord(explained.request.name);
  switch (explained.state.kind) {
    case 'unsubmitted':
      return unsubmittedSteps(explained, program);
    case 'pending':
      return pendingSteps(explained, name, program);
    case 'approved':
      return approvedSteps(explained, name, program);
    case 'denied':
      return [again('A denial is final. Put right what is wrong, and ask again under another name', program)];
    case 'failed':
      return [again('No signer looks at it again. Put right what is wrong, and ask again under another name', program)];
    case 'issued':
      return [{ what: 'Fetch the certificate', command: `${program} get ${name} -o certificate > ${name}.crt` }];
  }
}

function again(what: string, program: string): NextStep {
  return { what, command: `${program} request ANOTHER-NAME ...` };
}

/** Whether it can never be signed, whoever approves it. */
function isHopeless({ request: { content }, refusals }: Omit<Explanation, 'next'>): boolean {
  return content.kind === 'unreadable' || content.signatureProblem !== undefined || refusals.length > 0;
}

function unsubmittedSteps(explained: Omit<Explanation, 'next'>, program: string): readonly NextStep[] {
  if (isHopeless(explained)) return [{ what: 'Put right what its signer refuses before it is submitted' }];
  const { policies, permissions } = explained;
  const submit = permissions.find(({ who, what }) => who === 'requester' && what === 'submit it');
  if (submit?.allowed === false) return [{ what: `Give the requester what it lacks: ${submit.missing ?? ''}` }];
  if (policies.kind === 'asked' && policies.decision === 'approve') {
    return [{ what: 'Submit it as this requester: a policy approves it as things are now' }];
  }
  if (policies.kind === 'asked' && policies.decision === 'deny') {
    return [{ what: 'Do not submit it as it is: it would be denied, and a denial is final' }];
  }
  return [{ what: `Submit it: it will wait for a person, who then runs ${program} approve, or for what it lacks` }];
}

function pendingSteps(explained: Omit<Explanation, 'next'>, name: string, program: string): readonly NextStep[] {
  if (isHopeless(explained)) {
    return [
      { what: 'It can never be signed: deny it', command: `${program} deny ${name}` },
      again('and ask again, without what its signer refuses', program),
    ];
  }
  const { policies, approver } = explained;
  const watch = { what: 'See when something happens', command: `${program} get ${name} --watch` };
  const decides = policies.kind === 'asked' && policies.decision !== 'defer' && policies.decision !== 'unsure';
  if (decides && approver.kind === 'alive') return [watch];
  const waits = policies.kind === 'asked' && policies.reviews.some(({ verdict }) => verdict === 'waits');
  const byHand = decideSteps(explained, name, program);
  if (approver.kind === 'alive') return waits ? [watch, ...byHand] : byHand;
  const start = { what: 'or start an approver', command: `${program} controller --approver --record-key approver.key` };
  return decides || waits ? [...byHand, start] : byHand;
}

function decideSteps(explained: Omit<Explanation, 'next'>, name: string, program: string): readonly NextStep[] {
  const mine = explained.permissions.find(({ who }) => who === 'you');
  if (mine?.allowed === false) {
    const signer = printable(explained.request.signerName);
    return [
      {
        what: `Ask somebody who may approve for ${signer} to look at it`,
        command: `${program} approve ${name}`,
      },
    ];
  }
  return [
    { what: 'Decide about it yourself', command: `${program} approve ${name}` },
    { what: 'or', command: `${program} deny ${name}` },
  ];
}

function approvedSteps(explained: Omit<Explanation, 'next'>, name: string, program: string): readonly NextStep[] {
  if (explained.refusals.length > 0)
    return [{ what: 'Its signer is about to mark it Failed' }, again('Then ask again', program)];
  const watch = { what: 'See when it is signed', command: `${program} get ${name} --watch` };
  if (explained.signer.kind === 'alive' || explained.signer.kind === 'seen') return [watch];
  const signer = shellWordOfSigner(explained.request.signerName);
  return [
    {
      what: 'Start a signer for it',
      command: `${program} controller --signer ${signer} --ca ca.pem --ca-key ca-key.pem`,
    },
    watch,
  ];
}

function shellWordOfSigner(signerName: string): string {
  return signerName.split('/').map(shellWord).join('/');
}
