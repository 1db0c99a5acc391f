import { configMap, type KubectlStep, listOf } from './kubectl-steps.js';

/** What came to kubectl after 1.20. */
export const RECENT: readonly KubectlStep[] = [
  { run: 'create ns recent' },
  { run: 'create sa sa -n recent' },
  { run: 'create token sa -n recent --duration=1h --audience=x', out: /^ey[\w-]+\.[\w-]+\.[\w-]+\n?$/ },
  { run: 'create token nobody -n recent', code: 1, err: /serviceaccounts "nobody" not found/ },
  { run: 'auth whoami', out: /^Username +kubernetes-admin\nGroups +\[system:masters system:authenticated\]\n/m },
  { run: 'auth whoami --as=bob --as-group=devs', out: /^Username +bob\nGroups +\[devs system:authenticated\]\n/m },
  { run: 'auth can-i create csr --subresource=approval', out: /^yes\n$/ },
  { run: 'run p -n recent --image=nginx' },
  { run: 'patch pod p -n recent --subresource=status --type=merge -p {"status":{"phase":"Running"}}', out: /patched/ },
  { run: 'get pod p -n recent --subresource=status', out: /^p +0\/1 +Running /m },
  { run: 'edit pod p -n recent --subresource=status', editor: 'sed -i "s/phase: .*/phase: Failed/"', out: /edited/ },
  { run: 'wait pod/p -n recent --for=jsonpath={.status.phase}=Failed --timeout=20s', out: /condition met/ },
  { run: 'wait pod/p -n recent --for=create --timeout=20s', out: /condition met/ },
  { run: 'events -n recent', err: /^No events found in recent namespace\.\n$/ },
  { run: 'events -n recent --for pod/p', err: /^No events found in recent namespace\.\n$/ },
  { run: 'annotate pod p -n recent --list', out: /^$/ },
  { run: 'label pods -n recent --all x=y', out: /^pod\/p labeled/ },
  { run: 'api-resources --categories=all -o name', out: /^pods\nservices\n$/ },
  { run: 'api-resources --sort-by=kind --verbs=watch', out: /\napprovalpolicies [^]*\nservices / },
  { run: 'explain svc --output=plaintext-openapiv2', out: /^KIND: +Service\n/ },
  { run: 'port-forward pod/p 1 -n recent', code: 1, err: /could not find the requested resource|pod is not running/ },
  { run: 'describe all -n recent', out: /^Name: +p\n/ },
  { run: 'delete ns recent --wait=false' },
];

const setOf = (...names: readonly string[]): string =>
  listOf(...names.map((name) => configMap(name, { metadata: { namespace: 'pruned', labels: { set: 'x' } } })));

/** What is no longer applied is pruned, and the server checks what clients do not know. */
export const RECENT_APPLYING: readonly KubectlStep[] = [
  { run: 'create ns pruned' },
  {
    run: 'apply -n pruned -f -',
    stdin: configMap('wrong', { dataz: 1 }),
    code: 1,
    err: /strict decoding error: unknown field "dataz"\n$/,
  },
  {
    run: 'apply -n pruned --validate=warn -f -',
    stdin: configMap('wrong', { dataz: 1 }),
    out: /created/,
    err: /^Warning: unknown field "dataz"\n$/,
  },
  {
    run: 'apply -n pruned --server-side -f -',
    stdin: configMap('wrong', { dataz: 1 }),
    code: 1,
    err: /\.dataz: field not declared in schema\n$/,
  },
  { run: 'apply -n pruned -f -', stdin: setOf('a', 'b'), out: /^configmap\/a created\nconfigmap\/b created\n$/ },
  {
    run: 'apply -n pruned --prune -l set=x --prune-allowlist=core/v1/ConfigMap -f -',
    stdin: setOf('b', 'c'),
    out: /^configmap\/b unchanged\nconfigmap\/c created\nconfigmap\/a pruned\n$/,
  },
  { run: 'diff -n pruned --server-side -f -', stdin: setOf('b', 'c'), code: 1, out: /managedFields|last-applied/ },
  { run: 'get cm -n pruned -l set=x -o name', out: /^configmap\/b\nconfigmap\/c\n$/ },
  { run: 'delete cm --all -n pruned --dry-run=server', out: /^configmap "b" deleted.* \(server dry run\)\n/ },
  { run: 'delete ns pruned --wait=false' },
];
