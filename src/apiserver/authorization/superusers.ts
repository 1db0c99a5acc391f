/** The group whose members may do everything. */
export const MASTERS = 'system:masters';
