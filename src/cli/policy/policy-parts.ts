import type { ApprovalPolicy } from '../../certificates/approval-policy.js';
import type { CompiledPolicy } from '../../policy/compiled-policy.js';
import type { ExpressionEngine } from '../../policy/expression.js';
import type { ApprovalSettings } from '../../policy/settings.js';
import type { RawFlags } from '../flags.js';
import type { ReadManifest } from './manifest-facts.js';

/** What the commands about policies get from the rest of the program. */
export interface PolicyParts {
  readonly loadEngine: () => Promise<ExpressionEngine>;
  /** Reads files of policies, relative to `cwd`. */
  readonly examine: (paths: readonly string[], cwd: string, engine: ExpressionEngine) => Promise<ExaminedPolicies>;
  /** Reads a manifest by the schema of its kind. OBJECT_MALFORMED for what is none, and for unknown fields. */
  readonly readManifest: ReadManifest;
  /** What an approver is told about its cluster, by the same flags. */
  readonly settingsOf: (flags: RawFlags) => ApprovalSettings;
}

/** Files of policies: what is good in them, and everything that is not. */
export interface ExaminedPolicies {
  readonly policies: readonly { readonly policy: ApprovalPolicy; readonly compiled: CompiledPolicy }[];
  readonly problems: readonly PolicyFileProblem[];
}

/** Something that is wrong with a file. */
export interface PolicyFileProblem {
  readonly file: string;
  /** From 1; absent where the file cannot be read at all. */
  readonly document?: number;
  /** Begins with the path of the field, where it is about one. */
  readonly detail: string;
}

/** `serving.yaml, document 2: spec.signerNames[0]: …`. */
export function problemLine({ file, document, detail }: PolicyFileProblem): string {
  return `${file}${document === undefined ? '' : `, document ${document}`}: ${detail}`;
}
