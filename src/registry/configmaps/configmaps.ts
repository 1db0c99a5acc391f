import type { FieldError } from '../../kube/field-error.js';
import { addErrors, invalid, tooLong } from '../../kube/field-error.js';
import { byteLength, dnsSubdomainProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Resource } from '../resource.js';
import { decodedLength, MAX_DATA_BYTES, validateImmutable, validateKeys } from './config-data.js';
import { configMapSchema } from './schema.js';

/** core/v1 ConfigMap. `binaryData` is base64. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): readonly FieldError[] {
  const errors = [...validateKeys(Object.keys(data), 'data')];
  for (const key of Object.keys(data)) {
    if (Object.hasOwn(binaryData, key))
      errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  addErrors(errors, validateKeys(Object.keys(binaryData), 'binaryData'));
  let bytes = 0;
  for (const value of Object.values(data)) bytes += byteLength(value);
  for (const value of Object.values(binaryData)) bytes += decodedLength(value);
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong('[]', MAX_DATA_BYTES));
  return errors;
}

/** core/v1 configmaps. */
export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  shortNames: ['cm'],
  storageVersionHash: 'qFsyl6wFWjQ=',
  schema: configMapSchema,
  keyPrefix: '/registry/configmaps/',
  strategy: {
    nameProblems: dnsSubdomainProblems,
    createOnUpdate: false,
    unconditionalUpdate: true,
    prepareForCreate: (configMap) => configMap,
    validate: validateConfigMap,
    prepareForUpdate: (next) => next,
    validateUpdate: (next, previous) => [
      ...validateImmutable(next, previous, ['data', 'binaryData']),
      ...validateConfigMap(next),
    ],
  },
  unknownFieldText: 'known',
  columns: [NAME_COLUMN, textColumn('Data', 'How many values it holds.'), AGE_COLUMN],
  cells: (configMap, now) => [
    configMap.metadata.name ?? '',
    Object.keys(configMap.data ?? {}).length + Object.keys(configMap.binaryData ?? {}).length,
    ageCell(configMap, now),
  ],
  deleteAnswer: 'status',
};
