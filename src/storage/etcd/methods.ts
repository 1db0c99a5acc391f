import type { Method } from './members.js';
import { decodeAlarms, decodeChange, decodeRange, decodeRevision, decodeStatus, decodeWatch } from './responses.js';
import type { Alarm, ChangeResponse, RangeResponse, StatusResponse, WatchResponse } from './responses.js';

/** Reads keys. */
export const RANGE: Method<RangeResponse> = { path: '/etcdserverpb.KV/Range', decode: decodeRange };
/** Changes a key if it is as expected. */
export const CHANGE: Method<ChangeResponse> = { path: '/etcdserverpb.KV/Txn', decode: decodeChange };
/** Forgets history. */
export const COMPACT: Method<number> = { path: '/etcdserverpb.KV/Compact', decode: decodeRevision };
/** Watches keys. */
export const WATCH: Method<WatchResponse> = { path: '/etcdserverpb.Watch/Watch', decode: decodeWatch };
/** How a member is. */
export const STATUS: Method<StatusResponse> = { path: '/etcdserverpb.Maintenance/Status', decode: decodeStatus };
/** The alarms of the cluster. */
export const ALARM: Method<ReadonlySet<Alarm>> = { path: '/etcdserverpb.Maintenance/Alarm', decode: decodeAlarms };
