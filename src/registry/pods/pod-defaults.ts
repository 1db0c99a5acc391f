import { withContainerDefaults } from './container-defaults.js';
import type { Pod, PodSpec, PodStatus, Toleration } from './pod.js';
import { withVolumeDefaults } from './volume-defaults.js';

/** Fills in what the API fills in on every write of a pod, and brings fields that say the same into agreement. */
export function withPodDefaults(pod: Pod): Pod {
  return { ...pod, spec: withSpecDefaults(pod.spec), status: withSameAddresses(pod.status) };
}

function withSpecDefaults(spec: PodSpec): PodSpec {
  const { volumes, initContainers, containers, ephemeralContainers } = spec;
  const hostNetwork = spec.hostNetwork === true;
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  return {
    ...spec,
    ...(volumes === undefined ? {} : { volumes: volumes.map(withVolumeDefaults) }),
    ...(initContainers === undefined
      ? {}
      : { initContainers: initContainers.map((c) => withContainerDefaults(c, hostNetwork)) }),
    containers: containers?.map((c) => withContainerDefaults(c, hostNetwork)) ?? null,
    ...(ephemeralContainers === undefined
      ? {}
      : { ephemeralContainers: ephemeralContainers.map((c) => withContainerDefaults(c, false)) }),
    restartPolicy: spec.restartPolicy ?? 'Always',
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    dnsPolicy: spec.dnsPolicy ?? 'ClusterFirst',
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
    securityContext: spec.securityContext ?? {},
    schedulerName: spec.schedulerName ?? 'default-scheduler',
    enableServiceLinks: spec.enableServiceLinks ?? true,
  };
}

/** `podIP` is the first of `podIPs`; where they differ, `podIP` counts. */
function withSameAddresses(status: PodStatus): PodStatus {
  const { podIP = '', podIPs = [] } = status;
  const first = podIPs[0]?.ip ?? '';
  if (podIP === first) return status;
  return podIP === '' ? { ...status, podIP: first } : { ...status, podIPs: [{ ip: podIP }] };
}

/** The service account of pods that name none. */
const DEFAULT_ACCOUNT = 'default';

const UNREACHABLE_SECONDS = 300;

/** Fills in what admission fills in when a pod is created: the service account, its priority, and tolerations. */
export function withAdmissionDefaults(pod: Pod): Pod {
  const { spec } = pod;
  const account = spec.serviceAccountName ?? DEFAULT_ACCOUNT;
  return {
    ...pod,
    spec: {
      ...spec,
      serviceAccountName: account,
      serviceAccount: account,
      priority: spec.priority ?? 0,
      preemptionPolicy: spec.preemptionPolicy ?? 'PreemptLowerPriority',
      tolerations: withNodeTolerations(spec.tolerations ?? []),
    },
  };
}

function withNodeTolerations(tolerations: readonly Toleration[]): readonly Toleration[] {
  const added = ['not-ready', 'unreachable']
    .map((what) => `node.kubernetes.io/${what}`)
    .filter((key) => !tolerations.some((t) => isAbout(t, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: UNREACHABLE_SECONDS }));
  return [...tolerations, ...added];
}

function isAbout({ key = '', effect = '' }: Toleration, wanted: string): boolean {
  return (key === wanted || key === '') && (effect === 'NoExecute' || effect === '');
}
