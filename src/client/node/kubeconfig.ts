/** How to authenticate to an API server. */
export interface ServerCredentials {
  readonly certificatePem?: string;
  readonly keyPem?: string;
  readonly token?: string;
  /** Read again when it is older than a minute. */
  readonly tokenFile?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  /** exec or auth-provider: the text of a kubeconfig for @kubernetes/client-node, which is loaded when it is needed. */
  readonly plugin?: { readonly kubeconfig: string; readonly describe: string };
  readonly impersonate?: {
    readonly user: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra: Readonly<Record<string, readonly string[]>>;
  };
}

/** An API server and how to reach it: one context of a kubeconfig, with its files read. */
export interface ServerAccess {
  /** `https://HOST:PORT`, maybe with a path, without a trailing slash. */
  readonly server: string;
  /** Trusted roots; the system's where absent. */
  readonly caPem?: string;
  /** The name to expect in the server's certificate, where it differs from the host. */
  readonly tlsServerName?: string;
  /** Only ever true when the kubeconfig says so in as many words. */
  readonly insecureSkipTlsVerify: boolean;
  /** The context's namespace, `default` where it names none. */
  readonly namespace: string;
  readonly credentials: ServerCredentials;
  /** Where this comes from, for messages: the context's name, or `in-cluster`. */
  readonly source: string;
}

/** What decides which kubeconfig is read and what of it is used, as kubectl's flags do. */
export interface KubeconfigOptions {
  /** `--kubeconfig`: this file only, and it must exist. */
  readonly path?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly server?: string;
  /** Usually `process.env`: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its token and CA. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly inClusterFolder?: string;
}

/**
 * Finds the API server by kubectl's rules: the given file; else the files of KUBECONFIG merged; else ~/.kube/config;
 * else the pod's own service account. CONFIG_INVALID names the file and field that is wrong.
 */
export async function loadServerAccess(_options: KubeconfigOptions): Promise<ServerAccess> {
  throw new Error('not yet');
}
