import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../client/client.js';
import { PODS, SERVICE_ACCOUNTS } from '../client/resources.js';
import type { KubeObject } from '../kube/object-meta.js';
import { CountersignError } from '../base/error.js';
import { tokenKubeconfigText } from './kubeconfig-file.js';
import type { TutorialShell } from './tutorial-shell.js';

const NAMESPACE = 'my-namespace';
const NAMES = 'my-svc.my-namespace.svc.cluster.local,my-pod.my-namespace.pod.cluster.local';
const POD_IP = '10.244.1.7';

/** The policy of examples/workload-serving.yaml: what a pod can prove, it gets. */
const POLICY_FILE = new URL('../../examples/workload-serving.yaml', import.meta.url);

/** What a step works with. */
export interface ApprovalAct {
  readonly shell: TutorialShell;
  readonly folder: string;
  /** The administrator's, for what kubectl does where it is installed. */
  readonly client: Client;
  readonly server: { readonly url: string; readonly caPem: string };
}

function workload(name: string, labels: Readonly<Record<string, string>>): readonly KubeObject[] {
  const metadata = { name, namespace: NAMESPACE };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, labels },
      ...{ spec: { serviceAccountName: name, containers: [{ name: 'server', image: 'example.com/server' }] } },
    },
  ];
}

/** Step 9: an administrator says once what a pod may have; a pod asks by itself. */
export async function policyApproves(act: ApprovalAct): Promise<void> {
  const { shell, folder, client } = act;
  shell.step('9. A pod asks by itself, and a policy decides');
  shell.say('Nobody looks at each request any more. An administrator says once who may have what:');
  writeFileSync(join(folder, 'workload-serving.yaml'), readFileSync(POLICY_FILE));
  await shell.applyFile('workload-serving.yaml');
  shell.say('\nA workload: a pod, the Service that selects it, and the right to ask.');
  await shell.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    ...workload('my-pod', { app: 'my-svc' }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'my-svc', namespace: NAMESPACE },
      ...{ spec: { selector: { app: 'my-svc' }, ports: [{ port: 443 }] } },
    },
    ...requestersOf(NAMESPACE),
  ]);
  await writePodKubeconfig(act, 'my-pod');
  shell.say('\nThe pod has no address yet. It asks all the same, with the token that is bound to it:');
  const waiting = shell.printed('Waiting for approval');
  const requested = shell.countersign([...requestOf('my-pod'), '--ip', POD_IP, '--kubeconfig', 'my-pod.kubeconfig']);
  await Promise.race([waiting, requested]);
  await shell.countersign(['explain', 'my-pod']);
  shell.say('\nThe kubelet starts the pod and writes its address; here we do. Now everything is proven:');
  const pod = await client.get(PODS, 'my-pod', { namespace: NAMESPACE });
  await client.updateStatus(PODS, {
    ...pod,
    status: { ...pod.status, phase: 'Running', podIP: POD_IP, podIPs: [{ ip: POD_IP }] },
  });
  await requested;
  shell.say('\nWhat was granted, and why, is on record, signed, and outlives the request:');
  await shell.countersign(['records', '--name', 'my-svc.my-namespace.svc.cluster.local']);
}

/** Step 10: another pod asks for the same names. */
export async function policyRefuses(act: ApprovalAct): Promise<void> {
  const { shell } = act;
  shell.step('10. An impostor asks for the same names');
  await shell.apply(workload('impostor', { app: 'other' }));
  await writePodKubeconfig(act, 'impostor');
  await shell.countersign([...requestOf('impostor'), '--kubeconfig', 'impostor.kubeconfig'], { fails: true });
}

function requestOf(name: string): readonly string[] {
  return ['request', name, '--signer', 'countersign.dev/serving', '--dns', NAMES];
}

/** The service accounts of a namespace may ask, and look what became of it. */
function requestersOf(namespace: string): readonly KubeObject[] {
  const name = 'certificate-requesters';
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const apiGroup = 'rbac.authorization.k8s.io';
  const verbs = ['create', 'get', 'list', 'watch'];
  const rules = [{ apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs }];
  return [
    { apiVersion, kind: 'ClusterRole', metadata: { name }, ...{ rules } },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      ...{
        roleRef: { apiGroup, kind: 'ClusterRole', name },
        subjects: [{ apiGroup, kind: 'Group', name: `system:serviceaccounts:${namespace}` }],
      },
    },
  ];
}

/** In a cluster the kubelet puts such a token into the pod. */
async function writePodKubeconfig({ shell, folder, client, server }: ApprovalAct, name: string): Promise<void> {
  shell.say(`\nThe kubelet gives pod ${name} its token; here it is written into ${name}.kubeconfig.`);
  const answer = await client.createSubresource<TokenRequest>(
    SERVICE_ACCOUNTS,
    name,
    'token',
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name } },
    },
    { namespace: NAMESPACE },
  );
  const token = answer.status?.token;
  if (token === undefined) throw new CountersignError('CLIENT_PROTOCOL', `Cannot go on: pod ${name} got no token`);
  const text = tokenKubeconfigText({
    server: server.url,
    certificateAuthorityPem: server.caPem,
    token,
    namespace: NAMESPACE,
  });
  writeFileSync(join(folder, `${name}.kubeconfig`), text, { mode: 0o600 });
}

interface TokenRequest extends KubeObject {
  readonly spec: {
    readonly boundObjectRef: { readonly kind: string; readonly apiVersion: string; readonly name: string };
  };
  readonly status?: { readonly token?: string };
}
