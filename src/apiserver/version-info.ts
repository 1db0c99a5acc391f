/** What `GET /version` says. `gitVersion` must parse as a semantic version with a leading `v`. */
export interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly emulationMajor: string;
  readonly emulationMinor: string;
  readonly minCompatibilityMajor: string;
  readonly minCompatibilityMinor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

/** The Kubernetes version whose behaviour is served. */
export const KUBERNETES_VERSION = 'v1.36.2';

/** The answer of `/version` for a build of this program; `runtime` names what runs it, such as `node v20.20.2`. */
export function versionInfo(build: {
  readonly version: string;
  readonly commit?: string;
  readonly buildDate?: string;
  readonly runtime: string;
  readonly platform: string;
}): VersionInfo {
  return {
    major: '1',
    minor: '36',
    emulationMajor: '1',
    emulationMinor: '36',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '35',
    gitVersion: `${KUBERNETES_VERSION}+countersign-${build.version}`,
    gitCommit: build.commit ?? '',
    gitTreeState: 'clean',
    buildDate: build.buildDate ?? '1970-01-01T00:00:00Z',
    goVersion: build.runtime,
    compiler: 'v8',
    platform: build.platform,
  };
}
