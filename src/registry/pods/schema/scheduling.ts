import { labelSelectorSchema } from '../../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../../kube/schema.js';
import { ATOMIC, coreMessage, field, POINTER, REQUIRED } from '../../schema-fields.js';

const nodeSelectorRequirementSchema = coreMessage('NodeSelectorRequirement', 'One condition on a node.', [
  field('key', 1, 'string', 'The label or field.', REQUIRED),
  field('operator', 2, 'string', 'In, NotIn, Exists, DoesNotExist, Gt or Lt.', REQUIRED),
  field('values', 3, 'string', 'The values that it is compared with.', ATOMIC),
]);

const nodeSelectorTermSchema = coreMessage(
  'NodeSelectorTerm',
  'Conditions on a node, all of which must hold. An empty one selects nothing.',
  [
    field('matchExpressions', 1, nodeSelectorRequirementSchema, 'Conditions on its labels.', ATOMIC),
    field('matchFields', 2, nodeSelectorRequirementSchema, 'Conditions on its fields.', ATOMIC),
  ],
  { mapType: 'atomic' },
);

const nodeSelectorSchema = coreMessage(
  'NodeSelector',
  'Terms, one of which must hold.',
  [field('nodeSelectorTerms', 1, nodeSelectorTermSchema, 'The terms.', { ...ATOMIC, ...REQUIRED })],
  { mapType: 'atomic' },
);

const preferredSchedulingTermSchema = coreMessage('PreferredSchedulingTerm', 'A term that counts for something.', [
  field('weight', 1, 'int32', 'How much it counts, from 1 to 100.', REQUIRED),
  field('preference', 2, nodeSelectorTermSchema, 'The term.', REQUIRED),
]);

const nodeAffinitySchema = coreMessage('NodeAffinity', 'Which nodes will do.', [
  field(
    'requiredDuringSchedulingIgnoredDuringExecution',
    1,
    nodeSelectorSchema,
    'What must hold when the pod is placed.',
    POINTER,
  ),
  field(
    'preferredDuringSchedulingIgnoredDuringExecution',
    2,
    preferredSchedulingTermSchema,
    'What should hold when the pod is placed.',
    ATOMIC,
  ),
]);

const podAffinityTermSchema = coreMessage('PodAffinityTerm', 'Pods, and how near to them.', [
  field('labelSelector', 1, labelSelectorSchema, 'Labels of the pods.', POINTER),
  field('namespaces', 2, 'string', 'Their namespaces.', ATOMIC),
  field('topologyKey', 3, 'string', 'The label of nodes whose equal values mean nearness.', REQUIRED),
  field('namespaceSelector', 4, labelSelectorSchema, 'Labels of their namespaces.', POINTER),
  field('matchLabelKeys', 5, 'string', 'Labels that must be as those of the pod itself.', ATOMIC),
  field('mismatchLabelKeys', 6, 'string', 'Labels that must be other than those of the pod itself.', ATOMIC),
]);

const weightedPodAffinityTermSchema = coreMessage('WeightedPodAffinityTerm', 'A term that counts for something.', [
  field('weight', 1, 'int32', 'How much it counts, from 1 to 100.', REQUIRED),
  field('podAffinityTerm', 2, podAffinityTermSchema, 'The term.', REQUIRED),
]);

function nearness(name: string, description: string): MessageSchema {
  return coreMessage(name, description, [
    field(
      'requiredDuringSchedulingIgnoredDuringExecution',
      1,
      podAffinityTermSchema,
      'What must hold when the pod is placed.',
      ATOMIC,
    ),
    field(
      'preferredDuringSchedulingIgnoredDuringExecution',
      2,
      weightedPodAffinityTermSchema,
      'What should hold when the pod is placed.',
      ATOMIC,
    ),
  ]);
}

/** core/v1 Affinity. */
export const affinitySchema: MessageSchema = coreMessage('Affinity', 'Where a pod should be placed.', [
  field('nodeAffinity', 1, nodeAffinitySchema, 'Which nodes will do.', POINTER),
  field('podAffinity', 2, nearness('PodAffinity', 'To which pods it should be near.'), 'Near to which pods.', POINTER),
  field(
    'podAntiAffinity',
    3,
    nearness('PodAntiAffinity', 'From which pods it should be far.'),
    'Far from which pods.',
    POINTER,
  ),
]);

/** core/v1 Toleration. */
export const tolerationSchema: MessageSchema = coreMessage(
  'Toleration',
  'Taints of a node that the pod puts up with.',
  [
    field('key', 1, 'string', 'Key of the taint; every one when empty.'),
    field('operator', 2, 'string', 'Exists, Equal, Lt or Gt.'),
    field('value', 3, 'string', 'Value of the taint.'),
    field('effect', 4, 'string', 'Effect of the taint; every one when empty.'),
    field('tolerationSeconds', 5, 'int64', 'For how long, where the taint evicts; for ever when absent.', POINTER),
  ],
);

/** core/v1 TopologySpreadConstraint. */
export const topologySpreadConstraintSchema: MessageSchema = coreMessage(
  'TopologySpreadConstraint',
  'How evenly pods are spread.',
  [
    field('maxSkew', 1, 'int32', 'How uneven it may be.', REQUIRED),
    field('topologyKey', 2, 'string', 'The label of nodes whose values are the places.', REQUIRED),
    field('whenUnsatisfiable', 3, 'string', 'DoNotSchedule or ScheduleAnyway.', REQUIRED),
    field('labelSelector', 4, labelSelectorSchema, 'Labels of the pods that are counted.', POINTER),
    field('minDomains', 5, 'int32', 'How many places there must be.', POINTER),
    field('nodeAffinityPolicy', 6, 'string', 'Whether the affinity of the pod counts: Honor or Ignore.', POINTER),
    field('nodeTaintsPolicy', 7, 'string', 'Whether the taints of nodes count: Honor or Ignore.', POINTER),
    field('matchLabelKeys', 8, 'string', 'Labels that must be as those of the pod itself.', ATOMIC),
  ],
);
