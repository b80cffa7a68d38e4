/**
 * Whether a host is this machine, where there is nobody on the way. Names under `.localhost` are not taken for it: a
 * resolver may send them anywhere.
 */
export const isLoopback = (hostname: string): boolean => /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)
