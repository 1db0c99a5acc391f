import { configMap, type KubectlStep, listOf } from './kubectl-steps.js';

const ROLE = JSON.stringify({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'reconciled', namespace: 'access' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
});

/** Objects are made by the commands that make each kind, shown in every form, and deleted. */
export const MAKING: readonly KubectlStep[] = [
  { run: 'create namespace making', out: /^namespace\/making created\n$/ },
  { run: 'create configmap c -n making --from-literal=a=1', out: /^configmap\/c created\n$/ },
  { run: 'create configmap c -n making', code: 1, err: /configmaps "c" already exists$/m },
  { run: 'create secret generic s -n making --from-literal=p=1', out: /^secret\/s created/ },
  { run: 'create secret docker-registry r -n making --docker-server=a --docker-username=b --docker-password=c' },
  { run: 'create serviceaccount sa -n making', out: /^serviceaccount\/sa created/ },
  { run: 'run p -n making --image=nginx', out: /^pod\/p created/ },
  { run: 'expose pod p -n making --port=80 --name=exposed', out: /^service\/exposed exposed/ },
  { run: 'create service clusterip web -n making --tcp=80:8080', out: /^service\/web created/ },
  { run: 'create service nodeport np -n making --tcp=80', out: /^service\/np created/ },
  { run: 'create service externalname en -n making --external-name=a.example', out: /^service\/en created/ },
  { run: 'get all -n making', out: /^pod\/p +0\/1 +Pending [^]*^service\/np +NodePort .*80:3\d{4}\/TCP/m },
  {
    run: 'get configmaps,secrets,sa -n making',
    out: /^configmap\/c +1 [^]*^secret\/s +Opaque +1 [^]*^serviceaccount\/sa /m,
  },
  { run: 'get cm -n making -o wide --show-labels --show-kind', out: /LABELS\n(.*\n)*configmap\/c +1 +\S+ +<none>/ },
  { run: 'get cm c -n making -o jsonpath={.data.a}', out: /^1$/ },
  { run: 'get cm c -n making -o go-template={{.data.a}}', out: /^1$/ },
  { run: 'get cm c -n making -o yaml', out: /^apiVersion: v1\ndata:\n {2}a: "1"\nkind: ConfigMap\n/ },
  { run: 'get cm -n making -o custom-columns=N:.metadata.name --chunk-size=1', out: /^N\nc\nkube-root-ca\.crt\n$/ },
  {
    run: 'get svc -n making --sort-by=.metadata.name -o name',
    out: /^service\/en\nservice\/exposed\nservice\/np\nservice\/web\n$/,
  },
  { run: 'get pods -A --field-selector=metadata.namespace=making -l run=p,!x -o name', out: /^pod\/p\n$/ },
  {
    run: 'get cm nothing -n making',
    code: 1,
    err: /^Error from server \(NotFound\): configmaps "nothing" not found\n$/,
  },
  { run: 'get nothing', code: 1, err: /^error: the server doesn't have a resource type "nothing"\n$/ },
  { run: 'describe cm c -n making', out: /^Data\n====\na:\n----\n1\n/m },
  { run: 'describe secret s -n making', out: /^p: +1 bytes\n/m },
  { run: 'describe pod p -n making', out: /^Status: +Pending\n[^]*Image: +nginx\n/m },
  { run: 'describe svc web -n making', out: /^Port: +80-8080 +80\/TCP\nTargetPort: +8080\/TCP\n/m },
  { run: 'describe ns making', out: /^Status: +Active\n/m },
  { run: 'delete cm c -n making', out: /^configmap "c" deleted/ },
  { run: 'delete service --all -n making', out: /^service "en" deleted.*\n[^]*service "web" deleted/ },
  { run: 'delete secret -n making -l x=y', out: /^No resources found/ },
  { run: 'delete pod p -n making --grace-period=0 --force', out: /^pod "p" force deleted/ },
  { run: 'delete pod p -n making', code: 1, err: /^Error from server \(NotFound\): pods "p" not found/ },
  { run: 'delete pod p -n making --ignore-not-found', out: /^$/ },
  { run: 'delete ns making', out: /^namespace "making" deleted/ },
];

/** Manifests are checked, applied, compared, replaced and pruned. */
export const APPLYING: readonly KubectlStep[] = [
  { run: 'create ns applying' },
  {
    run: 'apply -n applying -f - --dry-run=server',
    stdin: configMap('a', {}),
    out: /^configmap\/a created \(server dry run\)/,
  },
  { run: 'get cm a -n applying', code: 1, err: /NotFound/ },
  { run: 'apply -n applying -f -', stdin: configMap('a', { data: { k: '1' } }), out: /^configmap\/a created/ },
  { run: 'apply -n applying -f -', stdin: configMap('a', { data: { k: '1' } }), out: /^configmap\/a unchanged/ },
  { run: 'diff -n applying -f -', stdin: configMap('a', { data: { k: '1' } }), out: /^$/ },
  {
    run: 'diff -n applying -f -',
    stdin: configMap('a', { data: { k: '2' } }),
    code: 1,
    out: /^- {2}k: "1"\n\+ {2}k: "2"\n/m,
  },
  { run: 'apply -n applying -f -', stdin: configMap('a', { data: { l: '2' } }), out: /^configmap\/a configured/ },
  { run: 'get cm a -n applying -o jsonpath={.data}', out: /^{"l":"2"}$/ },
  { run: 'apply view-last-applied cm a -n applying', out: /^data:\n {2}l: "2"\n/m },
  { run: 'apply set-last-applied -n applying -f -', stdin: configMap('a', { data: { l: '2' } }) },
  { run: 'replace -n applying -f -', stdin: configMap('a', { data: { m: '3' } }), out: /^configmap\/a replaced/ },
  {
    run: 'replace -n applying --force -f -',
    stdin: configMap('a', { data: { m: '4' } }),
    out: /^configmap\/a replaced/m,
  },
  { run: 'replace -n applying -f -', stdin: configMap('nothing', {}), code: 1, err: /configmaps "nothing" not found/ },
  {
    run: 'apply -n applying --server-side -f -',
    stdin: configMap('s', { data: { k: '1' } }),
    out: /serverside-applied/,
  },
  {
    run: 'apply -n applying --server-side --field-manager=other -f -',
    stdin: configMap('s', { data: { k: '2' } }),
    code: 1,
    err: /Apply failed with 1 conflict: conflict with "kubectl": \.data\.k/,
  },
  {
    run: 'apply -n applying -f -',
    stdin: listOf(configMap('l1', { data: {} }), configMap('l2', { data: {} })),
    out: /^configmap\/l1 created\nconfigmap\/l2 created\n$/,
  },
  {
    run: 'apply -n applying -f -',
    stdin: listOf(configMap('l1', { dataz: {} })),
    code: 1,
    err: /unknown field "dataz" in io\.k8s\.api\.core\.v1\.ConfigMap/,
  },
  {
    run: 'apply -n applying --validate=false -f -',
    stdin: configMap('loose', { dataz: {} }),
    out: /^configmap\/loose created/,
  },
  {
    run: 'create -n applying --save-config -f -',
    stdin: configMap('gone', { metadata: { labels: { set: 'x' } } }),
  },
  {
    run: 'delete -n applying -f -',
    stdin: listOf(configMap('l1', {}), configMap('l2', {})),
    out: /^configmap "l1" deleted/,
  },
  { run: 'delete ns applying --wait=false', out: /^namespace "applying" deleted/ },
];

/** Objects are changed in place. */
export const CHANGING: readonly KubectlStep[] = [
  { run: 'create ns changing' },
  { run: 'create cm c -n changing --from-literal=a=1' },
  { run: 'label cm c -n changing x=y', out: /^configmap\/c labeled/ },
  { run: 'label cm c -n changing x=z', code: 1, err: /'x' already has a value \(y\), and --overwrite is false/ },
  { run: 'label cm c -n changing x=z --overwrite', out: /labeled/ },
  { run: 'label cm c -n changing x-', out: /^configmap\/c (un)?labeled/ },
  {
    run: 'label cm c -n changing x=-',
    code: 1,
    err: /a valid label must be an empty string or consist of alphanumeric characters/,
  },
  { run: 'annotate cm c -n changing note=hi', out: /^configmap\/c annotated/ },
  {
    run: 'annotate cm c -n changing note=ho --overwrite --resource-version=1',
    code: 1,
    err: /the object has been modified; please apply your changes to the latest version and try again/,
  },
  { run: 'patch cm c -n changing -p {"data":{"b":"2"}}', out: /^configmap\/c patched/ },
  { run: 'patch cm c -n changing -p {"data":{"b":"2"}}', out: /patched \(no change\)/ },
  { run: 'patch cm c -n changing --type=merge -p {"data":{"a":null}}', out: /patched/ },
  { run: 'patch cm c -n changing --type=json -p [{"op":"add","path":"/data/d","value":"4"}]', out: /patched/ },
  {
    run: 'patch cm c -n changing --type=json -p [{"op":"test","path":"/data/d","value":"5"}]',
    code: 1,
    err: /^The request is invalid/,
  },
  { run: 'edit cm c -n changing', editor: 'sed -i "s/^  d: .*/  d: edited/"', out: /^configmap\/c edited/ },
  { run: 'edit cm c -n changing', editor: 'true', err: /^Edit cancelled, no changes made/ },
  { run: 'get cm c -n changing -o jsonpath={.data}', out: /^{"b":"2","d":"edited"}$/ },
  { run: 'run p -n changing --image=nginx' },
  { run: 'set image pod/p -n changing p=nginx:2', out: /^pod\/p image updated/ },
  { run: 'set serviceaccount pod/p -n changing other', code: 1, err: /pod updates may not change fields other than/ },
  {
    run: 'set selector --local -o name -f - a=b',
    stdin: '{"apiVersion":"v1","kind":"Service","metadata":{"name":"w"}}',
    out: /^service\/w\n$/,
  },
  {
    run: 'create -f -',
    stdin: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"n-changing"}}',
    out: /^node\/n-changing created/,
  },
  { run: 'taint node n-changing k=v:NoSchedule', out: /^node\/n-changing tainted/ },
  { run: 'cordon n-changing', out: /^node\/n-changing cordoned/ },
  { run: 'get node n-changing', out: /^n-changing +Unknown,SchedulingDisabled /m },
  { run: 'drain n-changing', out: /^node\/n-changing drained/m },
  { run: 'uncordon n-changing', out: /^node\/n-changing uncordoned/ },
  { run: 'delete node n-changing', out: /^node "n-changing" deleted/ },
  { run: 'delete ns changing --wait=false' },
];

/** Who may do what, asked and granted. */
export const ACCESS: readonly KubectlStep[] = [
  { run: 'create ns access' },
  { run: 'create sa sa -n access' },
  {
    run: 'create role r -n access --verb=get,list --resource=pods',
    out: /^role\.rbac\.authorization\.k8s\.io\/r created/,
  },
  { run: 'create rolebinding rb -n access --role=r --serviceaccount=access:sa', out: /rolebinding\S*\/rb created/ },
  { run: 'create clusterrole access-cr --verb=get --resource=nodes', out: /clusterrole\S*\/access-cr created/ },
  {
    run: 'create clusterrolebinding access-crb --clusterrole=access-cr --group=g',
    out: /clusterrolebinding\S*\/access-crb created/,
  },
  { run: 'describe role r -n access', out: /^ {2}pods +\[\] +\[\] +\[get list\]\n/m },
  { run: 'set subject rolebinding rb -n access --user=bob', out: /rolebinding\S*\/rb subjects updated/ },
  { run: 'auth can-i get pods -n access', out: /^yes\n$/ },
  { run: 'auth can-i get pods -n access --as=system:serviceaccount:access:sa', out: /^yes\n$/ },
  { run: 'auth can-i get pods -n access --as=bob', out: /^yes\n$/ },
  { run: 'auth can-i delete pods -n access --as=bob', code: 1, out: /^no/ },
  { run: 'auth can-i approve signers.certificates.k8s.io --as=bob', code: 1, out: /^no/ },
  { run: 'auth can-i --list -n access --as=bob', out: /^pods +\[\] +\[\] +\[get list\]\n/m },
  { run: 'auth reconcile -f -', stdin: ROLE, out: /^role\S*\/reconciled reconciled\n/ },
  {
    run: 'get pods -A --as=bob',
    code: 1,
    err: /^Error from server \(Forbidden\): pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope\n$/,
  },
  { run: 'delete clusterrole/access-cr clusterrolebinding/access-crb', out: /deleted/ },
  { run: 'delete ns access --wait=false' },
];

/** What the server tells of itself and its kinds. */
export const DISCOVERING: readonly KubectlStep[] = [
  { run: 'version', out: /v1\.36\.2\+countersign-/ },
  { run: 'cluster-info', out: /Kubernetes control plane.* is running at .*https:\/\/127\.0\.0\.1:/ },
  { run: 'api-versions', out: /^certificates\.k8s\.io\/v1\n[^]*^countersign\.dev\/v1alpha1\n[^]*^v1\n/m },
  {
    run: 'api-resources -o wide',
    out: /^certificatesigningrequests +csr +certificates\.k8s\.io\/v1 +false +CertificateSigningRequest +\[?create.delete/m,
  },
  {
    run: 'api-resources --namespaced=false --api-group=countersign.dev -o name',
    out: /^approvalpolicies\.countersign\.dev\ncertificaterecords\.countersign\.dev\n$/,
  },
  { run: 'get --raw /readyz', out: /^ok$/ },
  { run: 'get --raw /openapi/v2', out: /^{"swagger":"2\.0",/ },
  { run: 'explain csr.spec.usages', out: /What the key shall be used for/ },
  { run: 'explain csr --recursive', out: /^ +spec\s+<.+>[^]*^ +usages\s+<\[\]string>/m },
  { run: 'explain csr.spec.nothing', code: 1, err: /field "nothing" does not exist/ },
  { run: 'explain pods.spec.containers.ports', out: /containerPort\s+<integer> -required-/ },
  { run: 'explain clustertrustbundles --api-version=certificates.k8s.io/v1alpha1', out: /Trust anchors for everybody/ },
  { run: 'explain approvalpolicies.spec.mode', out: /Enforce decides\./ },
  { run: 'explain nothing', code: 1, err: /the server doesn't have a resource type "nothing"/ },
];

const DECISION = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'waiting' },
  involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 'waiting' },
  reason: 'Tried',
  message: 'It was tried.',
  type: 'Normal',
  lastTimestamp: '2030-01-01T00:00:00Z',
});

/** What comes later is waited for, and told of by events. */
export const WAITING: readonly KubectlStep[] = [
  { run: 'create ns waiting' },
  { run: 'run p -n waiting --image=nginx' },
  {
    run: 'wait pod/p -n waiting --for=condition=Ready --timeout=1s',
    code: 1,
    err: /timed out waiting for the condition on pods\/p/,
  },
  { run: 'create -f -', stdin: DECISION, out: /^event\/e created/ },
  { run: 'get events -n waiting', out: /Normal +Tried +pod\/p +It was tried\./ },
  { run: 'get pod p -n waiting --watch --request-timeout=2s', out: /^p +0\/1 +Pending /m },
  {
    run: 'wait pod/p -n waiting --for=delete --timeout=1s',
    code: 1,
    err: /timed out waiting for the condition on pods\/p/,
  },
  { run: 'delete pod p -n waiting', out: /^pod "p" deleted/ },
  { run: 'delete ns waiting --wait=false' },
];

/** What is not here is said in one clear line. */
export const ABSENT: readonly KubectlStep[] = [
  { run: 'create ns absent' },
  { run: 'run p -n absent --image=nginx' },
  {
    run: 'logs p -n absent',
    code: 1,
    err: /^Error from server \(NotFound\): the server could not find the requested resource\n$/,
  },
  { run: 'logs nothing -n absent', code: 1, err: /pods "nothing" not found/ },
  { run: 'exec p -n absent -- ls', code: 1, err: /the server could not find the requested resource\n$/ },
  { run: 'cp absent/p:/x /dev/null', code: 1, err: /the server could not find the requested resource\n$/ },
  { run: 'top pods', code: 1, err: /^error: Metrics API not available\n$/ },
  { run: 'top nodes', code: 1, err: /^error: Metrics API not available\n$/ },
  { run: 'scale pod p -n absent --replicas=2', code: 1, err: /could not find the requested resource\n$/ },
  { run: 'rollout status pod/p -n absent', code: 1, err: /^error: no status viewer has been implemented for Pod\n$/ },
  {
    run: 'autoscale pod p -n absent --max=2',
    code: 1,
    err: /could not find scale subresource for \/v1, Resource=pods/,
  },
  { run: 'debug p -n absent --image=x', code: 1, err: /ephemeral containers are disabled for this cluster/ },
  {
    run: 'create deployment d -n absent --image=x',
    code: 1,
    err: /could not find the requested resource \(post deployments\.apps\)\n$/,
  },
  {
    run: 'create job j -n absent --image=x',
    code: 1,
    err: /could not find the requested resource \(post jobs\.batch\)\n$/,
  },
  {
    run: 'certificate approve nothing',
    code: 1,
    err: /certificatesigningrequests\.certificates\.k8s\.io "nothing" not found\n$/,
  },
  {
    run: 'apply --prune -l set=absent -n absent -f -',
    stdin: configMap('a', { metadata: { labels: { set: 'absent' } } }),
    code: 1,
    err: /no matches for kind "PersistentVolumeClaim" in version "v1"\n$/,
  },
  { run: 'delete ns absent --wait=false' },
];
