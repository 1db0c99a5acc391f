import { printable } from '../base/printable.js';
import type { LogFields, Logger } from '../base/logger.js';

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * Logs to standard error: for a person as `LEVEL message key=value`, else as one JSON object a line. Objects that are
 * no plain values are left out, so that nothing secret is printed by accident.
 */
export function createProcessLogger(options: {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  readonly now: () => number;
  readonly write: (line: string) => void;
}): Logger {
  const threshold = ORDER.indexOf(options.level);
  const at = (level: LogLevel, bound: LogFields) => {
    if (ORDER.indexOf(level) < threshold) return () => undefined;
    return (message: string, fields: LogFields = {}): void => {
      const time = new Date(options.now()).toISOString();
      const plain = plainFields({ ...bound, ...fields });
      options.write(
        options.format === 'json'
          ? `${JSON.stringify({ time, level, message, ...plain })}\n`
          : `${time} ${level.toUpperCase().padEnd(5)} ${message}${textFields(plain)}\n`,
      );
    };
  };
  const bind = (bound: LogFields): Logger => ({
    debug: at('debug', bound),
    info: at('info', bound),
    warn: at('warn', bound),
    error: at('error', bound),
    with: (fields) => bind({ ...bound, ...fields }),
  });
  return bind({});
}

type PlainFields = Readonly<Record<string, string | number | boolean>>;

function plainFields(fields: LogFields): PlainFields {
  const plain: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') plain[key] = value;
    else if (value instanceof Error) plain[key] = value.message;
  }
  return plain;
}

function textFields(fields: PlainFields): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? textValue(value) : value}`)
    .join('');
}

/** Values may be what a stranger wrote: nothing in them moves the cursor, or looks like another field. */
function textValue(value: string): string {
  return printable(/[\s"=]/.test(value) ? JSON.stringify(value) : value);
}
