import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64 } from '../../src/base/base64.js';
import { utf8 } from '../../src/base/bytes.js';
import { parseIp } from '../../src/base/ip-address.js';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { encodePem } from '../../src/x509/pem.js';
import { runCommand } from '../command.js';
import { type ServerProcess, startServer } from '../server-process.js';

/** Long enough for a machine that does much else; what is waited for comes in milliseconds. */
const PATIENCE = '60s';

/** What a request asks for. */
export interface Wish {
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  /** Default: countersign.dev/serving. */
  readonly signerName?: string;
}

/** A request as a workload writes it. Its key is that of its name. */
export async function requestObject(name: string, wish: Wish): Promise<object> {
  const { dns = [], ip = [], signerName = 'countersign.dev/serving' } = wish;
  const addresses = ip.map((text) => {
    const bytes = parseIp(text);
    assert.ok(bytes !== undefined, text);
    return { kind: 'ip' as const, bytes };
  });
  const subjectAltNames = [...dns.map((value) => ({ kind: 'dns' as const, value })), ...addresses];
  const der = await createCertificationRequest(await testKey(name), { subject: [], subjectAltNames });
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))),
      signerName,
      usages: ['digital signature', 'server auth'],
      expirationSeconds: 3600,
    },
  };
}

/**
 * A data folder, the server that was started on it last, and stock kubectl: as an administrator, or as a pod that has
 * nothing but its token.
 */
export class KubectlStage implements AsyncDisposable {
  readonly folder: string;
  #server: ServerProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<KubectlStage> {
    return new KubectlStage(await mkdtemp(join(tmpdir(), 'countersign-stage-')));
  }

  /** Starts a server on the folder. The one before must have been stopped. */
  async start(...args: readonly string[]): Promise<void> {
    this.#server = await startServer(args, { folder: this.folder });
    const { clusters, contexts, ...rest } = JSON.parse(await readFile(this.kubeconfig, 'utf8')) as {
      readonly clusters: readonly unknown[];
      readonly contexts: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
    };
    const anonymous = contexts.map(({ name, context: { cluster } }) => ({ name, context: { cluster, user: '' } }));
    await writeFile(this.#podKubeconfig, JSON.stringify({ ...rest, clusters, contexts: anonymous, users: [] }));
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#server?.stop(signal);
  }

  /** The administrator's. */
  get kubeconfig(): string {
    assert.ok(this.#server !== undefined);
    return this.#server.kubeconfig;
  }

  /** Where the cluster is, and no credentials. */
  get #podKubeconfig(): string {
    return join(this.folder, 'pod.kubeconfig');
  }

  /** What kubectl prints for an administrator. Fails where kubectl does. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return successOf(await runCommand('kubectl', [...args, '--kubeconfig', this.kubeconfig]));
  }

  async apply(...items: readonly object[]): Promise<void> {
    const stdin = documentsOf(items);
    successOf(await runCommand('kubectl', ['apply', '-f', '-', '--kubeconfig', this.kubeconfig], { stdin }));
  }

  /** A token that is bound to a pod of namespace `shop`, which runs as this service account. */
  async podToken(pod: string, account: string): Promise<string> {
    const bound = ['--bound-object-kind', 'Pod', '--bound-object-name', pod];
    return (await this.kubectl('create', 'token', account, '-n', 'shop', ...bound)).trim();
  }

  /** What kubectl does for a pod, which has no client certificate: only this token. */
  asPod(token: string, args: readonly string[], stdin = ''): ReturnType<typeof runCommand> {
    return runCommand('kubectl', [...args, '--token', token, '--kubeconfig', this.#podKubeconfig], { stdin });
  }

  /** A pod asks, for one certificate or several. */
  async ask(token: string, wishes: Readonly<Record<string, Wish>>): Promise<void> {
    const items = await Promise.all(Object.entries(wishes).map(([name, wish]) => requestObject(name, wish)));
    successOf(await this.asPod(token, ['create', '-f', '-'], documentsOf(items)));
  }

  /** The kubelet gives a pod of namespace `shop` its address. */
  async giveAddress(pod: string, ip: string): Promise<void> {
    const patch = JSON.stringify({ status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] } });
    await this.kubectl('patch', 'pod', pod, '-n', 'shop', '--subresource=status', '--type=merge', '-p', patch);
  }

  /** Waits for what `kubectl wait --for` can say of requests. */
  async until(what: string, ...requests: readonly string[]): Promise<void> {
    await this.kubectl('wait', 'csr', ...requests, `--for=${what}`, `--timeout=${PATIENCE}`);
  }

  /** Waits for certificates. */
  issued(...requests: readonly string[]): Promise<void> {
    return this.until('jsonpath={.status.certificate}', ...requests);
  }

  async read(request: string): Promise<CertificateSigningRequest> {
    return JSON.parse(await this.kubectl('get', 'csr', request, '-o', 'json')) as CertificateSigningRequest;
  }

  /** Follows `kubectl get ARGS --watch` until `seen` is content with what it has printed. */
  async follow(args: readonly string[], seen: (printed: string) => boolean | Promise<boolean>): Promise<string> {
    const watching = spawn('kubectl', ['get', ...args, '--watch', '--kubeconfig', this.kubeconfig], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 60_000,
    });
    let printed = '';
    try {
      for await (const text of watching.stdout) {
        printed += String(text);
        if (await seen(printed)) return printed;
      }
    } finally {
      watching.kill();
    }
    throw new Error(`It never came. kubectl get ${args.join(' ')} printed:\n${printed}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The certificate of a request, read by other code than ours. */
export function certificateOf({ status }: CertificateSigningRequest): X509Certificate {
  return new X509Certificate(Buffer.from(status.certificate ?? '', 'base64'));
}

/** A stream of JSON, as kubectl reads it. */
function documentsOf(items: readonly object[]): string {
  return items.map((item) => JSON.stringify(item)).join('\n');
}

function successOf({ code, stdout, stderr }: Awaited<ReturnType<typeof runCommand>>): string {
  assert.equal(code, 0, stderr);
  return stdout;
}
