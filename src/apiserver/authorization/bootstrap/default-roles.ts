import { CERTIFICATES_GROUP } from '../../../certificates/certificate-signing-request.js';
import { MASTERS } from '../superusers.js';
import {
  groups,
  pathRule,
  READ,
  resourceRule,
  user,
  EVENTS,
  type BootstrapPolicy,
  type BootstrapRole,
} from './policy.js';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const REQUESTS = 'certificatesigningrequests';
const TRUST_BUNDLE_DISCOVERY = 'system:cluster-trust-bundle-discovery';
const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

function approver(name: string, signer: string): BootstrapRole {
  return {
    name: `system:certificates.k8s.io:${name}-approver`,
    rules: [resourceRule(['approve'], [CERTIFICATES_GROUP], ['signers'], [`kubernetes.io/${signer}`])],
  };
}

function requester(name: string): BootstrapRole {
  return {
    name: `system:certificates.k8s.io:certificatesigningrequests:${name}`,
    rules: [resourceRule(['create'], [CERTIFICATES_GROUP], [`${REQUESTS}/${name}`])],
  };
}

/** Roles of Kubernetes that have to do with the API itself, with node certificates, and with the control plane. */
export const DEFAULT_POLICY: BootstrapPolicy = {
  roles: [
    {
      name: 'cluster-admin',
      rules: [resourceRule(['*'], ['*'], ['*']), { verbs: ['*'], nonResourceURLs: ['*'] }],
    },
    {
      name: 'system:discovery',
      rules: [
        pathRule(['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz']),
        pathRule(['/version', '/version/']),
      ],
    },
    {
      name: 'system:basic-user',
      rules: [
        resourceRule(['create'], ['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']),
        resourceRule(['create'], ['authentication.k8s.io'], ['selfsubjectreviews']),
      ],
    },
    { name: 'system:public-info-viewer', rules: [pathRule(HEALTH)] },
    {
      name: 'system:service-account-issuer-discovery',
      rules: [
        pathRule([
          '/.well-known/openid-configuration',
          '/.well-known/openid-configuration/',
          '/openid/v1/jwks',
          '/openid/v1/jwks/',
        ]),
      ],
    },
    {
      name: 'system:monitoring',
      rules: [
        pathRule(['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*']),
      ],
    },
    {
      name: 'system:auth-delegator',
      rules: [
        resourceRule(['create'], ['authentication.k8s.io'], ['tokenreviews']),
        resourceRule(['create'], ['authorization.k8s.io'], ['subjectaccessreviews']),
      ],
    },
    {
      name: 'system:node-bootstrapper',
      rules: [resourceRule(['create', ...READ], [CERTIFICATES_GROUP], [REQUESTS])],
    },
    {
      name: TRUST_BUNDLE_DISCOVERY,
      rules: [resourceRule(READ, [CERTIFICATES_GROUP], ['clustertrustbundles'])],
    },
    requester('nodeclient'),
    requester('selfnodeclient'),
    approver('kube-apiserver-client', 'kube-apiserver-client'),
    approver('kube-apiserver-client-kubelet', 'kube-apiserver-client-kubelet'),
    approver('kubelet-serving', 'kubelet-serving'),
    approver('legacy-unknown', 'legacy-unknown'),
    {
      name: 'system:kube-controller-manager',
      rules: [
        EVENTS,
        resourceRule(['create'], ['coordination.k8s.io'], ['leases']),
        resourceRule(['get', 'update'], ['coordination.k8s.io'], ['leases'], ['kube-controller-manager']),
        resourceRule(['create'], [''], ['secrets', 'serviceaccounts']),
        resourceRule(['delete'], [''], ['secrets']),
        resourceRule(['get'], [''], ['configmaps', 'namespaces', 'secrets', 'serviceaccounts']),
        resourceRule(['update'], [''], ['secrets', 'serviceaccounts']),
        resourceRule(['create'], ['authentication.k8s.io'], ['tokenreviews']),
        resourceRule(['create'], ['authorization.k8s.io'], ['subjectaccessreviews']),
        resourceRule(['list', 'watch'], ['*'], ['*']),
        resourceRule(['create'], [''], ['serviceaccounts/token']),
      ],
    },
  ],
  bindings: [
    { name: 'cluster-admin', role: 'cluster-admin', subjects: groups(MASTERS) },
    { name: 'system:discovery', role: 'system:discovery', subjects: groups(AUTHENTICATED) },
    { name: 'system:basic-user', role: 'system:basic-user', subjects: groups(AUTHENTICATED) },
    {
      name: 'system:public-info-viewer',
      role: 'system:public-info-viewer',
      subjects: groups(AUTHENTICATED, UNAUTHENTICATED),
    },
    {
      name: 'system:service-account-issuer-discovery',
      role: 'system:service-account-issuer-discovery',
      subjects: groups('system:serviceaccounts'),
    },
    { name: TRUST_BUNDLE_DISCOVERY, role: TRUST_BUNDLE_DISCOVERY, subjects: groups('system:serviceaccounts') },
    { name: 'system:monitoring', role: 'system:monitoring', subjects: groups('system:monitoring') },
    {
      name: 'system:kube-controller-manager',
      role: 'system:kube-controller-manager',
      subjects: user('system:kube-controller-manager'),
    },
  ],
};
