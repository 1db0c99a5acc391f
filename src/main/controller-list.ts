import { CountersignError } from '../base/error.js';
import { EMBEDDED_CONTROLLERS, type EmbeddedControllerName } from '../controllers/embedded-controllers.js';

/** The signers of Kubernetes, as kube-controller-manager calls them. */
export const SIGNING_CONTROLLER = 'certificatesigningrequest-signing';

/** What `--controllers` switches. */
export type ControllerName = EmbeddedControllerName | typeof SIGNING_CONTROLLER;

/** All of it, by the names that kube-controller-manager has, without `-controller` at the end. */
export const CONTROLLER_NAMES: readonly ControllerName[] = [...EMBEDDED_CONTROLLERS, SIGNING_CONTROLLER];

/** Short names that kube-controller-manager takes, too. */
const SHORT_NAMES: Readonly<Partial<Record<ControllerName, string>>> = {
  'certificatesigningrequest-approving': 'csrapproving',
  'certificatesigningrequest-cleaner': 'csrcleaner',
  'certificatesigningrequest-signing': 'csrsigning',
  'garbage-collector': 'garbagecollector',
  'root-ca-certificate-publisher': 'root-ca-cert-publisher',
};

/** Whether one of the server's own loops runs. */
export type ControllerChoice = (name: ControllerName) => boolean;

/**
 * Reads kube-controller-manager's way to choose loops, `*,-endpointslice`: a name is one that runs, with a dash one that
 * does not, `*` all that are not named; the first that fits counts. `-controller` may stand after a name, and its short
 * names will do. USAGE for names that there are not.
 */
export function parseControllerList(text: string): ControllerChoice {
  const items = text.split(',').map((item) => item.trim());
  for (const item of items) {
    if (item !== '*' && !CONTROLLER_NAMES.some((name) => means(item, name) || means(item, name, '-'))) {
      const known = CONTROLLER_NAMES.join(', ');
      throw new CountersignError(
        'USAGE',
        `Cannot use --controllers: ${JSON.stringify(item)} is none of the loops, which are ${known}`,
      );
    }
  }
  return (name) => {
    const named = items.find((item) => means(item, name) || means(item, name, '-'));
    return named === undefined ? items.includes('*') : means(named, name);
  };
}

function means(item: string, name: ControllerName, dash: '' | '-' = ''): boolean {
  return [name, `${name}-controller`, SHORT_NAMES[name]].some((known) => known !== undefined && item === dash + known);
}
