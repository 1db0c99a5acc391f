import type { ClaimExpression } from '../apiserver/authentication/oidc/claim-mapping.js';
import { invalid, type FieldError } from '../kube/field-error.js';
import type { Compilation, ExpressionVariables, TextListEngine } from '../policy/expression.js';

const CLAIMS: ExpressionVariables = { claims: 'any' };

const CLAIMS_AND_USER: ExpressionVariables = {
  claims: 'any',
  user: {
    kind: 'record',
    fields: {
      username: 'string',
      uid: 'string',
      groups: { kind: 'list', items: 'string' },
      extra: { kind: 'map', values: { kind: 'list', items: 'string' } },
    },
  },
};

/** Compiles the expressions (CEL) of one issuer; what is wrong with them is noted with their paths. */
export class ClaimExpressions {
  readonly #engine: TextListEngine;
  readonly #errors: FieldError[];
  /** Where an expression may ask whether the address is verified. */
  readonly #asking: string[] = [];

  constructor(engine: TextListEngine, errors: FieldError[]) {
    this.#engine = engine;
    this.#errors = errors;
  }

  /** A rule about claims. */
  rule(source: string, path: string): ClaimExpression<boolean> {
    this.#asking.push(source);
    return this.#evaluation(this.#engine.compileRule(source, CLAIMS), source, path);
  }

  /** A rule about the user that the claims make. */
  userRule(source: string, path: string): ClaimExpression<boolean> {
    return this.#evaluation(this.#engine.compileRule(source, CLAIMS_AND_USER), source, path);
  }

  text(source: string, path: string): ClaimExpression<string> {
    this.#asking.push(source);
    return this.#evaluation(this.#engine.compileMessage(source, CLAIMS), source, path);
  }

  texts(source: string, path: string): ClaimExpression<readonly string[]> {
    this.#asking.push(source);
    return this.#evaluation(this.#engine.compileTexts(source, CLAIMS), source, path);
  }

  /**
   * Notes a user name that is made of the address while nothing asks whether the issuer has verified it: anybody may
   * claim any address.
   */
  checkEmail(source: string, path: string): void {
    if (!/\bclaims\s*\.\s*email\b|\bclaims\s*\[\s*(['"])email\1/.test(source)) return;
    if (this.#asking.some((each) => each.includes('email_verified'))) return;
    const detail =
      'claims.email_verified must be used in claimMappings.username.expression, claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';
    this.#errors.push(invalid(path, source, detail));
  }

  #evaluation<T>(compilation: Compilation<T>, source: string, path: string): ClaimExpression<T> {
    if (compilation.kind === 'refused') {
      // an absent expression has been noted where it was read
      if (source !== '') {
        for (const { detail } of compilation.problems) this.#errors.push(invalid(path, source, detail));
      }
      return () => ({ kind: 'error', message: 'it cannot be compiled' });
    }
    const { expression } = compilation;
    return (variables) => {
      const result = expression.evaluate(variables);
      if (result.kind !== 'exceeded') return result;
      return { kind: 'error', message: `it was stopped: its ${result.what} was exceeded` };
    };
  }
}
