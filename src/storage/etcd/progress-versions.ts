/**
 * Whether a member of this version can be asked how far watches are complete. Older ones may answer before they have
 * sent what they claim to have sent; what they tell unasked, every ten minutes by default, is right.
 */
export function answersProgress(version: string): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [major = 0, minor = 0, patch = 0] = match.slice(1).map(Number);
  if (major !== 3) return major > 3;
  if (minor === 4) return patch >= 25;
  if (minor === 5) return patch >= 8;
  return minor > 5;
}
