import type { UnixSeconds } from '../../base/clock.js';
import { printable } from '../../base/printable.js';
import { humanDuration } from '../../kube/human-duration.js';
import { parseTime } from '../../kube/time.js';
import { shownTime } from '../shown-time.js';
import { formatFields } from '../text-table.js';
import type {
  ExplainedPolicies,
  ExplainedProgram,
  ExplainedRequester,
  ExplainedReview,
  ExplainedState,
  Explanation,
} from './explanation.js';
import type { Mark, Style } from './marks.js';

/** An explanation as one page for a person. */
export function explanationPage(explained: Explanation, style: Style, now: UnixSeconds): string {
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    [headline(explained), [formatFields(requestFields(explained, now)).trimEnd(), ...findingLines(explained, style)]],
    ['Who asks', requesterLines(explained, style)],
    ['State', stateLines(explained, style, now)],
    [`Policies for ${printable(explained.request.signerName)}`, policyLines(explained, style)],
    ['Signer', signerLines(explained, style)],
    ['Permissions', permissionLines(explained, style)],
    ['Clean-up', cleaningLines(explained, style, now)],
    ['Not looked at', explained.unread.map((what) => marked('note', what, style))],
    ['Next', nextLines(explained)],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${style.title(title)}\n${lines.map(indented).join('\n')}\n`)
    .join('\n');
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function marked(mark: Mark, text: string, style: Style): string {
  return text
    .split('\n')
    .map((line, i) => `${i === 0 ? style.mark(mark) : ' '.repeat(style.width)} ${printable(line)}`)
    .join('\n');
}

const STATES: Readonly<Record<ExplainedState['kind'], string>> = {
  unsubmitted: 'not submitted: this is what would become of it',
  pending: 'pending: nobody has decided yet',
  approved: 'approved, not signed yet',
  denied: 'denied',
  failed: 'failed: its signer refused it',
  issued: 'issued: it has its certificate',
};

function headline({ request, state }: Explanation): string {
  const name = request.name === '' ? 'The request' : `Request ${printable(request.name)}`;
  return `${name} is ${STATES[state.kind]}`;
}

function requestFields({ request }: Explanation, now: UnixSeconds): readonly (readonly [string, string])[] {
  const { content, created, usages, expirationSeconds } = request;
  const at = created === undefined ? undefined : parseTime(created);
  return [
    ...(at === undefined ? [] : [['Created', shownTime(at, now)] as const]),
    ['Signer', printable(request.signerName)],
    ...(content.kind === 'unreadable'
      ? []
      : [
          ['Subject', printable(content.subject)] as const,
          [
            'Names',
            content.names
              .filter(isAlternative)
              .map(({ type, value }) => `${type} ${printable(value)}`)
              .join('\n') || '<none>',
          ] as const,
        ]),
    ['Usages', usages.map(printable).join(', ') || '<none>'],
    [
      'Lifetime',
      expirationSeconds === undefined ? 'not said: the signer decides' : humanDuration(expirationSeconds * 1000),
    ],
    ...(content.kind === 'unreadable' ? [] : [['Key', content.key] as const]),
  ];
}

const ALTERNATIVE: ReadonlySet<string> = new Set(['DNS', 'IP', 'URI', 'Email']);

function isAlternative({ type }: { readonly type: string }): boolean {
  return ALTERNATIVE.has(type);
}

function findingLines({ request: { content } }: Explanation, style: Style): readonly string[] {
  if (content.kind === 'unreadable') return [marked('no', `it cannot be read: ${content.detail}`, style)];
  const { signatureProblem, findings } = content;
  return [
    ...(signatureProblem === undefined
      ? []
      : [marked('no', `the requester does not show that it has the key: ${signatureProblem}`, style)]),
    ...findings.map(({ path, detail }) => marked('no', `${path}: ${detail}`, style)),
  ];
}

function requesterLines({ requester }: Explanation, style: Style): readonly string[] {
  const { username, is, notMore, proves, identity } = requester;
  const isStrong = identity === 'Pod' || (identity === 'Node' && notMore === undefined);
  return [
    printable(username),
    marked(isStrong ? 'yes' : 'note', `${KINDS[identity]}${identity === 'User' ? '' : is}: ${proves}`, style),
    ...(notMore === undefined ? [] : [marked('no', notMore, style)]),
  ];
}

const KINDS: Readonly<Record<ExplainedRequester['identity'], string>> = {
  Pod: 'this is ',
  ServiceAccount: 'this is ',
  Node: 'this is ',
  User: 'a user',
};

function stateLines({ state, record, said }: Explanation, style: Style, now: UnixSeconds): readonly string[] {
  const lines = state.conditions.map(({ type, at, by, message }) => {
    const time = at === undefined ? undefined : parseTime(at);
    const when = time === undefined ? '' : `, ${shownTime(time, now)}`;
    return marked(type === 'Approved' ? 'yes' : 'no', `${type} by ${by}${when}\n  ${message}`, style);
  });
  if (record !== undefined) {
    const { policy, signature, detail, phase } = record;
    const whose = policy === undefined ? record.by : `policy ${policy.name} (generation ${policy.generation})`;
    const said = SIGNATURES[signature] + (detail === undefined ? '' : `: ${detail}`);
    const came = phase === undefined ? '' : `; certificate: ${phase}`;
    const mark = signature === 'valid' ? 'yes' : signature === 'invalid' ? 'no' : 'note';
    lines.push(marked(mark, `Record ${record.name}: ${record.verdict} by ${whose}; ${said}${came}`, style));
  }
  if (state.certificate !== undefined) {
    const until = parseTime(state.certificate.notAfter);
    const shown = until === undefined ? state.certificate.notAfter : shownTime(until, now);
    lines.push(marked('yes', `Certificate ${state.certificate.serialNumber}, valid until ${shown}`, style));
  }
  if (said !== undefined) {
    const time = parseTime(said.at);
    const when = time === undefined ? '' : `, ${shownTime(time, now)}`;
    lines.push(marked('note', `Last word of ${said.by}${when}\n  ${said.reason}: ${said.message}`, style));
  }
  return lines;
}

const SIGNATURES = {
  valid: 'signed by an approver that is published here',
  invalid: 'NOT to be trusted',
  unknown: 'its signature was not checked',
} as const;

function policyLines({ policies, approver, state }: Explanation, style: Style): readonly string[] {
  if (policies.kind === 'notAsked') return [marked('note', policies.because, style)];
  const lines = policies.reviews.flatMap((review) => reviewLines(review, style));
  const isOpen = state.kind === 'pending' || state.kind === 'unsubmitted';
  if (!isOpen) return lines.length === 0 ? [] : ['As things are now:', ...lines];
  lines.push(outcomeLine(policies, style));
  if (policies.reviews.length > 0) lines.push(approverLine(approver, style));
  return lines;
}

/** What comes of it all. The reasons stand above, name by name. */
function outcomeLine(
  { decision, message, reviews }: Extract<ExplainedPolicies, { readonly kind: 'asked' }>,
  style: Style,
): string {
  switch (decision) {
    case 'approve':
      return marked('yes', `Outcome: ${message}`, style);
    case 'deny':
      return marked('no', 'Outcome: it is denied, and a denial is final', style);
    case 'unsure':
      return marked('note', 'Outcome: not known, since you may not look at everything that it depends on', style);
    case 'needs':
      return marked('wait', `Outcome: it ${message}`, style);
    case 'defer': {
      if (reviews.length === 0) return marked('wait', 'Outcome: no policy is for this signer: a person decides', style);
      const waits = reviews.some(({ mode, verdict }) => mode === 'Enforce' && verdict === 'waits');
      return marked(
        'wait',
        `Outcome: ${waits ? 'it waits until that changes, or a person decides' : 'a person decides'}`,
        style,
      );
    }
  }
}

const VERDICTS: Readonly<Record<ExplainedReview['verdict'], readonly [mark: Mark, text: string]>> = {
  approves: ['yes', 'approves'],
  denies: ['no', 'is against it, and denies'],
  refuses: ['no', 'does not approve: a person decides'],
  waits: ['wait', 'waits'],
  noMatch: ['note', 'does not look at it'],
  notReady: ['no', 'is not ready'],
  asks: ['wait', 'asks the authorizer'],
  unsure: ['note', 'as far as you may look'],
};

function reviewLines(
  { policy, mode, verdict, because, names, others }: ExplainedReview,
  style: Style,
): readonly string[] {
  const [mark, text] = VERDICTS[verdict];
  const shadow = mode === 'Shadow' ? ' (shadow mode: it changes nothing)' : '';
  const head = marked(mark, `${policy} ${text}${shadow}${because === undefined ? '' : `: ${because}`}`, style);
  const width = Math.max(0, ...names.map(({ type, value }) => type.length + 1 + printable(value).length));
  return [
    head,
    ...names.map((name) => {
      const shown = `${name.type} ${printable(name.value)}`.padEnd(width);
      return `    ${style.mark(name.mark)} ${shown}  ${printable(name.because)}`;
    }),
    ...others.map((other) => `    ${style.mark(other.mark)} ${printable(`${other.path}: ${other.detail}`)}`),
  ];
}

function approverLine(approver: ExplainedProgram, style: Style): string {
  switch (approver.kind) {
    case 'alive':
      return marked('yes', `The approver is at work: ${approver.detail}`, style);
    case 'silent':
      return marked('no', `The approver does not seem to be at work: ${approver.detail}`, style);
    case 'seen':
    case 'unknown':
      return marked('no', `Nobody goes by these policies: ${approver.detail}`, style);
  }
}

function signerLines({ signer, refusals, request }: Explanation, style: Style): readonly string[] {
  const name = printable(request.signerName);
  return [programLine(signer, name, style), ...refusals.map((refusal) => marked('no', refusal, style))];
}

function programLine(signer: ExplainedProgram, name: string, style: Style): string {
  switch (signer.kind) {
    case 'alive':
      return marked('yes', `${name} is alive: ${signer.detail}`, style);
    case 'seen':
      return marked('yes', `${name} has signed lately: ${signer.detail}`, style);
    case 'silent':
      return marked('no', `${name} does not seem to be at work: ${signer.detail}`, style);
    case 'unknown': {
      const others =
        signer.aliveFor.length === 0
          ? 'no signer is known to be at work'
          : `at work are: ${signer.aliveFor.join(', ')}`;
      return marked('no', `${signer.detail}; ${others}`, style);
    }
  }
}

function permissionLines({ permissions, requester }: Explanation, style: Style): readonly string[] {
  return permissions.map(({ who, what, allowed, missing }) => {
    const whom = who === 'you' ? 'You' : `The requester, ${requester.username},`;
    const lacks = missing === undefined ? '' : `: missing is ${missing}`;
    return marked(allowed ? 'yes' : 'no', `${whom} may ${allowed ? '' : 'not '}${what}${lacks}`, style);
  });
}

function cleaningLines({ cleaning, state }: Explanation, style: Style, now: UnixSeconds): readonly string[] {
  if (state.kind === 'unsubmitted') return [];
  const at = cleaning === undefined ? undefined : parseTime(cleaning.after);
  if (cleaning === undefined || at === undefined) return [marked('note', 'It stays until somebody deletes it', style)];
  return [marked('note', `It is deleted after ${shownTime(at, now)}; the rule: ${cleaning.because}`, style)];
}

function nextLines({ next }: Explanation): readonly string[] {
  return next.map(({ what, command }) => (command === undefined ? `${what}.` : `${what}:\n  ${command}`));
}
