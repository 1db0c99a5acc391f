import type { ExpressionShape } from '../policy/expression.js';

/** A shape in words: `a string`, `a list`. */
export function shapeInWords(shape: ExpressionShape): string {
  switch (shape) {
    case 'any':
      return 'anything';
    case 'bytes':
      return 'bytes';
    case 'integer':
      return 'an integer';
    case 'boolean':
    case 'double':
    case 'string':
      return `a ${shape}`;
    default:
      return `a ${shape.kind}`;
  }
}

/** Whether values of both shapes can be compared, or one given for the other. What is not known can be anything. */
export function areLike(left: ExpressionShape, right: ExpressionShape): boolean {
  if (left === 'any' || right === 'any') return true;
  return familyOf(left) === familyOf(right);
}

function familyOf(shape: ExpressionShape): string {
  if (typeof shape !== 'string') return shape.kind === 'record' ? 'map' : shape.kind;
  return shape === 'integer' || shape === 'double' ? 'number' : shape;
}

/** The shape of a value that has one shape or the other. */
export function commonShape(left: ExpressionShape, right: ExpressionShape): ExpressionShape {
  if (left === right) return left;
  if (typeof left === 'string' || typeof right === 'string' || left.kind !== 'list' || right.kind !== 'list') {
    return 'any';
  }
  return { kind: 'list', items: commonShape(left.items, right.items) };
}
