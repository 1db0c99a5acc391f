import { CountersignError } from '../base/error.js';
import { EMBEDDED_CONTROLLERS, type EmbeddedControllerName } from '../controllers/embedded-controllers.js';

/** Whether one of the server's own loops runs. */
export type ControllerChoice = (name: EmbeddedControllerName) => boolean;

/**
 * Reads kube-controller-manager's way to choose loops, `*,-endpointslice`: a name is one that runs, with a dash one that
 * does not, `*` all that are not named; the first that fits counts. `-controller` may stand after a name. USAGE for
 * names that there are not.
 */
export function parseControllerList(text: string): ControllerChoice {
  const items = text.split(',').map((item) => item.trim());
  for (const item of items) {
    if (item !== '*' && !EMBEDDED_CONTROLLERS.some((name) => means(item, name) || means(item, `-${name}`))) {
      const known = EMBEDDED_CONTROLLERS.join(', ');
      throw new CountersignError(
        'USAGE',
        `Cannot use --controllers: ${JSON.stringify(item)} is none of the loops, which are ${known}`,
      );
    }
  }
  return (name) => {
    const named = items.find((item) => means(item, name) || means(item, `-${name}`));
    return named === undefined ? items.includes('*') : means(named, name);
  };
}

function means(item: string, name: string): boolean {
  return item === name || item === `${name}-controller`;
}
