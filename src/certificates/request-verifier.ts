export type { RequestVerifier, VerifiedRequest } from '../x509/request-verifier.js';
