import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { FrontProxyOptions } from '../apiserver/authentication/front-proxy.js';
import { usageError } from '../cli/failure.js';
import { listFlag, repeatable, textFlag, type RawFlags } from '../cli/flags.js';

/** A front proxy, and in which headers it says whom it stands for. */
export interface FrontProxySettings extends Omit<FrontProxyOptions, 'certificates'> {
  /** The authorities of its certificate. */
  readonly caFile: string;
}

/** Adds the flags of a proxy that authenticates for this server. They are those of kube-apiserver. */
export function addFrontProxyFlags(command: Command): Command {
  return command
    .option(
      '--requestheader-client-ca-file <file>',
      'CAs of a proxy whose headers say who asks, read again when it changes',
    )
    .option('--requestheader-allowed-names <names>', 'common names that the proxy may have; default: any', repeatable)
    .option('--requestheader-username-headers <names>', 'headers of the user; default: X-Remote-User', repeatable)
    .option('--requestheader-uid-headers <names>', 'headers of its uid; default: X-Remote-Uid', repeatable)
    .option('--requestheader-group-headers <names>', 'headers of its groups; default: X-Remote-Group', repeatable)
    .option(
      '--requestheader-extra-headers-prefix <names>',
      'how headers of the rest begin; default: X-Remote-Extra-',
      repeatable,
    );
}

const HEADERS = {
  requestheaderUsernameHeaders: ['--requestheader-username-headers', 'x-remote-user'],
  requestheaderUidHeaders: ['--requestheader-uid-headers', 'x-remote-uid'],
  requestheaderGroupHeaders: ['--requestheader-group-headers', 'x-remote-group'],
  requestheaderExtraHeadersPrefix: ['--requestheader-extra-headers-prefix', 'x-remote-extra-'],
} as const;

/** Headers that the server itself goes by: a proxy that owned one would speak for more than users. */
const TAKEN = /^(?:authorization$|impersonate-)/;

/** What these flags say; undefined without a CA of the proxy. USAGE for what cannot be meant. */
export function frontProxySettings(flags: RawFlags, cwd: string): FrontProxySettings | undefined {
  const caFile = textFlag(flags, 'requestheaderClientCaFile');
  const names = (flag: keyof typeof HEADERS): readonly string[] => headersOf(flags, flag);
  const others = ['requestheaderAllowedNames', ...Object.keys(HEADERS)].some((name) => flags[name] !== undefined);
  if (caFile === undefined) {
    if (!others) return undefined;
    throw usageError('Cannot use --requestheader flags: --requestheader-client-ca-file is not given');
  }
  return {
    caFile: resolve(cwd, caFile),
    allowedNames: listFlag(flags, 'requestheaderAllowedNames'),
    usernameHeaders: names('requestheaderUsernameHeaders'),
    uidHeaders: names('requestheaderUidHeaders'),
    groupHeaders: names('requestheaderGroupHeaders'),
    extraHeaderPrefixes: names('requestheaderExtraHeadersPrefix'),
  };
}

function headersOf(flags: RawFlags, flag: keyof typeof HEADERS): readonly string[] {
  const [shown, usual] = HEADERS[flag];
  const named = listFlag(flags, flag).map((name) => name.toLowerCase());
  for (const name of named) {
    // RFC 9110 §5.6.2: a header's name is a token
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || TAKEN.test(name)) {
      throw usageError(`Cannot use ${shown}: ${JSON.stringify(name)} is no header that a proxy may set`);
    }
  }
  return named.length === 0 ? [usual] : named;
}
