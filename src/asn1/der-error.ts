import { CountersignError } from '../base/error.js';

/** What is wrong with an encoding. Closed, so that a caller can put each into its own words. */
export type DerProblem =
  | 'truncated-header'
  | 'truncated-content'
  | 'indefinite-length'
  | 'leading-zero-length'
  | 'non-minimal-length'
  | 'length-too-large'
  | 'high-tag'
  | 'non-minimal-tag'
  | 'tag-too-large'
  | 'tag-truncated'
  | 'missing'
  | 'unexpected-tag'
  | 'trailing-data'
  | 'empty-integer'
  | 'non-minimal-integer'
  | 'integer-too-large'
  | 'boolean'
  | 'null'
  | 'bit-string-empty'
  | 'bit-string-padding'
  | 'oid-empty'
  | 'oid-not-minimal'
  | 'oid-truncated'
  | 'oid-too-large'
  | 'string'
  | 'time'
  | 'set-order'
  | 'constructed-primitive'
  | 'too-deep'
  | 'too-large';

/** The codes that reading DER can fail with. */
export type DerErrorCode =
  'DER_NOT_CANONICAL' | 'DER_TOO_DEEP' | 'DER_TOO_LARGE' | 'DER_TRUNCATED' | 'DER_TRAILING_DATA' | 'DER_UNEXPECTED';

const ROWS: Readonly<Record<DerProblem, readonly [DerErrorCode, string]>> = {
  'truncated-header': ['DER_TRUNCATED', 'the header of an element is cut off'],
  'truncated-content': ['DER_TRUNCATED', 'an element reaches past its end'],
  'indefinite-length': ['DER_NOT_CANONICAL', 'indefinite length'],
  'leading-zero-length': ['DER_NOT_CANONICAL', 'length with a leading zero octet'],
  'non-minimal-length': ['DER_NOT_CANONICAL', 'long form of a length below 128'],
  'length-too-large': ['DER_TOO_LARGE', 'length of 2^31 or more'],
  'high-tag': ['DER_UNEXPECTED', 'tag number above 30'],
  'non-minimal-tag': ['DER_NOT_CANONICAL', 'tag number in more octets than it needs'],
  'tag-too-large': ['DER_TOO_LARGE', 'tag number of 2^31 or more'],
  'tag-truncated': ['DER_TRUNCATED', 'tag number is cut off'],
  missing: ['DER_TRUNCATED', 'an element is missing'],
  'unexpected-tag': ['DER_UNEXPECTED', 'another tag than expected'],
  'trailing-data': ['DER_TRAILING_DATA', 'octets follow the last element'],
  'empty-integer': ['DER_NOT_CANONICAL', 'INTEGER without octets'],
  'non-minimal-integer': ['DER_NOT_CANONICAL', 'INTEGER in more octets than it needs'],
  'integer-too-large': ['DER_TOO_LARGE', 'INTEGER out of range'],
  boolean: ['DER_NOT_CANONICAL', 'BOOLEAN that is neither 00 nor FF'],
  null: ['DER_NOT_CANONICAL', 'NULL with content'],
  'bit-string-empty': ['DER_NOT_CANONICAL', 'BIT STRING without its count of unused bits'],
  'bit-string-padding': ['DER_NOT_CANONICAL', 'BIT STRING with bad unused bits'],
  'oid-empty': ['DER_NOT_CANONICAL', 'OBJECT IDENTIFIER without octets'],
  'oid-not-minimal': ['DER_NOT_CANONICAL', 'OBJECT IDENTIFIER with a leading 80 in an arc'],
  'oid-truncated': ['DER_TRUNCATED', 'OBJECT IDENTIFIER that ends within an arc'],
  'oid-too-large': ['DER_TOO_LARGE', 'OBJECT IDENTIFIER with an arc of 2^31 or more'],
  string: ['DER_NOT_CANONICAL', 'character string with octets that its type does not allow'],
  time: ['DER_NOT_CANONICAL', 'time that is not in the one form DER has'],
  'set-order': ['DER_NOT_CANONICAL', 'SET OF that is out of order'],
  'constructed-primitive': ['DER_NOT_CANONICAL', 'constructed form of a primitive type, or the other way round'],
  'too-deep': ['DER_TOO_DEEP', 'nested too deeply'],
  'too-large': ['DER_TOO_LARGE', 'larger than the limit'],
};

/** Bad DER. `offset` counts octets from the start of what was given to the reader. */
export class DerError extends CountersignError<DerErrorCode> {
  readonly problem: DerProblem;
  readonly offset: number;

  constructor(problem: DerProblem, offset: number) {
    const [code, text] = ROWS[problem];
    super(code, `Cannot read DER: at offset ${offset}: ${text}`);
    this.problem = problem;
    this.offset = offset;
  }
}
