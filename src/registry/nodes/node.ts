import type { KubeObject } from '../../kube/object-meta.js';

/** core/v1 Taint. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** core/v1 NodeAddress. */
export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

/** core/v1 NodeSpec, as far as the server looks at it; everything else is kept. */
export interface NodeSpec {
  readonly podCIDR?: string;
  readonly podCIDRs?: readonly string[];
  readonly providerID?: string;
  readonly unschedulable?: boolean;
  readonly taints?: readonly Taint[];
}

/** core/v1 NodeStatus, as far as the server looks at it. */
export interface NodeStatus {
  readonly capacity?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly addresses?: readonly NodeAddress[];
  readonly nodeInfo?: {
    readonly kernelVersion?: string;
    readonly osImage?: string;
    readonly containerRuntimeVersion?: string;
    readonly kubeletVersion?: string;
  };
}

/** core/v1 Node. */
export interface Node extends KubeObject {
  readonly spec: NodeSpec;
  readonly status: NodeStatus;
}
