/** Whom to act as instead of oneself. */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** How to authenticate to an API server. */
export interface ServerCredentials {
  /** Both or neither. */
  readonly certificatePem?: string;
  readonly keyPem?: string;
  readonly token?: string;
  /** Read again when what was read is older than a minute. It wins over `token`. */
  readonly tokenFile?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  /** exec or auth-provider. */
  readonly plugin?: PluginCredentials;
  readonly impersonate?: Impersonation;
}

/** Credentials that a program or an identity provider gives: @kubernetes/client-node does that, loaded when needed. */
export interface PluginCredentials {
  /** A kubeconfig with this user only, as JSON. */
  readonly kubeconfig: string;
  /** What it is, for messages: `exec aws`. */
  readonly description: string;
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
