import { fieldErrorText, invalid, type FieldError } from './field-error.js';
import { labelValueProblems, qualifiedNameProblems } from './names.js';
import { badRequest } from './status.js';

/** One condition on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';
  readonly values: readonly string[];
}

/** Conditions that must all hold; none at all selects everything. */
export type LabelSelector = readonly LabelRequirement[];

/** meta/v1 LabelSelector, as objects carry it. */
export interface MetaLabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/**
 * Parses the query parameter: `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k>1`, `k<1`, joined by
 * commas. Refuses bad syntax and impossible labels with 400 in the API's words.
 */
export function parseLabelSelector(text: string): LabelSelector {
  return new SelectorParser(text).parse();
}

const META_OPERATORS: Readonly<Record<string, LabelRequirement['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/**
 * The selector of an object's field. Undefined, which must match nothing, where it is absent or its operator is
 * unknown; an empty one matches everything.
 */
export function fromMetaLabelSelector(selector: MetaLabelSelector | undefined): LabelSelector | undefined {
  if (selector === undefined) return undefined;
  const requirements: LabelRequirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }));
  for (const expression of selector.matchExpressions ?? []) {
    if (!Object.hasOwn(META_OPERATORS, expression.operator)) return undefined;
    const operator = META_OPERATORS[expression.operator];
    const values = expression.values ?? [];
    const takesValues = operator === 'in' || operator === 'notin';
    if (operator === undefined || takesValues !== values.length > 0) return undefined;
    requirements.push({ key: expression.key, operator, values });
  }
  return requirements;
}

/** Whether labels meet every requirement. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>> | undefined): boolean {
  return selector.every((requirement) => {
    const value = labels !== undefined && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    return meets(requirement, value);
  });
}

function meets({ operator, values }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const [mine, bound] = [parseInt64(value), parseInt64(values[0])];
      if (mine === undefined || bound === undefined) return false;
      return operator === 'gt' ? mine > bound : mine < bound;
    }
  }
}

function parseInt64(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?[0-9]{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

type TokenKind =
  'end' | 'identifier' | 'error' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const SYMBOLS: ReadonlySet<string> = new Set(['(', ')', ',', '!', '=', '==', '!=', '>', '<']);
const SPACES = ' \t\r\n';
const BINARY = 'in, notin, =, ==, !=, gt, lt';

function isSymbol(token: string): token is Exclude<TokenKind, 'end' | 'identifier' | 'error' | 'in' | 'notin'> {
  return SYMBOLS.has(token);
}

function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    while (at < text.length && SPACES.includes(text.charAt(at))) at++;
    if (at >= text.length) {
      tokens.push({ kind: 'end', text: '' });
      return tokens;
    }
    const pair = text.slice(at, at + 2);
    const single = text.charAt(at);
    if (pair.length === 2 && isSymbol(pair)) {
      tokens.push({ kind: pair, text: pair });
      at += 2;
    } else if (isSymbol(single)) {
      tokens.push({ kind: single, text: single });
      at++;
    } else {
      const start = at;
      while (at < text.length && !SYMBOLS.has(text.charAt(at)) && !SPACES.includes(text.charAt(at))) at++;
      const word = text.slice(start, at);
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
    }
  }
}

/** Reads tokens from left to right. `in` and `notin` are operators only where an operator is wanted. */
class SelectorParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenise(text);
  }

  parse(): LabelSelector {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind === 'end') return sorted(requirements);
      if (kind !== 'identifier' && kind !== '!') {
        throw badRequest(`found '${text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next.kind === 'end') return sorted(requirements);
      if (next.kind !== ',') throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.kind !== 'identifier' && after.kind !== '!') {
        throw badRequest(`found '${after.text}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): LabelRequirement {
    const absent = this.#peek().kind === '!';
    if (absent) this.#take();
    const key = this.#take();
    if (key.kind !== 'identifier') throw broken(`found '${key.text}', expected: identifier`);
    refuse(qualifiedNameProblems(key.text).length > 0, [labelKeyError(key.text)]);
    const next = this.#peek().kind;
    if (absent) return { key: key.text, operator: '!', values: [] };
    if (next === 'end' || next === ',') return { key: key.text, operator: 'exists', values: [] };
    return this.#comparison(key.text);
  }

  #comparison(key: string): LabelRequirement {
    const token = this.#tokens[this.#at++] ?? END;
    const operator = OPERATORS[token.kind];
    if (operator === undefined) throw broken(`found '${token.text}', expected: ${BINARY}`);
    const values = operator === 'in' || operator === 'notin' ? this.#valueList() : [this.#value()];
    const errors: FieldError[] = [];
    if ((operator === 'gt' || operator === 'lt') && parseInt64(values[0]) === undefined) {
      errors.push(invalid('values[0]', values[0], "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
    values.forEach((value, i) => {
      const problems = labelValueProblems(value);
      if (problems.length > 0) errors.push(invalid(`values[${i}][${key}]`, value, problems.join('; ')));
    });
    refuse(errors.length > 0, errors);
    return { key, operator, values };
  }

  #value(): string {
    const { kind } = this.#peek();
    if (kind === 'end' || kind === ',') return '';
    const value = this.#take();
    if (value.kind !== 'identifier') throw broken(`found '${value.text}', expected: identifier`);
    return value.text;
  }

  /** `(a,b)`; an empty place between commas is the empty value. */
  #valueList(): readonly string[] {
    const open = this.#take();
    if (open.kind !== '(') throw broken(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind !== 'identifier' && first.kind !== ',' && first.kind !== ')') {
      throw broken(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = new Set<string>();
    for (;;) {
      values.add(this.#peek().kind === 'identifier' ? this.#take().text : '');
      const next = this.#take();
      if (next.kind === ')') return [...values].sort();
      if (next.kind !== ',') throw broken(`found '${next.text}', expected: ',' or ')'`);
      const after = this.#peek();
      if (after.kind !== 'identifier' && after.kind !== ',' && after.kind !== ')') {
        throw broken(`found '${after.text}', expected: ',', or identifier`);
      }
    }
  }

  #peek(): Token {
    return asWord(this.#tokens[this.#at] ?? END);
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

const END: Token = { kind: 'end', text: '' };

const OPERATORS: Readonly<Partial<Record<TokenKind, LabelRequirement['operator']>>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
  in: 'in',
  notin: 'notin',
};

function asWord(token: Token): Token {
  return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
}

function labelKeyError(key: string): FieldError {
  return invalid('<nil>', key, qualifiedNameProblems(key).join('; '));
}

function broken(detail: string): Error {
  return badRequest(`unable to parse requirement: ${detail}`);
}

function refuse(when: boolean, errors: readonly FieldError[]): void {
  if (!when) return;
  const texts = errors.map(fieldErrorText);
  throw broken(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
}

function sorted(requirements: readonly LabelRequirement[]): LabelSelector {
  return requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
