import type { UnixSeconds } from '../../base/clock.js';
import { ageCell } from '../columns.js';
import type { Cell } from '../resource.js';
import type { Service } from './service.js';

const NONE = '<none>';

/** What `kubectl get services` prints of one. */
export function serviceCells(service: Service, now: UnixSeconds): readonly Cell[] {
  const { spec, metadata } = service;
  return [
    metadata.name ?? '',
    spec.type ?? '',
    spec.clusterIPs?.[0] ?? NONE,
    externalIps(service),
    (spec.ports ?? []).map(portText).join(',') || NONE,
    ageCell(service, now),
    selectorText(spec.selector),
  ];
}

function portText({ port, protocol = '', nodePort = 0 }: NonNullable<Service['spec']['ports']>[number]): string {
  return nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`;
}

function selectorText(selector: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(selector).map(([name, value]) => `${name}=${value}`);
  return pairs.sort().join(',') || NONE;
}

function externalIps({ spec, status }: Service): string {
  const { externalIPs = [], externalName = '' } = spec;
  switch (spec.type) {
    case 'LoadBalancer': {
      const points = ingressText(status.loadBalancer.ingress ?? []);
      return [...(points === '' ? [] : [points]), ...externalIPs].join(',') || '<pending>';
    }
    case 'ExternalName':
      return externalName;
    default:
      return externalIPs.join(',') || NONE;
  }
}

function ingressText(ingress: NonNullable<Service['status']['loadBalancer']['ingress']>): string {
  const points = new Set(ingress.map(({ ip = '', hostname = '' }) => (ip === '' ? hostname : ip)));
  return [...points]
    .filter((point) => point !== '')
    .sort()
    .join(',');
}
