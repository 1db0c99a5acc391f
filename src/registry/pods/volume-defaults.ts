import type { Volume } from './pod.js';

type Json = Readonly<Record<string, unknown>>;

/** Permissions of files: 0644. */
const DEFAULT_MODE = 0o644;

/** Sources whose files have permissions. */
const WITH_MODE = ['secret', 'configMap', 'downwardAPI', 'projected'] as const;

/** A volume with what the API fills in; one without a source is an empty folder. */
export function withVolumeDefaults(volume: Volume): Volume {
  if (Object.keys(volume).length === 1) return { ...volume, emptyDir: {} };
  const filled: Record<string, unknown> = {};
  for (const name of WITH_MODE) {
    const source = partOf(volume, name);
    if (source !== undefined) filled[name] = { ...source, defaultMode: source['defaultMode'] ?? DEFAULT_MODE };
  }
  const { hostPath, downwardAPI, projected } = { ...volume, ...filled } as Readonly<Record<string, Json | undefined>>;
  if (hostPath !== undefined) filled['hostPath'] = { ...hostPath, type: hostPath['type'] ?? '' };
  if (downwardAPI !== undefined) filled['downwardAPI'] = withItemDefaults(downwardAPI);
  if (projected !== undefined) {
    filled['projected'] = { ...projected, sources: partsOf(projected, 'sources')?.map(withProjectionDefaults) ?? null };
  }
  return { ...volume, ...filled };
}

function withProjectionDefaults(projection: Json): Json {
  const downwardAPI = partOf(projection, 'downwardAPI');
  const token = partOf(projection, 'serviceAccountToken');
  return {
    ...projection,
    ...(downwardAPI === undefined ? {} : { downwardAPI: withItemDefaults(downwardAPI) }),
    ...(token === undefined
      ? {}
      : { serviceAccountToken: { ...token, expirationSeconds: token['expirationSeconds'] ?? 3600 } }),
  };
}

function withItemDefaults(source: Json): Json {
  const items = partsOf(source, 'items');
  if (items === undefined) return source;
  return {
    ...source,
    items: items.map((item) => {
      const fieldRef = partOf(item, 'fieldRef');
      return fieldRef === undefined ? item : { ...item, fieldRef: { apiVersion: 'v1', ...fieldRef } };
    }),
  };
}

function partOf(value: Json, name: string): Json | undefined {
  // a volume was decoded by its schema: these fields are messages
  return value[name] as Json | undefined;
}

function partsOf(value: Json, name: string): readonly Json[] | undefined {
  // as above: these fields are lists of messages
  return (value[name] ?? undefined) as readonly Json[] | undefined;
}
