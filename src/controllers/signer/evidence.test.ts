import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Facts } from '../../policy/facts.js';
import { recordedCase } from '../../policy/testing/records.js';
import { POD, shopFacts, SLICE } from '../../policy/testing/world.js';
import { evidenceStanding, type CacheVersions } from './evidence.js';

// The evidence of the tutorial's request: pod in 104, Service in 105, slice in 106. Its record is in 100.
const record = { metadata: { resourceVersion: '100' }, spec: recordedCase().spec };

const at =
  (pods: string | undefined, others = '900', records = others): CacheVersions =>
  (kind) =>
    kind === 'ApprovalPolicy'
      ? undefined
      : { version: kind === 'Pod' ? pods : kind === 'CertificateRecord' ? records : others };

interface Case {
  readonly name: string;
  readonly versions: CacheVersions;
  readonly facts?: Facts;
  /** `reached`, or why not; with `?` where only the live pod tells. */
  readonly expect: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'is behind where the cache of pods is one version short',
    versions: at('103'),
    expect: /^Pod shop\/web-7f was seen in version 104, which is not here yet$/,
  },
  { name: 'is behind while a cache reads everything anew', versions: at(undefined), expect: /^Pod shop\/web-7f was/ },
  {
    name: 'is behind where another cache is',
    versions: at('900', '105'),
    expect: /^EndpointSlice shop\/web-x2k9p was/,
  },
  {
    name: 'is behind where other records may be there that are older than its own',
    versions: at('900', '900', '99'),
    expect: /^its record is newer/,
  },
  {
    name: 'is not sure where versions cannot be compared and the object has another',
    versions: at('abc'),
    facts: shopFacts((facts) => facts.set('Pod', { ...POD, resourceVersion: 'abc' })),
    expect: /^\?Pod shop\/web-7f/,
  },
  {
    name: 'is not sure where versions cannot be compared and the object is not there',
    versions: at('abc'),
    facts: shopFacts((facts) => facts.remove('Pod', 'shop', 'web-7f')),
    expect: /^\?Pod shop\/web-7f/,
  },
  {
    name: 'is not sure where another object of that name has the version',
    versions: at('abc'),
    facts: shopFacts((facts) => facts.set('Pod', { ...POD, uid: 'uid-other' })),
    expect: /^\?Pod shop\/web-7f/,
  },
  { name: 'is reached where every cache is at the very version', versions: at('104', '106'), expect: /^reached$/ },
  { name: 'is reached where the caches are further', versions: at('1000'), expect: /^reached$/ },
  {
    name: 'is reached where the object went since, for the cache has seen that',
    versions: at('900'),
    facts: shopFacts((facts) => facts.remove('Pod', 'shop', 'web-7f')),
    expect: /^reached$/,
  },
  {
    name: 'is reached where versions cannot be compared and every object has the very version',
    versions: at('abc', 'def'),
    expect: /^reached$/,
  },
  {
    name: 'is not sure of a slice that does not point at the pod any more',
    versions: at('abc', 'def'),
    facts: shopFacts((facts) => facts.set('EndpointSlice', { ...SLICE, podUids: [] })),
    expect: /^\?EndpointSlice/,
  },
];

suite('evidenceStanding', () => {
  for (const { name, versions, facts = shopFacts(), expect } of CASES) {
    test(name, () => {
      const standing = evidenceStanding(record, versions, facts);
      const text = standing.kind === 'reached' ? 'reached' : `${standing.comparable ? '' : '?'}${standing.because}`;
      assert.match(text, expect);
    });
  }
});
