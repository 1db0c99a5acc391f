import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { ConnectionGate, type GateLimits } from './connection-gate.js';

/** A connection from an address, with nobody behind it. */
class Peer extends EventEmitter {
  readonly name: string;
  readonly remoteAddress: string;
  destroyed = false;

  constructor(name: string) {
    super();
    this.name = name;
    this.remoteAddress = name[0] ?? '';
  }

  destroy(): void {
    this.destroyed = true;
  }
}

const LIMITS: GateLimits = { maxHandshakes: 3, maxHandshakesPerAddress: 2, maxWaiting: 4, patienceMs: 1000 };

function opened(limits: Partial<GateLimits> = {}) {
  let now = 0;
  const began: string[] = [];
  const peers = new Map<string, Peer>();
  const gate = new ConnectionGate(
    { ...LIMITS, ...limits },
    () => now,
    (socket) => began.push((socket as unknown as Peer).name),
  );
  const socketOf = (name: string): Socket => {
    const peer = peers.get(name) ?? new Peer(name);
    peers.set(name, peer);
    return peer as unknown as Socket; // the gate asks for its address, and ends it
  };
  return {
    gate,
    began,
    arrive: (...names: string[]) => {
      for (const name of names) gate.arrive(socketOf(name));
    },
    done: (name: string) => gate.done(socketOf(name)),
    pass: (ms: number) => {
      now += ms;
      gate.serve();
    },
    ended: () => [...peers.values()].filter(({ destroyed }) => destroyed).map(({ name }) => name),
  };
}

test('when too many wait, the address with most of them loses its last', () => {
  const { arrive, ended, gate } = opened();
  arrive('a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7');
  assert.deepEqual(ended(), ['a7']);
  arrive('b1', 'b2');
  assert.deepEqual(ended(), ['a6', 'a7']);
  assert.equal(gate.waiting, 4);
});

test('an address has so many handshakes at work, all have so many, and addresses take turns', () => {
  const { arrive, began, done } = opened({ maxWaiting: 100 });
  arrive('a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'b3');
  assert.deepEqual(began, ['a1', 'a2', 'b1']);
  for (const name of ['a1', 'a2', 'b1', 'a3', 'b2']) done(name);
  assert.deepEqual(began, ['a1', 'a2', 'b1', 'a3', 'b2', 'a4', 'b3', 'a5']);
});

test('who stays silent is ended when others wait, and only then', () => {
  const { arrive, pass, ended, began } = opened();
  arrive('a1', 'b1');
  pass(10_000);
  assert.deepEqual(ended(), []);
  arrive('a2', 'a3');
  assert.deepEqual(ended(), ['a1']);
  assert.deepEqual(began, ['a1', 'b1', 'a2', 'a3']);
  arrive('c1');
  assert.deepEqual(ended(), ['a1', 'b1']);
  arrive('d1');
  assert.deepEqual(ended(), ['a1', 'b1'], 'the others have only just begun');
});

test('the more wait, the sooner who stays silent is ended', () => {
  const { arrive, pass, ended } = opened();
  arrive('a1', 'a2', 'a3', 'a4', 'a5', 'a6');
  pass(333);
  assert.deepEqual(ended(), []);
  pass(1);
  assert.deepEqual(ended(), ['a1', 'a2']);
  pass(499);
  assert.deepEqual(ended(), ['a1', 'a2']);
  pass(2);
  assert.deepEqual(ended(), ['a1', 'a2', 'a3', 'a4']);
});

test('who leaves while waiting is forgotten, and leaving twice changes nothing', () => {
  const { arrive, done, began, gate } = opened();
  arrive('a1', 'a2', 'a3', 'a4');
  done('a3');
  done('a3');
  done('a1');
  done('a1');
  assert.deepEqual([began, gate.waiting, gate.begun], [['a1', 'a2', 'a4'], 0, 2]);
});

test('closing ends what has not come through', () => {
  const { arrive, gate, ended } = opened();
  arrive('a1', 'a2', 'a3');
  gate.close();
  assert.deepEqual(ended(), ['a1', 'a2', 'a3']);
  assert.deepEqual([gate.waiting, gate.begun], [0, 0]);
});
